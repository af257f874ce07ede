import { agents } from '../../store/agents.js'
import type { Db } from '../../store/table.js'
import { listComputed } from '../collection.js'
import type { Core } from '../core.js'
import { Fault } from '../faults.js'
import type { Resource, ResourceService } from '../service.js'
import { isAlive } from './alive.js'

const RESOURCE_OF: Readonly<Record<string, string>> = { 'DHCP agent': 'network', 'L3 agent': 'router' }

const notFound = (zone: string) =>
  new Fault('AvailabilityZoneNotFound', 404, `AvailabilityZone ${zone} could not be found.`)

/** Hints name zones that agents for such a resource are in, or were in before they died. */
export async function checkZoneHints(db: Db, resource: 'network' | 'router', hints: readonly string[]): Promise<void> {
  if (hints.length === 0) return
  const known = (await agents.find(db, {})).filter(({ agentType }) => RESOURCE_OF[agentType] === resource)
  const unknown = hints.find((hint) => !known.some(({ availabilityZone }) => availabilityZone === hint))
  if (unknown !== undefined) throw notFound(unknown)
}

const refuse = async (): Promise<never> => {
  throw new Fault('HTTPMethodNotAllowed', 405, 'Availability zones follow from the agents.')
}

/** Zones that DHCP agents (for networks) and L3 agents (for routers) are in; available while one of them can serve. */
export function availabilityZoneService(core: Core): ResourceService {
  async function zones(): Promise<Resource[]> {
    const now = new Date()
    const found = new Map<string, Resource>()
    for (const agent of await core.store.read((db) => agents.find(db, {}))) {
      const resource = RESOURCE_OF[agent.agentType]
      if (!resource || !agent.availabilityZone) continue
      const id = `${resource}/${agent.availabilityZone}`
      const serves = agent.adminStateUp && isAlive(core, agent, now)
      const state = serves || found.get(id)?.state === 'available' ? 'available' : 'unavailable'
      found.set(id, { id, name: agent.availabilityZone, resource, state })
    }
    return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }
  return {
    list: async (_ctx, query) => listComputed(await zones(), query),
    async get(_ctx, id) {
      const zone = (await zones()).find((candidate) => candidate.id === id || candidate.name === id)
      if (!zone) throw notFound(id)
      return zone
    },
    create: refuse,
    update: refuse,
    delete: refuse,
  }
}
