import { quotas } from '../../store/quotas.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import { invalidInput } from '../fault-messages.js'
import type { QuotaService, RequestContext } from '../service.js'
import { defaultLimit } from './limits.js'

export function quotaService(core: Core): QuotaService {
  const names = () => [...core.quotaResources.keys()]
  const defaults = () => Object.fromEntries(names().map((name) => [name, defaultLimit(core.config, name)]))

  async function limits(db: Db, projectId: string): Promise<Record<string, number>> {
    const own = await quotas.find(db, { projectId })
    return { ...defaults(), ...Object.fromEntries(own.map(({ resource, max }) => [resource, max])) }
  }

  return {
    async list(_ctx: RequestContext) {
      return core.store.read(async (db) => {
        const rows = await quotas.find(db, {})
        const projects = [...new Set(rows.map(({ projectId }) => projectId))].sort()
        return Promise.all(projects.map(async (id) => ({ ...(await limits(db, id)), tenant_id: id, project_id: id })))
      })
    },
    async get(_ctx, projectId) {
      return core.store.read((db) => limits(db, projectId))
    },
    async defaults() {
      return defaults()
    },
    async details(_ctx, projectId) {
      return core.store.read(async (db) => {
        const limit = await limits(db, projectId)
        const entries: [string, { limit: number; used: number; reserved: number }][] = []
        for (const { name, used } of core.quotaResources.values()) {
          entries.push([name, { limit: limit[name]!, used: await used(db, projectId), reserved: 0 }])
        }
        return Object.fromEntries(entries)
      })
    },
    async update(ctx, projectId, changes) {
      return core.store.transaction(ctx, async ({ db }) => {
        for (const [resource, max] of Object.entries(changes)) {
          if (!core.quotaResources.has(resource)) throw invalidInput(`'${resource}' is not a quota resource`)
          await quotas.delete(db, { projectId, resource })
          await quotas.insert(db, { projectId, resource, max })
        }
        return limits(db, projectId)
      })
    },
    async reset(ctx, projectId) {
      await core.store.transaction(ctx, ({ db }) => quotas.delete(db, { projectId }))
    },
  }
}
