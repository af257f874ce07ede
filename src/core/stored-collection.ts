import { type Collection, listVisible, showVisible } from './collection.js'
import type { Core } from './core.js'
import { Fault } from './faults.js'
import type { Attributes, RequestContext, Resource, ResourceService } from './service.js'
import type { Work } from './work.js'

/** What changing one object of a collection means. Each answers with the object as the caller sees it. */
export interface Verbs {
  create(work: Work, item: Attributes): Promise<Resource>
  /** throws the resource's NotFound when absent or not visible, and 412 when `ifRevision` is another revision; absent: 405 */
  update?(work: Work, id: string, changes: Attributes, ifRevision: number | undefined): Promise<Resource>
  delete(work: Work, id: string, ifRevision: number | undefined): Promise<void>
}

/**
 * Serves a collection from the store: every request is one consistent read or one transaction; objects that are created
 * together come in order, all or none.
 */
export function storedCollection(core: Core, collection: Collection<Resource>, verbs: Verbs): ResourceService {
  const change = <T>(ctx: RequestContext, work: (work: Work) => Promise<T>): Promise<T> =>
    core.store.transaction(ctx, (tx) => work({ core, tx, ctx }))
  return {
    list: (ctx, query) => listVisible(core, collection, ctx, query),
    get: (ctx, id) => core.store.read((db) => showVisible(db, collection, ctx, id)),
    create: (ctx, items) =>
      change(ctx, async (work) => {
        const made: Resource[] = []
        for (const item of items) made.push(await verbs.create(work, item))
        return made
      }),
    update: (ctx, id, changes, ifRevision) =>
      change(ctx, async (work) => {
        if (!verbs.update) throw new Fault('HTTPMethodNotAllowed', 405, 'Objects of this collection cannot be updated.')
        return verbs.update(work, id, changes, ifRevision)
      }),
    delete: (ctx, id, ifRevision) => change(ctx, (work) => verbs.delete(work, id, ifRevision)),
  }
}
