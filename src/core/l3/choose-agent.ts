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

type Loads = ReadonlyMap<string, number>

/**
 * The agent for a router's central part: of those that may have it, the one with the fewest routers, then the first
 * by host name, so that equal clouds choose equally. Null when there is none.
 */
export function chooseAgent(agents: readonly AgentRecord[], loads: Loads, wish: Wish): AgentRecord | null {
  return fitting(agents, loads, wish)[0] ?? null
}

/**
 * Agents for a highly available router, beside those it has (`taken`), until it has `max` (0: as many as there are): each
 * from a zone with the fewest of its agents so far, in the order of `chooseAgent`.
 */
export function chooseAgents(
  agents: readonly AgentRecord[],
  loads: Loads,
  wish: Wish,
  taken: readonly AgentRecord[],
  max: number,
): AgentRecord[] {
  const has = new Set(taken.map(({ id }) => id))
  const left = fitting(agents, loads, wish).filter(({ id }) => !has.has(id))
  const chosen: AgentRecord[] = []
  while (left.length > 0 && (max === 0 || taken.length + chosen.length < max)) {
    const inZone = ({ availabilityZone }: AgentRecord) =>
      [...taken, ...chosen].filter((each) => each.availabilityZone === availabilityZone).length
    const fewest = Math.min(...left.map(inZone))
    const [next] = left.splice(
      left.findIndex((each) => inZone(each) === fewest),
      1,
    )
    chosen.push(next!)
  }
  return chosen
}

/** Agents that may have the central part, in the order in which they are preferred. */
function fitting(
  agents: readonly AgentRecord[],
  loads: Loads,
  { distributed, availabilityZoneHints }: Wish,
): AgentRecord[] {
  const load = ({ id }: AgentRecord) => loads.get(id) ?? 0
  return agents
    .filter((agent) => mayHost(l3Mode(agent), distributed))
    .filter(
      ({ availabilityZone }) =>
        availabilityZoneHints.length === 0 || availabilityZoneHints.includes(availabilityZone ?? ''),
    )
    .sort((a, b) => load(a) - load(b) || (a.host < b.host ? -1 : 1))
}
