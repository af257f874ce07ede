import { sql } from 'kysely'
import { isRouterInterface, OWNER } from '../../model/owners.js'
import { loadRouter } from '../../store/routers.js'
import type { Db } from '../../store/table.js'
import { scopesNotJoined, translatedWithinScope } from './faults.js'

interface Attached {
  readonly version: number
  /** null: the scope of everything that is in none */
  readonly scope: string | null
  readonly outside: boolean
}

/**
 * Between address scopes nothing is routed (addresses may repeat), and within one nothing is translated. A router is
 * not set up in a way that would break this. Run after a change of its interfaces, gateway or their scopes.
 */
export async function checkScopes(db: Db, routerId: string): Promise<void> {
  const attached = await attachedScopes(db, routerId)
  if (attached.every(({ scope }) => scope === null)) return
  const translates = (await loadRouter(db, routerId))!.enableSnat
  for (const version of [4, 6]) {
    const here = attached.filter((one) => one.version === version)
    const inside = new Set(here.filter(({ outside }) => !outside).map(({ scope }) => scope))
    const outside = new Set(here.filter((one) => one.outside).map(({ scope }) => scope))
    if (inside.size > 1) throw scopesNotJoined(routerId)
    const [scope] = inside
    if (scope === undefined || outside.size === 0) continue
    // IPv6 is not translated, so inside and outside are joined by routing
    if (version === 6 && (outside.size > 1 || !outside.has(scope))) throw scopesNotJoined(routerId)
    if (version === 4 && scope !== null && outside.has(scope) && translates) throw translatedWithinScope(routerId)
  }
}

async function attachedScopes(db: Db, routerId: string): Promise<Attached[]> {
  const { rows } = await sql<{ device_owner: string; ip_version: number; address_scope_id: string | null }>`
    select distinct ports.device_owner, s.ip_version, p.address_scope_id
    from ports join ip_allocations a on a.port_id = ports.id join subnets s on s.id = a.subnet_id
    left join subnetpools p on p.id = s.subnetpool_id where ports.device_id = ${routerId}`.execute(db)
  return rows
    .filter(({ device_owner }) => isRouterInterface(device_owner) || device_owner === OWNER.routerGateway)
    .map((row) => ({
      version: Number(row.ip_version),
      scope: row.address_scope_id,
      outside: row.device_owner === OWNER.routerGateway,
    }))
}

/** Routers that reach a subnet of the pool. */
export async function routersOfPool(db: Db, subnetpoolId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct routers.id from routers join ports on ports.device_id = routers.id
    join ip_allocations a on a.port_id = ports.id join subnets s on s.id = a.subnet_id
    where s.subnetpool_id = ${subnetpoolId}`.execute(db)
  return rows.map(({ id }) => id)
}
