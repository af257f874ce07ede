import { sql } from 'kysely'
import type { CloudRouter, Route } from '../model/cloud.js'
import { type ConntrackHelperRecord, conntrackHelpersOf, renderConntrackHelper } from './conntrack-helpers.js'
import { haRouterAgents, vrIdsOf } from './ha-routers.js'
import { ndpProxiesOf } from './ndp-proxies.js'
import { standardColumns } from './standard-attributes.js'
import { chunks, type Db, flag, json, type RecordOf, Table, text, textOrNull } from './table.js'

export const routers = new Table('routers', {
  ...standardColumns,
  name: text('name'),
  adminStateUp: flag('admin_state_up'),
  status: text('status'),
  distributed: flag('distributed'),
  gatewayPortId: textOrNull('gateway_port_id'),
  gatewayNetworkId: textOrNull('gateway_network_id'),
  enableSnat: flag('enable_snat'),
  routes: json<readonly Route[]>('routes'),
  availabilityZoneHints: json<readonly string[]>('availability_zone_hints'),
  flavorId: textOrNull('flavor_id'),
  ha: flag('ha'),
  gatewayQosPolicyId: textOrNull('gateway_qos_policy_id'),
  /** false also as long as there is no gateway */
  enableNdpProxy: flag('enable_ndp_proxy'),
})

/**
 * The agent that has a router's central part: its snat namespace (distributed) or all of it (legacy). A highly available
 * router has several (`haRouterAgents`); here is the active one, or the one that is to be it until there is one.
 */
export const routerBindings = new Table('router_bindings', { routerId: text('router_id'), agentId: text('agent_id') })

export type RouterRow = RecordOf<typeof routers.columns>

/** The bound agent of a router. */
export interface CentralAgent {
  readonly agentId: string
  readonly host: string
  readonly availabilityZone: string | null
}

export interface RouterRecord extends RouterRow {
  readonly central: CentralAgent | null
  /** sorted by id */
  readonly conntrackHelpers: readonly ConntrackHelperRecord[]
}

export async function loadRouters(db: Db, ids: readonly string[]): Promise<RouterRecord[]> {
  const central = await centralAgents(db, ids)
  const helpers = await conntrackHelpersOf(db, ids)
  return (await routers.findIn(db, 'id', ids)).map((row) => ({
    ...row,
    central: central.get(row.id) ?? null,
    conntrackHelpers: helpers.get(row.id) ?? [],
  }))
}

async function centralAgents(db: Db, ids: readonly string[]): Promise<Map<string, CentralAgent>> {
  const found = new Map<string, CentralAgent>()
  for (const part of chunks(ids)) {
    const { rows } = await sql<{ router_id: string; id: string; host: string; availability_zone: string | null }>`
      select b.router_id, a.id, a.host, a.availability_zone from router_bindings b join agents a on a.id = b.agent_id
      where b.router_id in (${sql.join(part)})`.execute(db)
    for (const { router_id, id, host, availability_zone } of rows) {
      found.set(router_id, { agentId: id, host, availabilityZone: availability_zone })
    }
  }
  return found
}

export async function loadRouter(db: Db, id: string): Promise<RouterRecord | undefined> {
  return (await loadRouters(db, [id]))[0]
}

/**
 * As `loadRouter`, and no other transaction changes the router or its ports until this one ends: writers of a router
 * come through here first, so that checks against its other interfaces hold on a database with several writers.
 */
export async function lockRouter(db: Db, id: string): Promise<RouterRecord | undefined> {
  await sql`update routers set id = id where id = ${id}`.execute(db)
  return loadRouter(db, id)
}

/** Ids of routers whose central part is on the agent, sorted. */
export async function routersOfAgent(db: Db, agentId: string): Promise<string[]> {
  const [bound, ha] = [await routerBindings.find(db, { agentId }), await haRouterAgents.find(db, { agentId })]
  return [...new Set([...bound, ...ha].map(({ routerId }) => routerId))].sort()
}

/** Agent id -> number of routers bound to it. Agents without any are not listed. */
export async function agentLoads(db: Db): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ agent_id: string; n: number }>`
    select agent_id, count(*) as n from (
      select router_id, agent_id from router_bindings union select router_id, agent_id from ha_router_agents
    ) placed group by agent_id`.execute(db)
  return new Map(rows.map(({ agent_id, n }) => [agent_id, Number(n)]))
}

/** Ids of routers that have no agent, sorted. */
export async function unboundRouters(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from routers where id not in (select router_id from router_bindings) order by id`.execute(db)
  return rows.map(({ id }) => id)
}

export async function renderRouters(db: Db, ids: readonly string[]): Promise<CloudRouter[]> {
  const vrIds = await vrIdsOf(db, ids)
  const proxies = await ndpProxiesOf(db, ids)
  return (await loadRouters(db, ids)).map((router) => ({
    kind: 'router',
    id: router.id,
    projectId: router.projectId,
    name: router.name,
    adminStateUp: router.adminStateUp,
    distributed: router.distributed,
    gatewayPortId: router.gatewayPortId,
    externalNetworkId: router.gatewayNetworkId,
    enableSnat: router.enableSnat,
    routes: router.routes,
    centralHost: router.central?.host ?? null,
    ...(router.gatewayQosPolicyId !== null && { gatewayQosPolicyId: router.gatewayQosPolicyId }),
    ...(router.conntrackHelpers.length > 0 && { conntrackHelpers: router.conntrackHelpers.map(renderConntrackHelper) }),
    ...(router.enableNdpProxy && { ndpProxies: proxies.get(router.id) ?? [] }),
    ...(vrIds.has(router.id) && { ha: { vrId: vrIds.get(router.id)! } }),
  }))
}
