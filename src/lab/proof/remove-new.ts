import { ApiError } from '../../client/errors.js'
import { settled } from '../settled.js'
import type { Cloud } from './cloud.js'
import { until } from './until.js'

/** Ids of everything in the cloud, by collection. */
export type Inventory = ReadonlyMap<string, ReadonlySet<string>>

interface Item {
  readonly id: string
  readonly device_owner?: string
  readonly device_id?: string
}

const SERVERS = 'servers'
/** in the order in which they can be deleted */
const COLLECTIONS = [
  'ndp_proxies',
  'log/logs',
  'floatingips',
  'trunks',
  'routers',
  // those of deleted instances' ports are no longer associated
  'local_ips',
  'ports',
  'networks',
  'subnetpools',
  'address-scopes',
  'security-group-rules',
  'security-groups',
  'address-groups',
  'qos/policies',
  'metering/metering-labels',
  // most went with their objects
  'rbac-policies',
] as const

export async function takeInventory(cloud: Cloud): Promise<Inventory> {
  const inventory = new Map<string, ReadonlySet<string>>()
  for (const collection of [SERVERS, ...COLLECTIONS])
    inventory.set(collection, new Set((await list(cloud, collection)).map(({ id }) => id)))
  return inventory
}

/** Deletes what is not in the inventory, whoever owns it, and waits until the data plane has followed. */
export async function removeNew(cloud: Cloud, before: Inventory): Promise<void> {
  const fresh = async (collection: string) =>
    (await list(cloud, collection)).filter(({ id }) => !before.get(collection)!.has(id))
  for (const { id } of await fresh(SERVERS)) await cloud.admin.compute.delete(`/servers/${id}`)
  await until('the instances to be deleted', async () => (await fresh(SERVERS)).length === 0)
  for (const collection of COLLECTIONS) {
    for (const item of await fresh(collection)) await remove(cloud, collection, item)
  }
  await settled(cloud.admin)
}

/** Empty for a collection that the API does not have. */
async function list({ admin }: Cloud, collection: string): Promise<Item[]> {
  if (collection === SERVERS)
    return (await admin.compute.get<{ servers: Item[] }>('/servers', { all_tenants: 1 })).servers
  const reply = await admin.network.get<Record<string, Item[]>>(`/v2.0/${collection}`).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return {} as Record<string, Item[]>
    throw error
  })
  return Object.values(reply)[0] ?? []
}

async function remove(cloud: Cloud, collection: string, item: Item): Promise<void> {
  // made and removed with what it serves
  if (collection === 'ports' && item.device_owner?.startsWith('network:')) return
  if (collection === 'routers') await strip(cloud, item.id)
  await cloud.admin.network.delete(`/v2.0/${collection}/${item.id}`)
}

/** Takes from a router what would keep it from being deleted. */
async function strip({ admin }: Cloud, id: string): Promise<void> {
  await admin.network.put(`/v2.0/routers/${id}`, { router: { routes: [], external_gateway_info: null } })
  const { ports } = await admin.network.get<{ ports: Item[] }>('/v2.0/ports', { device_id: id })
  for (const { id: port_id, device_owner = '' } of ports) {
    if (
      device_owner.startsWith('network:router_interface') ||
      device_owner === 'network:ha_router_replicated_interface'
    )
      await admin.network.removeRouterInterface(id, { port_id })
  }
}
