import type { Db } from '../store/table.js'
import { type Collection, checkRevision, listVisible, showVisible } from './collection.js'
import type { Core } from './core.js'
import { Fault } from './faults.js'
import type { Attributes, RequestContext, Resource, ResourceService } from './service.js'
import type { Work } from './work.js'

/** What changing one object of a collection means. They answer with the object as the caller sees it. */
export interface Verbs<R extends Found> {
  create(work: Work, item: Attributes): Promise<Resource>
  /** what the others start from; throws the resource's NotFound when absent or not visible */
  find(db: Db, ctx: RequestContext, id: string): Promise<R>
  /** absent: 405 */
  update?(work: Work, before: R, changes: Attributes): Promise<Resource>
  /** what follows an update's commit, before the caller is answered: the change stands whatever becomes of it */
  updated?(ctx: RequestContext, before: R, after: Resource): Promise<void>
  delete(work: Work, record: R): Promise<void>
}

interface Found {
  readonly id: string
  /** absent: these objects have no revisions, and If-Match says nothing about them */
  readonly revisionNumber?: number
}

/**
 * Serves a collection from the store: every request is one consistent read or one transaction; objects that are created
 * together come in order, all or none. What changes or goes is what the caller has seen, where it says so by If-Match.
 */
export function storedCollection<R extends Found>(
  core: Core,
  collection: Collection<Resource>,
  verbs: Verbs<R>,
): ResourceService {
  const change = <T>(ctx: RequestContext, work: (work: Work) => Promise<T>): Promise<T> =>
    core.store.transaction(ctx, (tx) => work({ core, tx, ctx }))
  const found = async ({ tx, ctx }: Work, id: string, ifRevision: number | undefined): Promise<R> => {
    const record = await verbs.find(tx.db, ctx, id)
    checkRevision(record, ifRevision)
    return record
  }
  return {
    list: (ctx, query) => listVisible(core, collection, ctx, query),
    get: (ctx, id) => core.store.read((db) => showVisible(db, collection, ctx, id)),
    create: (ctx, items) =>
      change(ctx, async (work) => {
        const made: Resource[] = []
        for (const item of items) made.push(await verbs.create(work, item))
        return made
      }),
    update: async (ctx, id, changes, ifRevision) => {
      const { before, after } = await change(ctx, async (work) => {
        if (!verbs.update) throw new Fault('HTTPMethodNotAllowed', 405, 'Objects of this collection cannot be updated.')
        const before = await found(work, id, ifRevision)
        return { before, after: await verbs.update(work, before, changes) }
      })
      await verbs.updated?.(ctx, before, after)
      return after
    },
    delete: (ctx, id, ifRevision) => change(ctx, async (work) => verbs.delete(work, await found(work, id, ifRevision))),
  }
}
