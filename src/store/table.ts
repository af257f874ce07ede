import { type Kysely, type RawBuilder, sql } from 'kysely'
import { runCompiled } from './compiled.js'
import type { Schema } from './schema.js'

/** A database handle: the store's own, or that of a transaction. */
export type Db = Kysely<Schema>

/** A boolean SQL expression. */
export type Condition = RawBuilder<unknown>

/** How a field of a record is kept in its column. */
export interface Column<T> {
  readonly column: string
  readonly kind: 'text' | 'int' | 'flag' | 'json'
  readonly decode: (stored: unknown) => T
  readonly encode: (value: T) => unknown
  /** computed where it is read: such a column is never written */
  readonly expression?: RawBuilder<unknown>
}

const same = <T>(value: T) => value
const as = <T>(stored: unknown) => stored as T

export const text = (column: string): Column<string> => ({ column, kind: 'text', decode: as<string>, encode: same })
/** Text of a known set of words; give the type explicitly. */
export const word = <T extends string>(column: string): Column<T> => ({
  column,
  kind: 'text',
  decode: as<T>,
  encode: same,
})
export const textOrNull = (column: string): Column<string | null> => ({
  column,
  kind: 'text',
  decode: as<string | null>,
  encode: same,
})
export const int = (column: string): Column<number> => ({ column, kind: 'int', decode: Number, encode: same })
export const intOrNull = (column: string): Column<number | null> => ({
  column,
  kind: 'int',
  decode: (stored) => (stored === null ? null : Number(stored)),
  encode: same,
})
export const flag = (column: string): Column<boolean> => ({
  column,
  kind: 'flag',
  decode: (stored) => Number(stored) === 1,
  encode: (value) => (value ? 1 : 0),
})
export const json = <T>(column: string): Column<T> => ({
  column,
  kind: 'json',
  decode: (stored) => (stored === '[]' ? NO_ITEMS : stored === '{}' ? NO_KEYS : JSON.parse(stored as string)) as T,
  encode: (value) => JSON.stringify(value),
})
/** Most lists and objects are empty, and need not be as many empty ones. */
const NO_ITEMS: readonly never[] = Object.freeze([])
const NO_KEYS = Object.freeze({})
/** What is read from elsewhere than the table: a sub-select whose text is taken apart. */
export const computed = <T>(
  column: string,
  expression: RawBuilder<unknown>,
  decode: (stored: string | null) => T,
): Column<T> => ({
  ...(json(column) as Column<never>),
  decode: decode as Column<T>['decode'],
  encode: same,
  expression,
})

/** A column of any type, as constraints of type parameters need it. */
export interface AnyColumn {
  readonly column: string
  readonly kind: Column<unknown>['kind']
  readonly decode: (stored: unknown) => unknown
  readonly encode: (value: never) => unknown
  readonly expression?: RawBuilder<unknown>
}

export type Columns = Readonly<Record<string, AnyColumn>>
export type RecordOf<C> = { readonly [K in keyof C]: C[K] extends { decode: (stored: unknown) => infer T } ? T : never }

/** Most databases limit the parameters of one statement; longer lists are asked for in pieces of this size. */
const CHUNK = 400

export function chunks<T>(items: readonly T[], size = CHUNK): T[][] {
  const result: T[][] = []
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size))
  return result
}

/** Pieces whose sizes are powers of two: statements of few lengths, which are worth keeping, for lists of any length. */
export function evenChunks<T>(items: readonly T[], largest = 64): T[][] {
  const result: T[][] = []
  for (let i = 0, size = largest; i < items.length; i += size) {
    while (size > items.length - i) size /= 2
    result.push(items.slice(i, i + size))
  }
  return result
}

/** `(…), (…)` of an insert. */
export const tuples = (rows: readonly (readonly unknown[])[]): RawBuilder<unknown> =>
  sql.join(rows.map((row) => sql`(${sql.join(row)})`))

/** A column and the value it is to have. */
type Given = readonly [Column<unknown>, unknown]

/** What the text of a condition depends on: its columns, and which of them are to be null. */
const shape = (given: readonly Given[]) =>
  given.map(([{ column }, value]) => (value === null ? `${column}?` : column)).join()
/** The parameters of such a condition. */
const values = (given: readonly Given[]) =>
  given.filter(([, value]) => value !== null).map(([{ encode }, value]) => encode(value))

let tables = 0

/** Records of one table. Statements are built from the column list, so that a new column is one line. */
export class Table<C extends Columns> {
  readonly name: keyof Schema & string
  readonly columns: C
  readonly #fields: readonly [string, Column<unknown>][]
  /** two tables may read the same one of the database in two ways */
  readonly #key = `${tables++}`

  constructor(name: keyof Schema & string, columns: C) {
    this.name = name
    this.columns = columns
    this.#fields = Object.entries(columns) as unknown as [string, Column<unknown>][]
  }

  /** The column that holds `field`, for use in conditions. */
  ref(field: keyof C & string): RawBuilder<unknown> {
    return sql.ref(`${this.name}.${this.columns[field]!.column}`)
  }

