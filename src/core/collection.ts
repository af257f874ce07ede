import { sql } from 'kysely'
import { compare, type ListSource, listPage, MarkerNotFound, matches } from '../store/list-query.js'
import type { Condition, Db } from '../store/table.js'
import type { Core } from './core.js'
import { markerNotFound, revisionMismatch } from './fault-messages.js'
import type { Fault } from './faults.js'
import type { ListQuery, RequestContext, Resource } from './service.js'

/** A collection's reading side: which objects a context may see, and how they are listed and shown. */
export interface Collection<T extends Resource> extends Omit<ListSource<T>, 'load' | 'special'> {
  /** the objects with these ids as the context sees them (`shared` is about the caller); in any order */
  readonly load: (db: Db, ids: readonly string[], ctx: RequestContext) => Promise<T[]>
  /** attributes with a condition of their own */
  readonly special?: Readonly<Record<string, (values: readonly string[], ctx: RequestContext) => Condition>>
  readonly visible: (ctx: RequestContext) => Condition
  readonly notFound: (id: string) => Fault
}

export const everything: Condition = sql`1 = 1`

/** What `visible` is where objects are seen by their own project alone, and by administrators. */
export function visibleOwn(table: string): (ctx: RequestContext) => Condition {
  const project = sql.ref(`${table}.project_id`)
  return (ctx) => (ctx.isAdmin ? everything : sql`${project} = ${ctx.projectId}`)
}

export async function listVisible<T extends Resource>(
  core: Core,
  collection: Collection<T>,
  ctx: RequestContext,
  query: ListQuery,
): Promise<T[]> {
  try {
    return await core.store.read((db) => listPage(db, sourceFor(collection, ctx), collection.visible(ctx), query))
  } catch (error) {
    throw error instanceof MarkerNotFound ? markerNotFound(error.marker) : error
  }
}

function sourceFor<T extends Resource>(collection: Collection<T>, ctx: RequestContext): ListSource<T> {
  const { table, names, select, anyMarker } = collection
  const special = Object.entries(collection.special ?? {}).map(
    ([name, condition]) => [name, (values: readonly string[]) => condition(values, ctx)] as const,
  )
  return {
    table,
    names,
    special: Object.fromEntries(special),
    load: (db, ids) => collection.load(db, ids, ctx),
    ...(select && { select }),
    ...(anyMarker && { anyMarker }),
  }
}

/** The object as shown; the resource's NotFound when absent or not visible. */
export async function showVisible<T extends Resource>(
  db: Db,
  collection: Collection<T>,
  ctx: RequestContext,
  id: string,
): Promise<T> {
  return loadVisible(db, collection, ctx, id, async () => (await collection.load(db, [id], ctx))[0])
}

/** What `load` resolves to, when the context may see that object; the resource's NotFound when absent or not visible. */
export async function loadVisible<R>(
  db: Db,
  collection: Pick<Collection<Resource>, 'table' | 'visible' | 'notFound'>,
  ctx: RequestContext,
  id: string,
  load: () => Promise<R | undefined>,
): Promise<R> {
  if (collection.visible(ctx) !== everything) await requireVisible(db, collection, ctx, id)
  const object = await load()
  if (!object) throw collection.notFound(id)
  return object
}

/** Reads the record of an object that the context may see; the resource's NotFound when absent or not visible. */
export function findVisible<R>(
  collection: Pick<Collection<Resource>, 'table' | 'visible' | 'notFound'>,
  load: (db: Db, id: string) => Promise<R | undefined>,
): (db: Db, ctx: RequestContext, id: string) => Promise<R> {
  return async (db, ctx, id) => {
    await requireVisible(db, collection, ctx, id)
    const record = await load(db, id)
    if (!record) throw collection.notFound(id)
    return record
  }
}

/** For `findVisible`: what the row says. */
export function byId<R>(table: { findOne(db: Db, fields: { readonly id: string }): Promise<R | undefined> }) {
  return (db: Db, id: string) => table.findOne(db, { id })
}

/** For `findVisible`, where nothing of the object is needed but that it is there. */
export const named = async (_db: Db, id: string) => ({ id })

export async function requireVisible(
  db: Db,
  collection: Pick<Collection<Resource>, 'table' | 'visible' | 'notFound'>,
  ctx: RequestContext,
  id: string,
): Promise<void> {
  if (!(await isVisible(db, collection, ctx, id))) throw collection.notFound(id)
}

export async function isVisible(
  db: Db,
  { table, visible }: Pick<Collection<Resource>, 'table' | 'visible'>,
  ctx: RequestContext,
  id: string,
): Promise<boolean> {
  const { rows } = await sql`select 1 from ${sql.table(table.name)}
    where ${sql.ref(`${table.name}.id`)} = ${id} and (${visible(ctx)})`.execute(db)
  return rows.length > 0
}

/** If-Match: the caller changes what it has seen, or nothing. */
export function checkRevision({ revisionNumber }: { revisionNumber?: number }, expected: number | undefined): void {
  if (expected !== undefined && revisionNumber !== undefined && revisionNumber !== expected)
    throw revisionMismatch(expected, revisionNumber)
}

/** Sorting, filtering and paging of a small collection that is computed, not stored. */
export function listComputed<T extends Resource>(objects: readonly T[], query: ListQuery): T[] {
  const passed = objects.filter((object) =>
    Object.entries(query.filters).every(([key, values]) => matches(object, key, values)),
  )
  for (const { key, dir } of [...query.sort].reverse()) {
    passed.sort((a, b) => (dir === 'asc' ? compare(a[key], b[key]) : compare(b[key], a[key])))
  }
  const at = query.marker === null ? -1 : passed.findIndex(({ id }) => id === query.marker)
  if (query.marker !== null && at < 0) throw markerNotFound(query.marker)
  return passed.slice(at + 1, query.limit ? at + 1 + query.limit : undefined)
}
