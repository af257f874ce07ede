import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, type Option, text } from '../args/spec.js'
import { QUOTE_MODES, type QuoteMode } from './csv.js'

export type Format = 'table' | 'csv' | 'json' | 'value' | 'yaml' | 'shell'

export interface OutputOptions {
  readonly format: Format
  readonly columns: readonly string[]
  /** columns that order a list, most important first */
  readonly sortColumns?: readonly string[]
  readonly descending?: boolean
  readonly maxWidth?: number
  readonly quote: QuoteMode
  readonly indent: boolean
  /** before the names of shell variables */
  readonly prefix: string
  readonly printEmpty: boolean
  /** show attributes that the classic tables leave out */
  readonly allAttributes: boolean
}

const COMMON: readonly Option[] = [
  text('-c --column', 'show only this column', { repeat: true }),
  integer('--max-width', 'fold the table to this many columns'),
  flag('--fit-width', 'fold the table to the width of the terminal'),
  flag('--print-empty', 'print a table even when it has no rows'),
  flag('--noindent', 'JSON on one line'),
  flag('--all-attributes', 'show every attribute the server returns'),
]

/** Options of commands that print several records. */
export const LIST_OUTPUT: readonly Option[] = [
  text('-f --format', 'output format, table by default', { choices: ['table', 'csv', 'json', 'value', 'yaml'] }),
  ...COMMON,
  text('--quote', 'when to quote CSV fields, nonnumeric by default', { choices: QUOTE_MODES }),
  text('--sort-column', 'sort by this column', { repeat: true }),
  flag('--sort-ascending', '', { hidden: true }),
  flag('--sort-descending', 'reverse the order of --sort-column'),
]

/** Options of commands that print one record. */
export const ONE_OUTPUT: readonly Option[] = [
  text('-f --format', 'output format, table by default', { choices: ['table', 'json', 'shell', 'value', 'yaml'] }),
  ...COMMON,
  text('--prefix', 'put this before the names of shell variables'),
  text('--variable', '', { hidden: true, key: 'column', repeat: true }),
]

export function readOutputOptions(args: ParsedArgs, env: NodeJS.ProcessEnv, terminalWidth?: number): OutputOptions {
  return {
    format: (args.text('format') ?? 'table') as Format,
    columns: args.texts('column'),
    sortColumns: args.texts('sort_column'),
    descending: args.flag('sort_descending'),
    maxWidth: maxWidth(args, env, terminalWidth),
    quote: (args.text('quote') ?? 'nonnumeric') as QuoteMode,
    indent: !args.flag('noindent'),
    prefix: args.text('prefix') ?? '',
    printEmpty: args.flag('print_empty'),
    allAttributes: args.flag('all_attributes') || /^(1|true|yes)$/i.test(env.EASTWEST_ALL_ATTRIBUTES ?? ''),
  }
}

function maxWidth(args: ParsedArgs, env: NodeJS.ProcessEnv, terminalWidth?: number): number | undefined {
  const given = args.number('max_width') ?? (Number(env.CLIFF_MAX_TERM_WIDTH) || undefined)
  if (given !== undefined && given > 0) return given
  return args.flag('fit_width') ? terminalWidth : undefined
}
