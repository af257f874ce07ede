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

function isConfigured(instance: Instance, report: InstanceReport, addressesOverdue: boolean): boolean {
  if (report.state !== 'running') return false
  return instance.ports.every((port) => {
    const found = report.interfaces.find((known) => known.portId === port.portId)
    return found !== undefined && port.confirmed && (!port.dhcp || found.address !== null || addressesOverdue)
  })
}
