import type { PortRecord } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { projectOf } from '../attributes.js'
import { checkRevision } from '../collection.js'
import type { Core } from '../core.js'
import { holds } from '../qos/allocation-change.js'
import { withAllocation } from '../qos/with-allocation.js'
import { checkQuota } from '../quota/limits.js'
import type { Attributes, RequestContext, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { portCollection, visiblePort } from './collection.js'
import { createPort } from './create.js'
import { deletePort } from './delete.js'
import { otherPolicy } from './policy.js'
import { showPorts } from './shape.js'
import { updatePort } from './update.js'

export function portService(core: Core): ResourceService {
  const service = storedCollection(core, portCollection(core), {
    create: async ({ tx, ctx }, item) => {
      await checkQuota(core, tx, projectOf(item, ctx.projectId), 'port')
      return shown(core, tx.db, await createPort(core, tx, ctx, item))
    },
    find: visiblePort,
    update: async ({ tx, ctx }, { id }, changes) => shown(core, tx.db, await updatePort(core, tx, ctx, id, changes)),
    delete: ({ tx, ctx }, { id }) => deletePort(core, tx, ctx, id, true),
  })
  return {
    ...service,
    update: (ctx, id, changes, ifRevision) =>
      changes.qos_policy_id === undefined
        ? service.update(ctx, id, changes, ifRevision)
        : updateWithPolicy(core, ctx, id, changes, ifRevision),
  }
}

/** As any update, but Placement is told before the transaction. */
function updateWithPolicy(
  core: Core,
  ctx: RequestContext,
  id: string,
  changes: Attributes,
  ifRevision: number | undefined,
): Promise<Resource> {
  const present = async (db: Db) => {
    const port = await visiblePort(db, ctx, id)
    checkRevision(port, ifRevision)
    return port
  }
  return withAllocation(core, ctx, {
    plan: async (db) => (await otherPolicy(db, ctx, await present(db), changes)).change,
    commit: async (tx, planned) => {
      await present(tx.db)
      return shown(core, tx.db, await updatePort(core, tx, ctx, id, changes, planned))
    },
    stands: (db, planned) => holds(db, id, planned),
  })
}

async function shown(core: Core, db: Db, port: PortRecord): Promise<Resource> {
  return (await showPorts(db, [port], core.config.DEFAULT.dns_domain))[0]!
}
