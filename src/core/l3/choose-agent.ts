import type { AgentRecord } from '../../store/agents.js'

export type L3Mode = 'legacy' | 'dvr' | 'dvr_snat' | 'dvr_no_external'

export function l3Mode(agent: AgentRecord): L3Mode {
  const mode = agent.configurations.agent_mode
  return mode === 'dvr' || mode === 'dvr_snat' || mode === 'dvr_no_external' ? mode : 'legacy'
}

/** Whether an agent may have the central part of a router: all of a legacy one, the snat of a distributed one. */
export function mayHost(mode: L3Mode, distributed: boolean): boolean {
  return mode === 'dvr_snat' || (mode === 'legacy' && !distributed)
}

export interface Wish {
  readonly distributed: boolean
  readonly availabilityZoneHints: readonly string[]
}

/**
 * The agent for a router's central part: of those that may have it, the one with the fewest routers, then the first
 * by host name, so that equal clouds choose equally. Null when there is none.
 */
export function chooseAgent(
  agents: readonly AgentRecord[],
  loads: ReadonlyMap<string, number>,
  { distributed, availabilityZoneHints }: Wish,
): AgentRecord | null {
  const fit = agents
    .filter((agent) => mayHost(l3Mode(agent), distributed))
    .filter(
      ({ availabilityZone }) =>
        availabilityZoneHints.length === 0 || availabilityZoneHints.includes(availabilityZone ?? ''),
    )
  const load = ({ id }: AgentRecord) => loads.get(id) ?? 0
  return [...fit].sort((a, b) => load(a) - load(b) || (a.host < b.host ? -1 : 1))[0] ?? null
}
