import { sql } from 'kysely'
import { OWNER } from '../../model/owners.js'
import { chunks, type Db } from '../../store/table.js'

/**
 * Which hosts have which distributed routers, asked of the database for one host or one router. It is the rule that
 * the projection of the bus applies to the whole cloud (`bus/projection/placement.ts`): a router is where one of its
 * subnets has a serviced port, and where a router that shares a subnet with it is.
 */
const SERVICED = sql`(p.device_owner like 'compute:%' or p.device_owner in ('trunk:subport', ${OWNER.dhcp}))
  and p.vif_type = 'ovs' and p.host_id <> ''`

/** Distributed routers that instances on the host bring there, sorted. */
export async function routersReaching(db: Db, host: string): Promise<string[]> {
  const { rows } = await sql<{ subnet_id: string }>`
    select distinct i.subnet_id from ports p join ip_allocations i on i.port_id = p.id
    where ${SERVICED} and p.host_id = ${host}`.execute(db)
  const { routers } = await spread(
    db,
    rows.map(({ subnet_id }) => subnet_id),
  )
  return [...routers].sort()
}

/** Hosts to which instances bring the distributed router, sorted. */
export async function hostsReached(db: Db, routerId: string): Promise<string[]> {
  const start = await links(db, sql`p.device_id`, [routerId])
  const { subnets } = await spread(
    db,
    start.map(({ subnetId }) => subnetId),
  )
  const hosts = new Set<string>()
  for (const part of chunks([...subnets])) {
    const { rows } = await sql<{ host_id: string }>`
      select distinct p.host_id from ports p join ip_allocations i on i.port_id = p.id
      where ${SERVICED} and i.subnet_id in (${sql.join(part)})`.execute(db)
    for (const { host_id } of rows) hosts.add(host_id)
  }
  return [...hosts].sort()
}

interface Link {
  readonly routerId: string
  readonly subnetId: string
}

/** Interfaces of distributed routers that are up, by subnet or by router. */
async function links(db: Db, column: ReturnType<typeof sql>, values: readonly string[]): Promise<Link[]> {
  const found: Link[] = []
  for (const part of chunks(values)) {
    const { rows } = await sql<{ router_id: string; subnet_id: string }>`
      select r.id as router_id, i.subnet_id from ports p join ip_allocations i on i.port_id = p.id
      join routers r on r.id = p.device_id
      where p.device_owner = ${OWNER.distributedRouterInterface} and r.admin_state_up = 1
        and ${column} in (${sql.join(part)})`.execute(db)
    found.push(...rows.map((row) => ({ routerId: row.router_id, subnetId: row.subnet_id })))
  }
  return found
}

/** Everything that can be reached from some subnets over routers, going from the new subnets to new routers and on. */
async function spread(db: Db, from: readonly string[]): Promise<{ routers: Set<string>; subnets: Set<string> }> {
  const routers = new Set<string>()
  const subnets = new Set(from)
  let fresh = [...subnets]
  while (fresh.length > 0) {
    const met = new Set((await links(db, sql`i.subnet_id`, fresh)).map(({ routerId }) => routerId))
    const unknown = [...met].filter((id) => !routers.has(id))
    for (const id of unknown) routers.add(id)
    fresh = []
    for (const { subnetId } of await links(db, sql`p.device_id`, unknown)) {
      if (subnets.has(subnetId)) continue
      subnets.add(subnetId)
      fresh.push(subnetId)
    }
  }
  return { routers, subnets }
}