  async select(db: Db, where: Condition, tail: RawBuilder<unknown> = sql``): Promise<RecordOf<C>[]> {
    const { rows } = await sql<
      Record<string, unknown>
    >`select ${this.#list} from ${sql.table(this.name)} where ${where} ${tail}`.execute(db)
    return rows.map((row) => this.#decode(row))
  }

  /** Records whose fields equal the given ones (null matches null). */
  async find(db: Db, fields: Partial<RecordOf<C>>): Promise<RecordOf<C>[]> {
    return this.#selectEqual(db, fields, '')
  }

  async findOne(db: Db, fields: Partial<RecordOf<C>>): Promise<RecordOf<C> | undefined> {
    return (await this.#selectEqual(db, fields, 'limit 1'))[0]
  }

  async #selectEqual(db: Db, fields: Partial<RecordOf<C>>, tail: '' | 'limit 1'): Promise<RecordOf<C>[]> {
    const given = this.#given(fields)
    const { rows } = await this.#run<Record<string, unknown>>(
      db,
      `find ${tail} ${shape(given)}`,
      values(given),
      () => sql`select ${this.#list} from ${sql.table(this.name)} where ${this.#equal(given)} ${sql.raw(tail)}`,
    )
    return rows.map((row) => this.#decode(row))
  }

  /** A statement on this table whose text depends on `key` alone. */
  #run<R>(db: Db, key: string, parameters: readonly unknown[], make: () => RawBuilder<unknown>) {
    return runCompiled<R, Schema>(db, `${this.#key} ${key}`, parameters, make)
  }

  get #list(): RawBuilder<unknown> {
    return sql.join(
      this.#fields.map(([, { column, expression }]) =>
        expression ? sql`(${expression}) as ${sql.ref(column)}` : sql.ref(column),
      ),
    )
  }

  /** Records with `field` in `wanted`, in no particular order. */
  async findIn(db: Db, field: keyof C & string, wanted: readonly unknown[]): Promise<RecordOf<C>[]> {
    if (wanted.length === 1) return this.#selectEqual(db, { [field]: wanted[0] } as Partial<RecordOf<C>>, '')
    const found: RecordOf<C>[] = []
    for (const part of chunks(wanted))
      found.push(...(await this.select(db, sql`${this.ref(field)} in (${sql.join(part)})`)))
    return found
  }

  async count(db: Db, fields: Partial<RecordOf<C>>): Promise<number> {
    const given = this.#given(fields)
    const { rows } = await this.#run<{ n: number }>(
      db,
      `count ${shape(given)}`,
      values(given),
      () => sql`select count(*) as n from ${sql.table(this.name)} where ${this.#equal(given)}`,
    )
    return Number(rows[0]!.n)
  }

  async insert(db: Db, ...records: RecordOf<C>[]): Promise<void> {
    if (records.length === 0) return
    const perStatement = Math.max(1, Math.floor(CHUNK / this.#fields.length))
    for (const part of chunks(records, perStatement)) {
      const rows = part.map((record) =>
        this.#fields.map(([field, { encode }]) => encode((record as Record<string, unknown>)[field])),
      )
      const make = () => sql`insert into ${sql.table(this.name)} (${this.#list}) values ${tuples(rows)}`
      await this.#run(db, `insert ${part.length}`, rows.flat(), make)
    }
  }

  /** Sets the fields of `patch` in the records that `where` names. */
  async update(db: Db, where: Partial<RecordOf<C>>, patch: Partial<RecordOf<C>>): Promise<void> {
    const [changed, given] = [this.#given(patch), this.#given(where)]
    if (changed.length === 0) return
    const parameters = [...changed.map(([{ encode }, value]) => encode(value)), ...values(given)]
    const names = changed.map(([{ column }]) => column).join()
    await this.#run(db, `update ${names} ${shape(given)}`, parameters, () => {
      const sets = changed.map(([{ column, encode }, value]) => sql`${sql.ref(column)} = ${encode(value)}`)
      return sql`update ${sql.table(this.name)} set ${sql.join(sets)} where ${this.#equal(given)}`
    })
  }

  async delete(db: Db, where: Partial<RecordOf<C>>): Promise<void> {
    const given = this.#given(where)
    const make = () => sql`delete from ${sql.table(this.name)} where ${this.#equal(given)}`
    await this.#run(db, `delete ${shape(given)}`, values(given), make)
  }

  #decode(row: Record<string, unknown>): RecordOf<C> {
    const record: Record<string, unknown> = {}
    for (const [field, { column, decode }] of this.#fields) record[field] = decode(row[column])
    return record as RecordOf<C>
  }

  #given(fields: Partial<RecordOf<C>>): [Column<unknown>, unknown][] {
    return this.#fields.flatMap(([field, column]) => {
      const value = (fields as Record<string, unknown>)[field]
      return value === undefined ? [] : [[column, value] as [Column<unknown>, unknown]]
    })
  }

  #equal(given: readonly Given[]): Condition {
    const terms = given.map(([{ column, encode }, value]) =>
      value === null ? sql`${sql.ref(column)} is null` : sql`${sql.ref(column)} = ${encode(value)}`,
    )
    return terms.length === 0 ? sql`1 = 1` : sql.join(terms, sql` and `)
  }
}
