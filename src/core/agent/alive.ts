import type { AgentRecord } from '../../store/agents.js'
import type { Core } from '../core.js'

/** An agent is alive while its last report is not older than `agent_down_time`. */
export function isAlive(core: Core, agent: Pick<AgentRecord, 'heartbeatAt'>, now: Date): boolean {
  return now.getTime() - Date.parse(agent.heartbeatAt) <= core.config.DEFAULT.agent_down_time * 1000
}
