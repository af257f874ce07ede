import type { Cell } from './value.js'

/** What a command hands to its formatter. Commands do no printing of their own. */
export type Result =
  | { readonly kind: 'none' }
  /** lines as they are */
  | { readonly kind: 'text'; readonly text: string }
  | ListResult
  | OneResult

export interface ListResult {
  readonly kind: 'list'
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** columns that `-c` may ask for besides, with their values: row -> name -> value */
  readonly more?: readonly Readonly<Record<string, Cell>>[]
}

export interface OneResult {
  readonly kind: 'one'
  /** printed above a table, and nowhere else */
  readonly title?: string
  readonly fields: readonly Field[]
}

export interface Field {
  readonly name: string
  readonly value: Cell
  /** shown only when asked for: by `-c`, by `--all-attributes`, or in a format made for programs */
  readonly extra?: boolean
}

export const NOTHING: Result = { kind: 'none' }
export const textResult = (text: string): Result => ({ kind: 'text', text })

/** Fields of a record, by name. */
export function fieldsOf(record: Readonly<Record<string, Cell>>, usual?: ReadonlySet<string>): Field[] {
  return Object.keys(record)
    .sort()
    .map((name) => ({ name, value: record[name], extra: usual ? !usual.has(name) : false }))
}

/** Columns by header: how a record fills each. */
export type Columns<T> = Readonly<Record<string, (record: T) => Cell>>

/** A list with one row per record. */
export function tableOf<T>(records: readonly T[], columns: Columns<T>): ListResult {
  const cells = Object.values(columns)
  return {
    kind: 'list',
    columns: Object.keys(columns),
    rows: records.map((record) => cells.map((cell) => cell(record))),
  }
}
