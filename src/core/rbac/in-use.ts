/**
 * Whether a project lives on access that is about to end. Somebody who has access by another policy as well loses
 * nothing: everybody's policy covers a single project's, and single policies cover their projects for everybody's.
 */
import { sql } from 'kysely'
import { EVERYBODY, rbacPolicies, type SharedType, type SharingAction } from '../../store/rbac-policies.js'
import type { Condition, Db } from '../../store/table.js'

interface Owned {
  readonly id: string
  readonly projectId: string
}

/**
 * Condition on `project_id`: the projects that lose access when the policy for `target` ends. Null: none. As Neutron
 * counts, the owner loses everybody's access too, though not to networks: what it uses itself stays shared.
 */
async function losers(
  db: Db,
  objectType: SharedType,
  object: Owned,
  action: SharingAction,
  target: string,
): Promise<Condition | null> {
  const policies = await rbacPolicies.find(db, { objectType, objectId: object.id, action })
  const others = policies.map(({ targetProject }) => targetProject).filter((project) => project !== target)
  if (target === EVERYBODY) {
    const owner = objectType === 'network' ? [object.projectId] : []
    return sql`project_id not in (${sql.join(['', ...owner, ...others])})`
  }
  if (target === object.projectId || others.includes(EVERYBODY)) return null
  return sql`project_id = ${target}`
}

async function exists(db: Db, statement: Condition): Promise<boolean> {
  const { rows } = await sql`${statement} limit 1`.execute(db)
  return rows.length > 0
}

/** Ports on a network of projects that would no longer see it. */
export async function portsOfOthers(db: Db, network: Owned, target: string): Promise<boolean> {
  const who = await losers(db, 'network', network, 'access_as_shared', target)
  return who !== null && exists(db, sql`select 1 from ports where network_id = ${network.id} and ${who}`)
}

/** Routers with their gateway on an external network, of projects that would no longer see it. */
export async function gatewaysOfOthers(db: Db, network: Owned, target: string): Promise<boolean> {
  const who = await losers(db, 'network', network, 'access_as_external', target)
  if (who === null) return false
  const routers = sql`select 1 from routers where gateway_network_id = ${network.id} and ${who}`
  const floatingIps = sql`select 1 from floating_ips where floating_network_id = ${network.id} and ${who}`
  return (await exists(db, routers)) || exists(db, floatingIps)
}

/** Ports that projects filter with a group they would no longer see. */
export async function groupUsersOfOthers(db: Db, group: Owned, target: string): Promise<boolean> {
  const who = await losers(db, 'security_group', group, 'access_as_shared', target)
  if (who === null) return false
  const ports = sql`select 1 from ports where ${who}
    and id in (select port_id from port_security_groups where security_group_id = ${group.id})`
  const rules = sql`select 1 from security_group_rules where remote_group_id = ${group.id} and ${who}`
  return (await exists(db, ports)) || exists(db, rules)
}

/** Subnets that projects took from a pool they would no longer see. */
export async function poolUsersOfOthers(db: Db, pool: Owned, target: string): Promise<boolean> {
  const who = await losers(db, 'subnetpool', pool, 'access_as_shared', target)
  return who !== null && exists(db, sql`select 1 from subnets where subnetpool_id = ${pool.id} and ${who}`)
}

/** Pools that projects have in a scope they would no longer see. */
export async function scopeUsersOfOthers(db: Db, scope: Owned, target: string): Promise<boolean> {
  const who = await losers(db, 'address_scope', scope, 'access_as_shared', target)
  return who !== null && exists(db, sql`select 1 from subnetpools where address_scope_id = ${scope.id} and ${who}`)
}

/** Rules of projects that name an address group they would no longer see. */
export async function addressGroupUsersOfOthers(db: Db, group: Owned, target: string): Promise<boolean> {
  const who = await losers(db, 'address_group', group, 'access_as_shared', target)
  return (
    who !== null &&
    exists(db, sql`select 1 from security_group_rules where remote_address_group_id = ${group.id} and ${who}`)
  )
}

/** Networks and ports of projects under a policy they would no longer see. */
export async function policyUsersOfOthers(db: Db, policy: Owned, target: string): Promise<boolean> {
  const who = await losers(db, 'qos_policy', policy, 'access_as_shared', target)
  if (who === null) return false
  const users = (table: 'networks' | 'ports' | 'floating_ips' | 'routers', column = 'qos_policy_id') =>
    exists(db, sql`select 1 from ${sql.table(table)} where ${sql.ref(column)} = ${policy.id} and ${who}`)
  return (
    (await users('networks')) ||
    (await users('ports')) ||
    (await users('floating_ips')) ||
    users('routers', 'gateway_qos_policy_id')
  )
}
