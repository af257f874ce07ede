import { sql } from 'kysely'
import type { Column, Columns, Condition, Db } from './table.js'

/** What a list request asks for; filters are OR within an attribute, AND between. */
export interface ListRequest {
  readonly filters: Readonly<Record<string, readonly string[]>>
  readonly sort: readonly { readonly key: string; readonly dir: 'asc' | 'desc' }[]
  readonly limit: number | null
  readonly marker: string | null
  readonly reverse: boolean
}

export class MarkerNotFound extends Error {
  readonly marker: string
  constructor(marker: string) {
    super(`marker ${marker} was not found`)
    this.marker = marker
  }
}

type Shown = Readonly<Record<string, unknown>> & { readonly id: string }

export interface ListSource<T extends Shown> {
  readonly table: { readonly name: string; readonly columns: Columns }
  /** attribute names whose column is called otherwise */
  readonly names: Readonly<Record<string, string>>
  /** attributes with a condition of their own */
  readonly special?: Readonly<Record<string, (values: readonly string[]) => Condition>>
  /** the objects with these ids, as shown; in any order */
  readonly load: (db: Db, ids: readonly string[]) => Promise<T[]>
  /** a marker that is not among what the request may see is no error: the list begins at its start */
  readonly anyMarker?: boolean
  /** for large collections: the objects that meet a condition, as shown; `tail`: order and limit */
  readonly select?: (db: Db, where: Condition, tail: Condition) => Promise<T[]>
}

/**
 * A page of a collection. Filters and sort keys with a column are answered by the database, which then names only
 * ids, and only the page's objects are loaded; in the order of ids, it makes the page itself. Others (computed
 * attributes, tags) need every candidate loaded.
 */
export async function listPage<T extends Shown>(
  db: Db,
  source: ListSource<T>,
  visible: Condition,
  request: ListRequest,
): Promise<T[]> {
  try {
    return await pageFrom(db, source, visible, request)
  } catch (error) {
    if (!source.anyMarker || !(error instanceof MarkerNotFound)) throw error
    return pageFrom(db, source, visible, { ...request, marker: null })
  }
}

async function pageFrom<T extends Shown>(
  db: Db,
  source: ListSource<T>,
  visible: Condition,
  request: ListRequest,
): Promise<T[]> {
  const columns = columnsByAttribute(source)
  const conditions = [visible]
  const rest: [string, readonly string[]][] = []
  for (const [attribute, values] of Object.entries(request.filters)) {
    const special = source.special?.[attribute]
    const column = columns.get(attribute)
    if (special) conditions.push(special(values))
    else if (column && column.kind !== 'json') conditions.push(columnCondition(source.table.name, column, values))
    else rest.push([attribute, values])
  }
  const where = sql.join(
    conditions.map((condition) => sql`(${condition})`),
    sql` and `,
  )
  if (rest.length === 0 && request.sort.length === 0) return pageById(db, source, where, request)
  const keyColumns = request.sort.map(({ key }) => columns.get(key))
  if (rest.length === 0 && keyColumns.every((column) => column && column.kind !== 'json')) {
    const candidates = await candidateIds(db, source.table.name, where, keyColumns as Column<unknown>[])
    const ids = pageOf(candidates, request).map(({ id }) => id)
    return loadInOrder(db, source, ids)
  }
  const ids = (await candidateIds(db, source.table.name, where, [])).map(({ id }) => id)
  const objects = (await source.load(db, ids)).filter((object) =>
    rest.every(([key, values]) => matches(object, key, values)),
  )
  const keyed = objects.map((object) => ({ id: object.id, object, keys: request.sort.map(({ key }) => object[key]) }))
  return pageOf(keyed, request).map(({ object }) => object)
}

/** In the order of ids. */
async function pageById<T extends Shown>(
  db: Db,
  source: ListSource<T>,
  where: Condition,
  { marker, limit, reverse }: ListRequest,
): Promise<T[]> {
  const id = sql.ref(`${source.table.name}.id`)
  const found = (condition: Condition, tail: Condition) => idsWhere(db, source.table.name, condition, tail)
  if (marker !== null && (await found(sql`${where} and ${id} = ${marker}`, sql``)).length === 0)
    throw new MarkerNotFound(marker)
  const beyond = marker === null ? where : sql`${where} and ${id} ${sql.raw(reverse ? '<' : '>')} ${marker}`
  const order = sql`order by ${id} ${sql.raw(reverse ? 'desc' : 'asc')}`
  const tail = limit ? sql`${order} limit ${limit}` : order
  const page = source.select
    ? await source.select(db, beyond, tail)
    : await loadInOrder(db, source, await found(beyond, tail))
  return reverse ? page.reverse() : page
}

async function idsWhere(db: Db, table: string, where: Condition, tail: Condition): Promise<string[]> {
  const id = sql.ref(`${table}.id`)
  const { rows } = await sql<{
    id: string
  }>`select ${id} as id from ${sql.table(table)} where ${where} ${tail}`.execute(db)
  return rows.map((row) => row.id)
}

