import { sql } from 'kysely'
import { ipToInt } from '../../model/ip.js'
import { loadNetworks, type NetworkRecord } from '../../store/networks.js'
import { loadSubnets, type SubnetRecord, subnets } from '../../store/subnets.js'
import { chunks, type Db } from '../../store/table.js'
import { listComputed } from '../collection.js'
import type { Core } from '../core.js'
import { networkNotFound } from '../fault-messages.js'
import { Fault } from '../faults.js'
import type { Resource, ResourceService } from '../service.js'

const refuse = async (): Promise<never> => {
  throw new Fault('HTTPMethodNotAllowed', 405, 'Availabilities follow from subnets and ports.')
}

/** `/network-ip-availabilities`: how many addresses the pools of each network have, and how many are taken. */
export function networkIpAvailabilityService(core: Core): ResourceService {
  const all = (networkId?: string, versions?: readonly string[]) =>
    core.store.read(async (db) => {
      const { rows } = await sql<{ id: string }>`select id from networks order by id`.execute(db)
      const ids = rows.map(({ id }) => id).filter((id) => networkId === undefined || id === networkId)
      return availabilities(db, ids, versions)
    })
  return {
    async list(_ctx, query) {
      const { ip_version: versions, ...filters } = query.filters
      return listComputed(await all(undefined, versions), { ...query, filters })
    },
    async get(_ctx, id) {
      const [found] = await all(id)
      if (!found) throw networkNotFound(id)
      return found
    },
    create: refuse,
    update: refuse,
    delete: refuse,
  }
}

/** `versions`: IP versions of the subnets to count; others are left out. */
async function availabilities(db: Db, ids: readonly string[], versions?: readonly string[]): Promise<Resource[]> {
  const networks = await loadNetworks(db, ids)
  const ofNetworks = await subnets.findIn(db, 'networkId', ids)
  const counted = ofNetworks.filter(({ ipVersion }) => versions?.includes(String(ipVersion)) ?? true)
  const records = await loadSubnets(
    db,
    counted.map(({ id }) => id),
  )
  const used = new Map<string, number>()
  for (const part of chunks(records.map(({ id }) => id))) {
    const { rows } = await sql<{ subnet_id: string; n: number }>`
      select subnet_id, count(*) as n from ip_allocations where subnet_id in (${sql.join(part)})
      group by subnet_id`.execute(db)
    for (const { subnet_id, n } of rows) used.set(subnet_id, Number(n))
  }
  return networks
    .map((network) =>
      ofNetwork(
        network,
        records.filter(({ networkId }) => networkId === network.id),
        used,
      ),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function ofNetwork(
  network: NetworkRecord,
  records: readonly SubnetRecord[],
  used: ReadonlyMap<string, number>,
): Resource {
  const perSubnet = records.map((subnet) => ({
    subnet_id: subnet.id,
    subnet_name: subnet.name,
    cidr: subnet.cidr,
    ip_version: subnet.ipVersion,
    total_ips: exact(poolSize(subnet)),
    used_ips: used.get(subnet.id) ?? 0,
  }))
  return {
    id: network.id,
    network_id: network.id,
    network_name: network.name,
    tenant_id: network.projectId,
    project_id: network.projectId,
    total_ips: exact(records.reduce((sum, subnet) => sum + poolSize(subnet), 0n)),
    used_ips: perSubnet.reduce((sum, { used_ips }) => sum + used_ips, 0),
    subnet_ip_availability: perSubnet,
  }
}

function poolSize({ pools }: SubnetRecord): bigint {
  return pools.reduce((sum, { start, end }) => sum + ipToInt(end) - ipToInt(start) + 1n, 0n)
}

/** An IPv6 subnet has more addresses than a number can count. */
function exact(count: bigint): number | bigint {
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : count
}
