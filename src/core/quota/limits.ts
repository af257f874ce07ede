import type { ServerConfig } from '../../config/server.js'
import { quotas } from '../../store/quotas.js'
import { remembered } from '../../store/session.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import { overQuota } from '../fault-messages.js'

/** Configured limit of a resource; -1 = none. */
export function defaultLimit(config: ServerConfig, resource: string): number {
  const limits = config.quotas as unknown as Readonly<Record<string, number | undefined>>
  return limits[`quota_${resource}`] ?? config.quotas.default_quota
}

export async function limitOf(core: Core, db: Db, projectId: string, resource: string): Promise<number> {
  const own = await remembered(db, ['quotas'], `quota ${resource} ${projectId}`, () =>
    quotas.findOne(db, { projectId, resource }),
  )
  return own?.max ?? defaultLimit(core.config, resource)
}

/**
 * Refuses to go over a project's limit by `count` more of `resource`. Run before the rows are written; inside the
 * transaction, so that requests at the same time cannot both take the last place.
 */
export async function checkQuota(
  core: Core,
  tx: Transaction,
  projectId: string,
  resource: string,
  count = 1,
): Promise<void> {
  // what the service makes for itself belongs to nobody, and nobody is charged for it
  if (projectId === '') return
  const limit = await limitOf(core, tx.db, projectId, resource)
  if (limit < 0) return
  const used = (await core.quotaResources.get(resource)?.used(tx.db, projectId)) ?? 0
  if (used + count > limit) throw overQuota([resource])
}
