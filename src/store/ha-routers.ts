import { sql } from 'kysely'
import { chunks, type Db, int, Table, text, word } from './table.js'

/** What an agent says of its part of a highly available router. */
export type HaState = 'active' | 'standby'

/** The network on which the agents of a project's highly available routers find each other. */
export const haNetworks = new Table('ha_networks', { projectId: text('project_id'), networkId: text('network_id') })

/** The number by which VRRP tells the routers of one network apart, 1 to 254. */
export const haVrIds = new Table('ha_vrids', {
  routerId: text('router_id'),
  networkId: text('network_id'),
  vrId: int('vr_id'),
})

/** The agents of a highly available router, with the port of each on the project's HA network. */
export const haRouterAgents = new Table('ha_router_agents', {
  routerId: text('router_id'),
  agentId: text('agent_id'),
  portId: text('port_id'),
  state: word<HaState>('state'),
})

/** Router id -> its number, of those that are highly available. */
export async function vrIdsOf(db: Db, routerIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await haVrIds.findIn(db, 'routerId', routerIds)
  return new Map(rows.map(({ routerId, vrId }) => [routerId, vrId]))
}

/** Router id -> availability zones of its agents, sorted; of those that are highly available. */
export async function haZones(db: Db, routerIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const zones = new Map<string, string[]>()
  for (const part of chunks(routerIds)) {
    const { rows } = await sql<{ router_id: string; zone: string }>`
      select distinct h.router_id, a.availability_zone as zone from ha_router_agents h join agents a on a.id = h.agent_id
      where a.availability_zone is not null and h.router_id in (${sql.join(part)}) order by zone`.execute(db)
    for (const { router_id, zone } of rows) zones.set(router_id, [...(zones.get(router_id) ?? []), zone])
  }
  return zones
}

/** Ids of highly available routers with fewer agents than `max`, sorted; 0: all routers, each may want every agent. */
export async function haRoutersWithRoom(db: Db, max: number): Promise<string[]> {
  const placed = sql`(select count(*) from ha_router_agents h where h.router_id = r.id)`
  const { rows } = await sql<{ id: string }>`
    select r.id from routers r where r.ha = 1 ${max === 0 ? sql`` : sql`and ${placed} < ${max}`} order by r.id`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}
