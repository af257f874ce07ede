import { projectOf } from '../attributes.js'
import { checkRevision, listVisible, showVisible } from '../collection.js'
import type { Core } from '../core.js'
import { checkQuota } from '../quota/limits.js'
import type { Resource, ResourceService } from '../service.js'
import { portCollection, visiblePort } from './collection.js'
import { createPort } from './create.js'
import { deletePort } from './delete.js'
import { showPort } from './shape.js'
import { updatePort } from './update.js'

export function portService(core: Core): ResourceService {
  const collection = portCollection(core)
  const dnsDomain = core.config.DEFAULT.dns_domain
  return {
    list: (ctx, query) => listVisible(core, collection, ctx, query),
    get: (ctx, id) => core.store.read((db) => showVisible(db, collection, ctx, id)),
    create: (ctx, items) =>
      core.store.transaction(ctx, async (tx) => {
        const made: Resource[] = []
        for (const item of items) {
          await checkQuota(core, tx, projectOf(item, ctx.projectId), 'port')
          made.push(showPort(await createPort(core, tx, ctx, item), dnsDomain))
        }
        return made
      }),
    update: (ctx, id, changes, ifRevision) =>
      core.store.transaction(ctx, async (tx) => {
        checkRevision(await visiblePort(tx.db, ctx, id), ifRevision)
        return showPort(await updatePort(core, tx, ctx, id, changes), dnsDomain)
      }),
    delete: (ctx, id, ifRevision) =>
      core.store.transaction(ctx, async (tx) => {
        checkRevision(await visiblePort(tx.db, ctx, id), ifRevision)
        await deletePort(core, tx, ctx, id, true)
      }),
  }
}
