import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { type MeteringLabelRecord, meteringLabels } from '../../store/metering-labels.js'
import type { Condition } from '../../store/table.js'
import { flagOf, projectOf, textOf } from '../attributes.js'
import { type Collection, everything, findVisible, named } from '../collection.js'
import type { Core } from '../core.js'
import type { RequestContext, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { labelNotFound } from './faults.js'

export const labelCollection: Collection<Resource> = {
  table: meteringLabels,
  names: { tenant_id: 'project_id' },
  load: async (db, ids) => (await meteringLabels.findIn(db, 'id', ids)).map(showLabel),
  visible: visibleLabels,
  notFound: labelNotFound,
}

/** Of the table `metering_labels`: the caller's own and shared ones. */
export function visibleLabels(ctx: RequestContext): Condition {
  return ctx.isAdmin ? everything : sql`metering_labels.project_id = ${ctx.projectId} or metering_labels.shared = 1`
}

function showLabel({ id, name, description, projectId, shared }: MeteringLabelRecord): Resource {
  return { id, name, description, shared, tenant_id: projectId, project_id: projectId }
}

/** `/metering/metering-labels`: counts of what passes the external gateways of a project's routers. */
export function meteringLabelService(core: Core): ResourceService {
  return storedCollection(core, labelCollection, {
    create: async ({ tx, ctx }, item) => {
      const label = {
        id: randomUUID(),
        projectId: projectOf(item, ctx.projectId),
        name: textOf(item, 'name'),
        description: textOf(item, 'description'),
        shared: flagOf(item, 'shared', false),
      }
      await meteringLabels.insert(tx.db, label)
      tx.touch('metering_label', label.id)
      return showLabel(label)
    },
    find: findVisible(labelCollection, named),
    delete: async ({ tx }, { id }) => {
      // its rules go with it
      await meteringLabels.delete(tx.db, { id })
      tx.touch('metering_label', id)
    },
  })
}
