import { renderCsv } from './csv.js'
import type { OutputOptions } from './options.js'
import type { Field, ListResult, OneResult, Result } from './result.js'
import { type Align, renderTable } from './table.js'
import { isRecord, plainText } from './value.js'
import { renderYaml } from './yaml.js'

/**
 * How a program turns values into table cells. The old networking client shows nothing for null and flattens
 * records before any formatter sees them; the unified client prints `None` and keeps structures for JSON and YAML.
 */
export interface CellStyle {
  readonly cell: (value: unknown) => string
}

/** A column or field that does not exist was asked for. */
export class ColumnError extends Error {
  constructor(asked: readonly string[], there: readonly string[]) {
    const list = (names: readonly string[]) => `[${names.map((name) => `'${name}'`).join(', ')}]`
    super(`No recognized column names in ${list(asked)}. Recognized columns are ${list(there)}.`)
    this.name = 'ColumnError'
  }
}

/** A value made of others that tables show as `text` and programs receive as `raw`. */
export class Shown {
  readonly text: string
  readonly raw: unknown

  constructor(text: string, raw: unknown) {
    this.text = text
    this.raw = raw
  }
}

const raw = (value: unknown): unknown => (value instanceof Shown ? value.raw : value)

/** Text of a list without a final line break. */
export function formatList(result: ListResult, options: OutputOptions, style: CellStyle): string {
  const { columns, rows } = chooseColumns(sorted(result, options), options.columns)
  const cellText = (value: unknown) => (value instanceof Shown ? value.text : style.cell(value))
  switch (options.format) {
    case 'json':
      return toJson(
        rows.map((row) => toRecord(columns, row)),
        options,
      )
    case 'yaml':
      return renderYaml(rows.map((row) => toRecord(columns, row)))
    case 'csv':
      return renderCsv(
        columns,
        rows.map((row) => row.map((value) => csvCell(value, cellText))),
        options.quote,
      )
    case 'value':
      return rows.map((row) => row.map((value) => cellText(value)).join(' ')).join('\n')
    default:
      if (rows.length === 0 && !options.printEmpty) return ''
      return renderTable(
        columns,
        rows.map((row) => row.map(cellText)),
        {
          align: alignment(rows[0] ?? []),
          maxWidth: options.maxWidth,
        },
      )
  }
}

/** Rows in the order of `--sort-column`; columns that are not there order nothing, null comes last. */
function sorted(result: ListResult, options: OutputOptions): ListResult {
  const columns = options.sortColumns?.flatMap((name) => result.columns.findIndex((there) => sameColumn(there, name)))
  const keys = (columns ?? []).filter((index) => index >= 0)
  if (keys.length === 0) return result
  const value = (row: number, column: number) => {
    const cell = result.rows[row]?.[column]
    return cell instanceof Shown ? cell.text : cell
  }
  const order = (a: number, b: number) => keys.map((key) => compare(value(a, key), value(b, key))).find(Boolean) ?? 0
  const rows = [...result.rows.keys()].sort((a, b) => (options.descending ? order(b, a) : order(a, b)))
  const { more } = result
  return { ...result, rows: rows.map((row) => result.rows[row]!), more: more && rows.map((row) => more[row]!) }
}

