import type {
  AppliedMessage,
  FloatingIpsMessage,
  HaStatesMessage,
  MeteringMessage,
  ObjectError,
  PortsMessage,
  StateMessage,
} from '../../bus/contracts/messages.js'
import type { ReportSink } from '../../bus/ports.js'
import type { Core } from '../core.js'
import { systemContext } from '../system-context.js'
import { recordState } from './agent-state.js'
import { type HostMeter, Meters } from './meters.js'
import { recordPorts } from './ports-ready.js'

/** How far an agent is. */
export interface AppliedRevision {
  readonly host: string
  readonly binary: string
  readonly revision: number
  readonly errors: readonly ObjectError[]
}

export interface Reports extends ReportSink {
  /** what each agent last said it has applied */
  appliedRevisions(): readonly AppliedRevision[]
  /** what metering labels have counted, as hosts last said to this server */
  meters(): readonly HostMeter[]
  /** the last revision of the change log */
  currentRevision(): number
}

export function reportSink(core: Core): Reports {
  const applied = new Map<string, AppliedRevision>()
  const meters = new Meters(core.log)
  return {
    agentState: (report: StateMessage) => recordState(core, report),
    portsReady: (host: string, message: PortsMessage) => recordPorts(core, host, message),
    async floatingIps(host: string, { active, failed }: FloatingIpsMessage) {
      const ctx = systemContext(`floatingips@${host}`)
      await core.store.transaction(ctx, (tx) =>
        core.hooks.run('floatingips.reported', { tx, ctx, host, active, failed }),
      )
    },
    async haStates(host: string, { states }: HaStatesMessage) {
      const ctx = systemContext(`ha-states@${host}`)
      await core.store.transaction(ctx, (tx) => core.hooks.run('ha-states.reported', { tx, ctx, host, states }))
    },
    async applied(host: string, binary: string, { revision, errors }: AppliedMessage) {
      const before = applied.get(`${host}/${binary}`)
      applied.set(`${host}/${binary}`, { host, binary, revision, errors })
      if (binary === 'neutron-openvswitch-agent') await reportFailedPorts(core, host, before?.errors ?? [], errors)
    },
    metering: async (host: string, message: MeteringMessage) => meters.record(host, message),
    meters: () => meters.all(),
    appliedRevisions: () => [...applied.values()],
    currentRevision: () => core.store.revision,
  }
}

const failedPorts = (errors: readonly ObjectError[]) => errors.flatMap(({ kind, id }) => (kind === 'port' ? [id] : []))

async function reportFailedPorts(
  core: Core,
  host: string,
  before: readonly ObjectError[],
  now: readonly ObjectError[],
): Promise<void> {
  const ports = failedPorts(now)
  if (ports.length === 0 && failedPorts(before).length === 0) return
  const ctx = systemContext(`ports@${host}`)
  await core.store.transaction(ctx, (tx) => core.hooks.run('ports.failed', { tx, ctx, host, ports }))
}
