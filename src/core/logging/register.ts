import { logs } from '../../store/logs.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import type { CorePart } from '../part.js'
import { loggableResourceService } from './loggable.js'
import { logService } from './service.js'

/** Logs go with what they are about. */
export function registerLogs(core: Core): CorePart {
  core.hooks.on('port.after-delete', ({ tx, port }) => dropLogs(tx, { targetId: port.id }))
  core.hooks.on('security-group.after-delete', ({ tx, id }) => dropLogs(tx, { resourceId: id }))
  return { collections: { logs: logService(core), loggable_resources: loggableResourceService() } }
}

async function dropLogs(
  tx: Transaction,
  about: { readonly targetId: string } | { readonly resourceId: string },
): Promise<void> {
  const found = await logs.find(tx.db, about)
  if (found.length === 0) return
  await logs.delete(tx.db, about)
  tx.touch('log', ...found.map(({ id }) => id))
}
