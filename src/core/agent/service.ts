import { sql } from 'kysely'
import { type AgentRecord, agents, dhcpBindings, hosts } from '../../store/agents.js'
import type { Transaction } from '../../store/transaction.js'
import { patchOf } from '../attributes.js'
import { type Collection, listVisible, showVisible } from '../collection.js'
import type { Core } from '../core.js'
import { scheduleNetwork, unscheduleNetwork } from '../dhcp/schedule.js'
import { agentNotFound } from '../fault-messages.js'
import { Fault } from '../faults.js'
import type { Attributes, RequestContext, Resource, ResourceService } from '../service.js'
import { isAlive } from './alive.js'

export function agentCollection(core: Core): Collection<Resource> {
  return {
    table: agents,
    names: {},
    load: async (db, ids) => {
      const now = new Date()
      return (await agents.findIn(db, 'id', ids)).map((agent) => showAgent(core, agent, now))
    },
    // they are no project's: who may look, `get_agent` says
    visible: () => sql`1 = 1`,
    notFound: agentNotFound,
  }
}

/** `2026-11-22 06:42:04`: agents show times without zone, in UTC. */
function agentTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}

export function showAgent(core: Core, agent: AgentRecord, now: Date): Resource {
  return {
    id: agent.id,
    agent_type: agent.agentType,
    binary: agent.binary,
    topic: agent.topic,
    host: agent.host,
    admin_state_up: agent.adminStateUp,
    created_at: agentTime(agent.createdAt),
    started_at: agentTime(agent.startedAt),
    heartbeat_timestamp: agentTime(agent.heartbeatAt),
    description: agent.description,
    resources_synced: agent.resourcesSynced === null ? null : agent.resourcesSynced === 1,
    availability_zone: agent.availabilityZone,
    alive: isAlive(core, agent, now),
    configurations: agent.configurations,
  }
}

export function agentService(core: Core): ResourceService {
  const collection = agentCollection(core)
  return {
    list: (ctx, query) => listVisible(core, collection, ctx, query),
    get: (ctx, id) => core.store.read((db) => showVisible(db, collection, ctx, id)),
    async create() {
      throw new Fault('HTTPMethodNotAllowed', 405, 'Agents appear by reporting their state.')
    },
    update: (ctx, id, changes) =>
      core.store.transaction(ctx, async (tx) => {
        const agent = await requireAgent(tx, id)
        await agents.update(tx.db, { id }, fieldsOf(changes))
        // an agent that is switched off is told to serve nothing
        const served = changes.admin_state_up === undefined ? [] : await dhcpBindings.find(tx.db, { agentId: id })
        for (const { networkId } of served) tx.touch('network', networkId)
        return showAgent(core, { ...agent, ...fieldsOf(changes) }, tx.date)
      }),
    delete: (ctx, id) => core.store.transaction(ctx, (tx) => deleteAgent(core, tx, ctx, id)),
  }
}

function fieldsOf(changes: Attributes): Partial<AgentRecord> {
  return patchOf<AgentRecord>(changes, {
    admin_state_up: (adminStateUp: boolean) => ({ adminStateUp }),
    description: (description: string | null) => ({ description }),
  })
}

async function requireAgent(tx: Transaction, id: string): Promise<AgentRecord> {
  const agent = await agents.findOne(tx.db, { id })
  if (!agent) throw agentNotFound(id)
  return agent
}

/** Forgets an agent; its networks go to other agents, its host loses what the agent said of it. */
async function deleteAgent(core: Core, tx: Transaction, ctx: RequestContext, id: string): Promise<void> {
  const agent = await requireAgent(tx, id)
  await core.hooks.run('agent.before-delete', { tx, ctx, agent })
  const served = await dhcpBindings.find(tx.db, { agentId: id })
  for (const { networkId } of served) await unscheduleNetwork(core, tx, ctx, networkId, agent)
  await agents.delete(tx.db, { id })
  for (const { networkId } of served) await scheduleNetwork(core, tx, ctx, networkId)
  const left = await agents.find(tx.db, { host: agent.host })
  if (left.length === 0) await hosts.delete(tx.db, { host: agent.host })
  tx.touch('host', agent.host)
}
