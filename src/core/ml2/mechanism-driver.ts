import type { Segment } from '../../model/cloud.js'
import type { AgentRecord } from '../../store/agents.js'
import type { PortRecord } from '../../store/ports.js'

export interface BindRequest {
  readonly port: PortRecord
  readonly host: string
  readonly segments: readonly Segment[]
  /** agents of the host that are alive, and have what was allocated for the port */
  readonly agents: readonly AgentRecord[]
}

export interface Binding {
  readonly vifType: string
  readonly vifDetails: Readonly<Record<string, unknown>>
}

/** A way to wire ports on hosts. Drivers are asked in the order of `mechanism_drivers`. */
export interface MechanismDriver {
  readonly name: string
  /** how this driver would wire the port on the host; null when it cannot */
  bind(request: BindRequest): Binding | null
  /** whether it could wire ports of the segment on a host with these agents */
  reaches(agents: readonly AgentRecord[], segment: Segment): boolean
}
