/** What an option stores under its key. */
export type ArgValue = string | number | boolean | null | Readonly<Record<string, string>> | readonly ArgValue[]

export type OptionKind =
  /** any text, or one of `choices` */
  | 'text'
  /** whole number */
  | 'integer'
  /** takes no value; stores `value` (default true) */
  | 'flag'
  /** `True` or `False` */
  | 'boolean'
  /** a flag that old scripts write with `True`/`False` behind it */
  | 'maybe-boolean'
  /** `key=value,key=value` */
  | 'pairs'

export interface Option {
  /** as printed in help; `_` and `-` mean the same when read */
  readonly flags: readonly string[]
  readonly key: string
  readonly kind: OptionKind
  /** collect every occurrence in a list */
  readonly repeat?: boolean
  /** like `repeat`, and each occurrence takes all the values that follow it */
  readonly several?: boolean
  readonly value?: ArgValue
  readonly choices?: readonly string[]
  readonly metavar?: string
  readonly help?: string
  readonly required?: boolean
  /** options of one group exclude each other */
  readonly group?: string
  /** understood, but not listed in help */
  readonly hidden?: boolean
}

export interface Positional {
  readonly key: string
  readonly metavar: string
  readonly help?: string
  readonly optional?: boolean
  /** takes all that remain; at least one unless optional */
  readonly rest?: boolean
}

export interface ArgSpec {
  readonly positionals: readonly Positional[]
  readonly options: readonly Option[]
  /** unknown options are collected (they become attributes or filters) instead of refused */
  readonly collectUnknown?: boolean
}

/** The arguments do not fit the command. Printed with its usage; exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

type Extra = Omit<Partial<Option>, 'flags' | 'kind' | 'key'> & { readonly key?: string }

/** `--fixed-ip` -> `fixed_ip`. */
export function keyOfFlag(flag: string): string {
  return flag.replace(/^-+/, '').replaceAll('-', '_')
}

function option(kind: OptionKind, flags: string, help: string, extra: Extra): Option {
  const list = flags.split(' ')
  const long = list.find((flag) => flag.startsWith('--')) ?? list[0] ?? ''
  return { ...extra, flags: list, kind, help, key: extra.key ?? keyOfFlag(long) }
}

/** Builders: flags are given in one text, separated by spaces; the key follows from the first long one. */
export const text = (flags: string, help = '', extra: Extra = {}): Option => option('text', flags, help, extra)
export const integer = (flags: string, help = '', extra: Extra = {}): Option => option('integer', flags, help, extra)
export const flag = (flags: string, help = '', extra: Extra = {}): Option => option('flag', flags, help, extra)
export const boolean = (flags: string, help = '', extra: Extra = {}): Option => option('boolean', flags, help, extra)
export const maybeBoolean = (flags: string, help = '', extra: Extra = {}): Option =>
  option('maybe-boolean', flags, help, extra)
export const pairs = (flags: string, help = '', extra: Extra = {}): Option => option('pairs', flags, help, extra)
export const positional = (metavar: string, help = '', extra: Partial<Positional> = {}): Positional => ({
  key: metavar.toLowerCase().replaceAll('-', '_'),
  metavar,
  help,
  ...extra,
})
