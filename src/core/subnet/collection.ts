import { sql } from 'kysely'
import { loadSubnets, subnets } from '../../store/subnets.js'
import { type Collection, everything } from '../collection.js'
import { subnetNotFound } from '../fault-messages.js'
import { ownOrShared, sharedFilter } from '../rbac/sharing.js'
import type { Resource } from '../service.js'
import { showSubnet } from './shape.js'

export const subnetCollection: Collection<Resource> = {
  table: subnets,
  names: { tenant_id: 'project_id' },
  special: {
    shared: (values, ctx) =>
      sql`subnets.network_id in (select id from networks where ${sharedFilter('network')(values, ctx)})`,
  },
  load: async (db, ids) => (await loadSubnets(db, ids)).map(showSubnet),
  // an external network is for all to see, its subnets are not: only sharing opens them
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`subnets.project_id = ${ctx.projectId} or subnets.network_id in
          (${ownOrShared('networks', 'network', ctx, 'access_as_shared')})`,
  notFound: subnetNotFound,
}
