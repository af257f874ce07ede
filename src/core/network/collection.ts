import { sql } from 'kysely'
import { loadNetwork, loadNetworks, type NetworkRecord, networks } from '../../store/networks.js'
import type { Db } from '../../store/table.js'
import { type Collection, loadVisible } from '../collection.js'
import { networkNotFound } from '../fault-messages.js'
import { sharedFilter, visibleShared } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { showNetwork } from './shape.js'

const segmentFilter = (column: string) => (values: readonly string[]) =>
  sql`networks.id in (select network_id from network_segments where cast(${sql.ref(column)} as text) in (${sql.join(values)}))`

export const networkCollection: Collection<Resource> = {
  table: networks,
  names: { tenant_id: 'project_id', 'router:external': 'external' },
  special: {
    shared: sharedFilter('network'),
    'provider:network_type': segmentFilter('network_type'),
    'provider:physical_network': segmentFilter('physical_network'),
    'provider:segmentation_id': segmentFilter('segmentation_id'),
  },
  load: async (db, ids, ctx) => (await loadNetworks(db, ids)).map((network) => showNetwork(network, ctx)),
  visible: visibleShared('networks', 'network'),
  notFound: networkNotFound,
}

/** The network when the context may see it; NetworkNotFound otherwise. */
export async function visibleNetwork(db: Db, ctx: RequestContext, id: string): Promise<NetworkRecord> {
  return loadVisible(db, networkCollection, ctx, id, () => loadNetwork(db, id))
}
