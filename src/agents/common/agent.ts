import type { AgentType, MeteringMessage, ObjectError } from '../../bus/contracts/messages.js'
import type { HostView } from '../../bus/contracts/view.js'

/** Why an apply runs. `audit` and `resync` read the data plane back instead of trusting what was written before. */
export type ApplyReason = 'change' | 'local' | 'retry' | 'audit' | 'resync'

export interface ApplyOutcome {
  /** commands or transactions that changed the data plane; 0 when everything was as desired */
  readonly writes: number
  /** objects that could not be brought about; everything else was */
  readonly errors: readonly ObjectError[]
  /** complete list of port ids that are finished on this host (OVS agent: wired; DHCP agent: served) */
  readonly readyPorts?: readonly string[]
  /** ids of ports that are plugged in here and do not belong here (yet): instances on their way (OVS agent) */
  readonly waitingPorts?: readonly string[]
  /** floating IP ids that answer / could not be set up (L3 agent) */
  readonly activeFloatingIps?: readonly string[]
  readonly failedFloatingIps?: readonly string[]
  /** what VRRP has made of this host's part, by id of each highly available router here (L3 agent) */
  readonly haStates?: Readonly<Record<string, 'active' | 'standby'>>
}

/** Tells the server; false when it cannot be reached now: nothing is kept for later. */
export type Report = (message: MeteringMessage) => boolean

/**
 * What differs from agent to agent. The runtime owns the stream, coalesces changes, retries with back-off,
 * reports; an agent turns a view into a data plane.
 */
export interface Agent {
  readonly binary: string
  readonly agentType: AgentType
  readonly topic: string
  readonly availabilityZone: string | null
  /** which aspect `readyPorts` reports; null when the agent reports none */
  readonly portAspect: 'l2' | 'dhcp' | null
  /** for `agent-show`; asked before every report */
  configurations(): Record<string, unknown>
  /** connects to what the agent needs on its host; `kick` asks the runtime for an apply (a local event, drift) */
  start(kick: (reason: ApplyReason) => void, report: Report): Promise<void>
  /** brings the host to what `view` says; never runs twice at once; rejects only for faults of the agent itself */
  apply(view: HostView, reason: ApplyReason): Promise<ApplyOutcome>
  /** lets go of sockets; the data plane stays */
  stop(): Promise<void>
}
