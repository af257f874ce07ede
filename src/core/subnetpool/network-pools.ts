/** A network's subnets of one IP version come from one pool, or from pools of one address scope. */
import { sql } from 'kysely'
import type { SubnetpoolRow } from '../../store/subnetpools.js'
import type { Db } from '../../store/table.js'
import { otherPoolOnNetwork, otherScopeOnNetwork } from './faults.js'

/** Refuses a subnet from `pool` on a network whose subnets come from elsewhere. */
export async function checkNetworkPools(db: Db, networkId: string, pool: SubnetpoolRow): Promise<void> {
  const { rows } = await sql<{ id: string; address_scope_id: string | null }>`
    select distinct p.id, p.address_scope_id from subnets s join subnetpools p on p.id = s.subnetpool_id
    where s.network_id = ${networkId} and p.ip_version = ${pool.ipVersion}`.execute(db)
  for (const other of rows) {
    if (other.id === pool.id) continue
    if (other.address_scope_id === null) throw otherPoolOnNetwork()
    if (other.address_scope_id !== pool.addressScopeId) throw otherScopeOnNetwork()
  }
}

/** Whether a network has subnets of this pool beside subnets of another one of its IP version. */
export async function networksMixPools(db: Db, poolId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from subnets mine join subnets other on other.network_id = mine.network_id
    where mine.subnetpool_id = ${poolId} and other.subnetpool_id <> mine.subnetpool_id
      and other.ip_version = mine.ip_version limit 1`.execute(db)
  return rows.length > 0
}
