import { type Query, type QueryValue, queryString } from '../../client/service.js'
import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, type Option, type Positional, text } from '../args/spec.js'
import { parseUnknownOptions, type UnknownValue } from '../args/unknown-options.js'
import type { Command, Context } from '../common/command.js'
import type { ListResult } from '../output/result.js'
import { flatText, linesOf, plainText, spacedJson } from '../output/value.js'
import type { Attributes, Resource } from './resource.js'

/** How a column's value is made out of a record. */
export type Formatters = Readonly<Record<string, (record: Attributes) => unknown>>

export interface ListSpec {
  readonly summary: string
  readonly columns: readonly string[]
  readonly formatters?: Formatters
  /** columns that no record has under their own names */
  readonly computed?: readonly string[]
  readonly positionals?: readonly Positional[]
  readonly options?: readonly Option[]
  /** path and fixed filters, when they are not simply the collection's */
  readonly source?: (context: Context, args: ParsedArgs) => Promise<{ readonly path: string; readonly query?: Query }>
  /** adds what other requests have to tell, or puts the records in order */
  readonly extend?: (context: Context, args: ParsedArgs, records: Attributes[]) => Promise<Attributes[]>
}

/** Options of every list; `-F`, sorting and paging are the server's work. */
export const LIST_OPTIONS: readonly Option[] = [
  flag('-D --show-details', 'show all attributes'),
  text('-F --field', 'ask the server for this attribute only', { repeat: true }),
  integer('-P --page-size', 'get this many records per request'),
  text('--sort-key', 'sort by this attribute', { repeat: true }),
  text('--sort-dir', 'direction of the --sort-key at the same place', { repeat: true, choices: ['asc', 'desc'] }),
  text('--request-format', '', { hidden: true, choices: ['json'] }),
]

/** Common formatters of list columns. */
export const records =
  (name: string) =>
  (record: Attributes): string =>
    Array.isArray(record[name]) ? linesOf(record[name]) : ''

/** JSON of an attribute; null stays visible, as the old client shows a router without a gateway. */
export const json =
  (name: string) =>
  (record: Attributes): string =>
    record[name] === undefined ? '' : spacedJson(record[name])

export const smiley = (record: Attributes): string => (record.alive === true ? ':-)' : 'xxx')

export function listCommand(what: Resource, spec: ListSpec): Command {
  return {
    summary: spec.summary,
    positionals: spec.positionals,
    options: [...(spec.options ?? []), ...LIST_OPTIONS],
    collectUnknown: true,
    output: 'list',
    async run(context, args) {
      const source = (await spec.source?.(context, args)) ?? { path: `/v2.0/${what.path}` }
      const query = { ...source.query, ...listQuery(args) }
      const found = await readPages(context, source.path, what.plural, query)
      const extended = (await spec.extend?.(context, args, found)) ?? found
      return present(extended, spec, context.output.allAttributes || args.flag('show_details'))
    },
  }
}

/** Filters, wanted attributes and order out of the arguments. */
export function listQuery(args: ParsedArgs): Query {
  const filters = Object.entries(parseUnknownOptions(args.unknown)).map(
    ([name, value]) => [name, filter(value)] as const,
  )
  const fields = args.texts('field')
  return { ...Object.fromEntries(filters), fields: fields.length > 0 ? fields : undefined, ...sorting(args) }
}

function filter(value: UnknownValue): QueryValue {
  const one = (item: UnknownValue): string => (item === null ? '' : plainText(item))
  return Array.isArray(value) ? value.map(one) : one(value)
}

/** Directions that are missing are ascending, more than there are keys are ignored. */
function sorting(args: ParsedArgs): Query {
  const keys = args.texts('sort_key')
  if (keys.length === 0) return limit(args)
  const directions = args.texts('sort_dir')
  return { ...limit(args), sort_key: keys, sort_dir: keys.map((_, i) => directions[i] ?? 'asc') }
}

function limit(args: ParsedArgs): Query {
  return { limit: args.number('page_size') }
}

/** All pages: without a limit the server may still cut the answer and link to the rest. */
export async function readPages(context: Context, path: string, key: string, query: Query): Promise<Attributes[]> {
  const all: Attributes[] = []
  let next: string | undefined = path + queryString(query)
  while (next !== undefined) {
    const page: Readonly<Record<string, unknown>> = await context.session.network.get(next)
    all.push(...((page[key] as Attributes[] | undefined) ?? []))
    const links = page[`${key}_links`] as readonly { rel: string; href: string }[] | undefined
    next = links?.find((link) => link.rel === 'next')?.href
  }
  return all
}

/** The usual columns that the server returned, and all attributes for `-c`. */
function present(found: readonly Attributes[], spec: ListSpec, everything: boolean): ListResult {
  const first = found[0]
  if (!first) return { kind: 'list', columns: [], rows: [] }
  const cell = (record: Attributes, name: string) => flatText(spec.formatters?.[name]?.(record) ?? record[name])
  const usual = spec.columns.filter((name) => name in first || spec.computed?.includes(name))
  const all = [...new Set([...usual, ...Object.keys(first).sort()])]
  const columns = everything ? all : usual
  return {
    kind: 'list',
    columns,
    rows: found.map((record) => columns.map((name) => cell(record, name))),
    more: found.map((record) => Object.fromEntries(all.map((name) => [name, cell(record, name)]))),
  }
}