async function loadInOrder<T extends Shown>(db: Db, source: ListSource<T>, ids: readonly string[]): Promise<T[]> {
  return inOrder(ids, await source.load(db, ids))
}

function columnsByAttribute(source: ListSource<Shown>): Map<string, Column<unknown>> {
  const columns = Object.values(source.table.columns) as unknown as Column<unknown>[]
  const byName = new Map(columns.map((column) => [column.column, column]))
  const named = new Map(byName)
  for (const [attribute, column] of Object.entries(source.names)) named.set(attribute, byName.get(column)!)
  return named
}

function columnCondition(table: string, column: Column<unknown>, values: readonly string[]): Condition {
  const stored = sql.ref(`${table}.${column.column}`)
  // a number that does not fit the column's type is no error, it is just not there
  const ref = column.kind === 'int' ? sql`cast(${stored} as bigint)` : stored
  const texts = values.filter((value) => value !== '')
  const terms: Condition[] = []
  if (texts.length > 0) terms.push(sql`${ref} in (${sql.join(texts.map((value) => columnValue(column, value)))})`)
  if (texts.length < values.length)
    terms.push(column.kind === 'text' ? sql`${ref} = '' or ${ref} is null` : sql`${ref} is null`)
  return terms.length === 0 ? sql`1 = 0` : sql.join(terms, sql` or `)
}

function columnValue(column: Column<unknown>, text: string): string | number {
  if (column.kind === 'flag') return isTrue(text) ? 1 : 0
  if (column.kind === 'int') {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
    return Number.isSafeInteger(value) ? value : Number.MIN_SAFE_INTEGER
  }
  return text
}

function isTrue(text: string): boolean {
  return ['true', '1', 'yes', 'on', 't', 'y'].includes(text.toLowerCase())
}

interface Candidate {
  readonly id: string
  readonly keys: readonly unknown[]
}

async function candidateIds(
  db: Db,
  table: string,
  where: Condition,
  keys: readonly Column<unknown>[],
): Promise<Candidate[]> {
  const columns = [
    sql`${sql.ref(`${table}.id`)} as ${sql.ref('id')}`,
    ...keys.map(({ column }, i) => sql`${sql.ref(`${table}.${column}`)} as ${sql.ref(`k${i}`)}`),
  ]
  const { rows } = await sql<
    Record<string, unknown>
  >`select ${sql.join(columns)} from ${sql.table(table)} where ${where}`.execute(db)
  return rows.map((row) => ({ id: row.id as string, keys: keys.map((_, i) => row[`k${i}`]) }))
}

/** Sorted by the request's keys and then id, from behind the marker, as many as the limit says. */
function pageOf<T extends Candidate>(items: readonly T[], { sort, limit, marker, reverse }: ListRequest): T[] {
  const sorted = [...items].sort((a, b) => {
    for (const [i, { dir }] of sort.entries()) {
      const order = compare(a.keys[i], b.keys[i])
      if (order !== 0) return dir === 'asc' ? order : -order
    }
    return compare(a.id, b.id)
  })
  const size = limit === null || limit === 0 ? sorted.length : limit
  if (marker === null) return reverse ? sorted.slice(-size) : sorted.slice(0, size)
  const at = sorted.findIndex(({ id }) => id === marker)
  if (at < 0) throw new MarkerNotFound(marker)
  return reverse ? sorted.slice(Math.max(0, at - size), at) : sorted.slice(at + 1, at + 1 + size)
}

/** Order of two values of one attribute: nothing first, numbers by value, all else as text. */
export function compare(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === null || a === undefined) return -1
  if (b === null || b === undefined) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [x, y] = [String(a), String(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

function inOrder<T extends Shown>(ids: readonly string[], objects: readonly T[]): T[] {
  const byId = new Map(objects.map((object) => [object.id, object]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** Whether a shown object passes one filter; rules for tags, times, lists and plain values. */
export function matches(object: Shown, attribute: string, values: readonly string[]): boolean {
  if (attribute.endsWith('tags') || attribute.endsWith('tags-any')) return matchesTags(object, attribute, values)
  if (attribute === 'changed_since') return values.every((value) => String(object.updated_at ?? '') >= value)
  const value = object[attribute]
  if (Array.isArray(value))
    return value.length === 0 ? values.includes('') : value.some((item) => values.includes(String(item)))
  if (typeof value === 'boolean') return values.some((text) => isTrue(text) === value)
  return values.includes(value === null || value === undefined ? '' : String(value))
}

function matchesTags(object: Shown, attribute: string, values: readonly string[]): boolean {
  const tags = new Set((object.tags as readonly string[] | undefined) ?? [])
  const asked = values.flatMap((value) => value.split(','))
  const any = attribute.endsWith('-any')
  const found = any ? asked.some((tag) => tags.has(tag)) : asked.every((tag) => tags.has(tag))
  return attribute.startsWith('not-') ? !found : found
}
