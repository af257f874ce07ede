import { projectOf } from '../attributes.js'
import type { Core } from '../core.js'
import { checkQuota } from '../quota/limits.js'
import type { ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { portCollection, visiblePort } from './collection.js'
import { createPort } from './create.js'
import { deletePort } from './delete.js'
import { showPorts } from './shape.js'
import { updatePort } from './update.js'

export function portService(core: Core): ResourceService {
  const dnsDomain = core.config.DEFAULT.dns_domain
  return storedCollection(core, portCollection(core), {
    create: async ({ tx, ctx }, item) => {
      await checkQuota(core, tx, projectOf(item, ctx.projectId), 'port')
      return (await showPorts(tx.db, [await createPort(core, tx, ctx, item)], dnsDomain))[0]!
    },
    find: visiblePort,
    update: async ({ tx, ctx }, { id }, changes) =>
      (await showPorts(tx.db, [await updatePort(core, tx, ctx, id, changes)], dnsDomain))[0]!,
    delete: ({ tx, ctx }, { id }) => deletePort(core, tx, ctx, id, true),
  })
}