function compare(a: unknown, b: unknown): number {
  const missing = (one: unknown) => one === null || one === undefined
  if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [x, y] = [plainText(a), plainText(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Numbers keep their type, so that `--quote nonnumeric` can tell them. */
function csvCell(value: unknown, cellText: (value: unknown) => string): unknown {
  return typeof value === 'number' ? value : cellText(value)
}

/** The first row decides: a column of numbers is aligned to the right. */
function alignment(row: readonly unknown[]): Align[] {
  return row.map((value) => (typeof value === 'number' ? 'right' : 'left'))
}

function chooseColumns(result: ListResult, asked: readonly string[]): ListResult {
  if (asked.length === 0 || result.rows.length === 0) return result
  const names = [...new Set([...result.columns, ...Object.keys(result.more?.[0] ?? {})])]
  const columns = asked.flatMap((name) => names.find((there) => sameColumn(there, name)) ?? [])
  if (columns.length === 0) throw new ColumnError(asked, names)
  const value = (row: number, name: string) => {
    const index = result.columns.indexOf(name)
    return index >= 0 ? result.rows[row]?.[index] : result.more?.[row]?.[name]
  }
  return { kind: 'list', columns, rows: result.rows.map((_, row) => columns.map((name) => value(row, name))) }
}

/** `-c "Fixed IP"`, `-c fixed_ip` and `-c "fixed ip"` mean the same column. */
function sameColumn(there: string, asked: string): boolean {
  const plain = (name: string) => name.toLowerCase().replaceAll('_', ' ')
  return there === asked || plain(there) === plain(asked)
}

/** Text of one record without a final line break. */
export function formatOne(result: OneResult, options: OutputOptions, style: CellStyle): string {
  const fields = chooseFields(result.fields, options)
  const cellText = (value: unknown) => (value instanceof Shown ? value.text : style.cell(value))
  switch (options.format) {
    case 'json':
      return toJson(Object.fromEntries(fields.map(({ name, value }) => [name, raw(value)])), options)
    case 'yaml':
      return renderYaml(Object.fromEntries(fields.map(({ name, value }) => [name, raw(value)])))
    case 'shell':
      return fields.map(({ name, value }) => shellLine(options.prefix + name, cellText(value))).join('\n')
    case 'value':
      return fields.map(({ value }) => cellText(value)).join('\n')
    default: {
      const rows = fields.map(({ name, value }) => [name, cellText(value)])
      const table = renderTable(['Field', 'Value'], rows, { maxWidth: options.maxWidth })
      return result.title ? `${result.title}\n${table}` : table
    }
  }
}

/** Formats that name each value show all of them; tables and bare values keep to the usual set. */
function chooseFields(fields: readonly Field[], options: OutputOptions): readonly Field[] {
  if (options.columns.length > 0) {
    const chosen = fields.filter(({ name }) => options.columns.some((asked) => sameColumn(name, asked)))
    if (chosen.length === 0)
      throw new ColumnError(
        options.columns,
        fields.map(({ name }) => name),
      )
    return chosen
  }
  const all = options.allAttributes || !['table', 'value'].includes(options.format)
  return all ? fields : fields.filter((field) => !field.extra)
}

function shellLine(name: string, value: string): string {
  return `${name.replace(/[^A-Za-z0-9_]/g, '_')}="${value.replace(/([\\"$`])/g, '\\$1')}"`
}

function toRecord(columns: readonly string[], row: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map((name, i) => [name, raw(row[i])]))
}

function toJson(value: unknown, options: OutputOptions): string {
  return JSON.stringify(value, null, options.indent ? 2 : undefined)
}

/** The printing side of a program whose results have no layout of their own. */
export function printerOf(style: CellStyle): (result: Result, options: OutputOptions) => string {
  return (result, options) => {
    switch (result.kind) {
      case 'none':
        return ''
      case 'text':
        return `${result.text}\n`
      case 'list':
        return `${formatList(result, options, style)}\n`
      case 'one':
        return `${formatOne(result, options, style)}\n`
    }
  }
}

/** The old networking client's cells: values were flattened before, null is empty. */
export const NEUTRON_STYLE: CellStyle = { cell: (value) => plainText(value) }

/** The unified client's cells: null is `None`, lists are joined with commas, records are `key='value'`. */
export const OPENSTACK_STYLE: CellStyle = { cell: openstackCell }

function openstackCell(value: unknown): string {
  if (Array.isArray(value)) return listText(value)
  return isRecord(value) ? keyValues(value) : plainText(value, 'None')
}

/** Records one per line, everything else sorted in one. */
function listText(values: readonly unknown[]): string {
  if (values.some(isRecord)) return values.map((one) => (isRecord(one) ? keyValues(one) : plainText(one))).join('\n')
  return values
    .map((one) => plainText(one))
    .sort()
    .join(', ')
}

/** `a='1', b='x'`, names in order. */
export function keyValues(record: Readonly<Record<string, unknown>>): string {
  return Object.keys(record)
    .sort()
    .map((key) => `${key}='${plainText(record[key], 'None')}'`)
    .join(', ')
}
