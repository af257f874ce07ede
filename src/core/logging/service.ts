import type { CloudLog } from '../../model/cloud.js'
import { type LogRecord, logs } from '../../store/logs.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import { flagOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { byId, type Collection, findVisible, visibleOwn } from '../collection.js'
import type { Core } from '../core.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { checkLog } from './checks.js'
import { logNotFound } from './faults.js'

const collection: Collection<Resource> = {
  table: logs,
  names: { tenant_id: 'project_id' },
  load: async (db, ids) => (await logs.findIn(db, 'id', ids)).map(showLog),
  visible: visibleOwn('logs'),
  notFound: logNotFound,
}

const visibleLog = findVisible(collection, byId(logs))

function showLog(log: LogRecord): Resource {
  return {
    id: log.id,
    tenant_id: log.projectId,
    project_id: log.projectId,
    name: log.name,
    description: log.description,
    resource_type: log.resourceType,
    resource_id: log.resourceId,
    target_id: log.targetId,
    event: log.event,
    enabled: log.enabled,
    created_at: log.createdAt,
    updated_at: log.updatedAt,
    revision_number: log.revisionNumber,
  }
}

/** `/log/logs`: which packets that security groups let through or drop are written down on the hosts. */
export function logService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: async (work, item) => showLog(await createLog(work, item)),
    find: visibleLog,
    update: async ({ tx }, before, changes) => {
      const patch = patchOf<LogRecord>(changes, { ...standardChanges, enabled: (enabled: boolean) => ({ enabled }) })
      const written = await revise(tx, logs, before, patch)
      tx.touch('log', before.id)
      return showLog({ ...before, ...written })
    },
    delete: async ({ tx }, { id }) => {
      await logs.delete(tx.db, { id })
      tx.touch('log', id)
    },
  })
}

async function createLog({ tx, ctx }: Work, item: Attributes): Promise<LogRecord> {
  const log: LogRecord = {
    ...newStandard(tx.now, { projectId: projectOf(item, ctx.projectId), description: textOf(item, 'description') }, 0),
    name: textOf(item, 'name'),
    resourceType: textOf(item, 'resource_type'),
    resourceId: textOf(item, 'resource_id') || null,
    targetId: textOf(item, 'target_id') || null,
    event: textOf(item, 'event', 'ALL') as CloudLog['event'],
    enabled: flagOf(item, 'enabled', true),
  }
  await checkLog(tx.db, ctx, log)
  await logs.insert(tx.db, log)
  tx.touch('log', log.id)
  return log
}
