import type { InstanceReport } from '../bus/messages.js'
import type { Instance, TaskState, VmState } from './instance.js'

export type Progress =
  | { readonly kind: 'wait' }
  | { readonly kind: 'reached'; readonly vmState: VmState; readonly taskState: TaskState }
  | { readonly kind: 'failed'; readonly message: string }

const WAIT: Progress = { kind: 'wait' }

/**
 * Whether what a host reports is what an instance is waiting for. Pure, and independent of how the report came about.
 * `addressesOverdue`: the time for DHCP is over; an instance without address is ACTIVE all the same, as any guest is.
 */
export function progress(instance: Instance, report: InstanceReport, addressesOverdue: boolean): Progress {
  if (report.state === 'failed')
    return { kind: 'failed', message: report.fault ?? 'the host could not set up the instance' }
  if (report.generation !== instance.generation) return WAIT
  switch (instance.taskState) {
    case 'spawning':
      return isConfigured(instance, report, addressesOverdue) ? reached('active') : WAIT
    case 'migrating':
    case 'resize_finish':
    case 'resize_reverting':
      return moved(instance, report, addressesOverdue)
    case 'powering-off':
      return report.state === 'stopped' ? reached('stopped') : WAIT
    case 'powering-on':
    case 'rebooting':
    case 'rebooting_hard':
      return isConfigured(instance, report, addressesOverdue) ? reached('active') : WAIT
    default:
      return WAIT
  }
}

function reached(vmState: VmState): Progress {
  return { kind: 'reached', vmState, taskState: null }
}

/** What the old host says is of the time before. A stopped instance needs no more than its interfaces. */
function moved(instance: Instance, report: InstanceReport, addressesOverdue: boolean): Progress {
  if (instance.host !== instance.migration?.to) return WAIT
  const rest = stateAtRest(instance)
  const there = rest === 'stopped' ? report.state === 'stopped' : isConfigured(instance, report, addressesOverdue)
  if (!there) return WAIT
  return reached(instance.taskState === 'resize_finish' ? 'resized' : rest)
}

/** State of an instance to which nothing is being done. */
export function stateAtRest({ power }: Pick<Instance, 'power'>): 'active' | 'stopped' {
  return power === 'running' ? 'active' : 'stopped'
}

function isConfigured(instance: Instance, report: InstanceReport, addressesOverdue: boolean): boolean {
  if (report.state !== 'running') return false
  return instance.ports.every((port) => {
    const found = report.interfaces.find((known) => known.portId === port.portId)
    return found !== undefined && port.confirmed && (!port.dhcp || found.address !== null || addressesOverdue)
  })
}
