import { ParsedArgs } from './parsed.js'
import { type ArgSpec, type ArgValue, type Option, type Positional, UsageError } from './spec.js'

/**
 * Reads a command's arguments. Options may stand before, between and after positionals; `-` and `_` are the same in
 * long options; a negative number is a value. With `collectUnknown`, unknown options take the values that follow them,
 * except those that required positionals still need: these are then taken from the end of such a run.
 */
export function parseArguments(spec: ArgSpec, argv: readonly string[]): ParsedArgs {
  return new Reader(spec, argv).read()
}

/** Whether a token is an option; `-1` and `-` are values. */
export function isOption(token: string): boolean {
  return token.length > 1 && token.startsWith('-') && !/^-\d+(\.\d+)?$/.test(token)
}

/** Canonical spelling of a flag: `--tenant_id` and `--tenant-id` are one. Short flags are taken as they are. */
export function canonicalFlag(flag: string): string {
  return flag.startsWith('--') ? flag.replaceAll('_', '-').toLowerCase() : flag
}

interface Run {
  readonly option: string
  readonly values: string[]
}

class Reader {
  readonly #spec: ArgSpec
  readonly #argv: readonly string[]
  readonly #byFlag = new Map<string, Option>()
  readonly #values = new Map<string, ArgValue>()
  readonly #groups = new Map<string, string>()
  readonly #plain: string[] = []
  readonly #runs: Run[] = []
  #at = 0

  constructor(spec: ArgSpec, argv: readonly string[]) {
    this.#spec = spec
    this.#argv = argv
    for (const option of spec.options) for (const flag of option.flags) this.#byFlag.set(canonicalFlag(flag), option)
  }

  read(): ParsedArgs {
    let onlyUnknown = false
    while (this.#at < this.#argv.length) {
      const token = this.#argv[this.#at++]!
      if (token === '--' && !onlyUnknown) onlyUnknown = true
      else if (onlyUnknown && (!this.#spec.collectUnknown || !isOption(token))) this.#plainToken(token)
      else if (onlyUnknown) this.#unknown(token)
      else if (isOption(token)) this.#option(token)
      else this.#plainToken(token)
    }
    this.#positionals()
    this.#required()
    return new ParsedArgs(
      this.#values,
      this.#runs.flatMap((run) => [run.option, ...run.values]),
    )
  }

  /** A value right behind an unknown option is its own; all others are positionals. */
  #plainToken(token: string): void {
    this.#plain.push(token)
  }

  #option(token: string): void {
    const [name, inline] = splitInline(token)
    const option = this.#find(name)
    if (option) {
      this.#store(option, name, inline)
      return
    }
    const short = this.#shortWithValue(token)
    if (short) {
      this.#store(short, token.slice(0, 2), token.slice(2))
      return
    }
    if (!this.#spec.collectUnknown) throw new UsageError(`unrecognized arguments: ${token}`)
    this.#unknown(token)
  }

  #find(name: string): Option | undefined {
    const exact = this.#byFlag.get(canonicalFlag(name))
    if (exact || this.#spec.collectUnknown || !name.startsWith('--')) return exact
    return this.#abbreviated(canonicalFlag(name))
  }

  /** An unambiguous beginning of a long option stands for it, but only where unknown options have no meaning. */
  #abbreviated(name: string): Option | undefined {
    const matches = [...this.#byFlag].filter(([flag]) => flag.startsWith(name))
    const options = [...new Set(matches.map(([, option]) => option))]
    if (options.length > 1) {
      throw new UsageError(`ambiguous option: ${name} could match ${matches.map(([flag]) => flag).join(', ')}`)
    }
    return options[0]
  }

  /** `-fjson` */
  #shortWithValue(token: string): Option | undefined {
    if (token.startsWith('--') || token.length < 3) return undefined
    const option = this.#byFlag.get(token.slice(0, 2))
    return option && option.kind !== 'flag' ? option : undefined
  }

  #unknown(token: string): void {
    const run: Run = { option: token, values: [] }
    this.#runs.push(run)
    while (this.#at < this.#argv.length && !isOption(this.#argv[this.#at]!)) run.values.push(this.#argv[this.#at++]!)
  }

  #store(option: Option, name: string, inline: string | undefined): void {
    this.#exclude(option, name)
    const value = this.#valueOf(option, name, inline)
    if (option.repeat || option.several) this.#append(option.key, value)
    else this.#values.set(option.key, value)
    if (option.several && inline === undefined) this.#storeFollowing(option, name)
  }

  #storeFollowing(option: Option, name: string): void {
    while (this.#at < this.#argv.length && !isOption(this.#argv[this.#at]!)) {
      this.#append(option.key, this.#valueOf(option, name, undefined))
    }
  }

  #append(key: string, value: ArgValue): void {
    const before = this.#values.get(key)
    this.#values.set(key, [...(Array.isArray(before) ? before : []), value])
  }

  #exclude(option: Option, name: string): void {
    if (option.group === undefined) return
    const other = this.#groups.get(option.group)
    if (other !== undefined && this.#byFlag.get(canonicalFlag(other)) !== option) {
      throw new UsageError(`argument ${name}: not allowed with argument ${other}`)
    }
    this.#groups.set(option.group, name)
  }

  #valueOf(option: Option, name: string, inline: string | undefined): ArgValue {
    if (option.kind === 'flag') {
      if (inline !== undefined) throw new UsageError(`argument ${name}: ignored explicit argument '${inline}'`)
      return option.value === undefined ? true : option.value
    }
    if (option.kind === 'maybe-boolean') return this.#maybeBoolean(name, inline)
    const value = inline ?? this.#next(name)
    // Known or not, an attribute is cleared in the same way.
    if (value === 'action=clear' && option.kind === 'text' && this.#spec.collectUnknown) return null
    return convert(option, name, value)
  }

  #maybeBoolean(name: string, inline: string | undefined): boolean {
    const next = inline ?? this.#argv[this.#at]
    if (next === undefined || (inline === undefined && !/^(true|false)$/i.test(next))) return true
    if (inline === undefined) this.#at++
    return toBoolean(name, next)
  }

  #next(name: string): string {
    const value = this.#argv[this.#at]
    if (value === undefined || (isOption(value) && !/^-\d/.test(value))) {
      throw new UsageError(`argument ${name}: expected one argument`)
    }
    this.#at++
    return value
  }

  #positionals(): void {
    const wanted = this.#spec.positionals
    const required = wanted.filter((positional) => !positional.optional).length
    while (this.#plain.length < required && this.#takeFromRuns());
    const plain = [...this.#plain]
    for (const positional of wanted) this.#fill(positional, plain)
    if (plain.length > 0) throw new UsageError(`unrecognized arguments: ${plain.join(' ')}`)
    const missing = wanted.filter((positional) => !positional.optional && !this.#values.has(positional.key))
    if (missing.length > 0) throw new UsageError(tooFew(missing.map((positional) => positional.metavar)))
  }

  /** `--mac-address aa:… PORT`: the last value of the last run that has more than it needs, else its only one. */
  #takeFromRuns(): boolean {
    const run =
      this.#runs.findLast(({ values }) => values.length > 1) ?? this.#runs.findLast(({ values }) => values.length > 0)
    if (!run) return false
    this.#plain.push(run.values.pop()!)
    return true
  }

  #fill(positional: Positional, plain: string[]): void {
    if (plain.length === 0) return
    this.#values.set(positional.key, positional.rest ? plain.splice(0) : plain.shift()!)
  }

  #required(): void {
    const missing = this.#spec.options.filter((option) => option.required && !this.#values.has(option.key))
    if (missing.length > 0) throw new UsageError(tooFew(missing.map((option) => option.flags.join('/'))))
  }
}

function tooFew(names: readonly string[]): string {
  return `the following arguments are required: ${names.join(', ')}`
}

function splitInline(token: string): [string, string | undefined] {
  const equals = token.indexOf('=')
  if (!token.startsWith('--') || equals < 0) return [token, undefined]
  return [token.slice(0, equals), token.slice(equals + 1)]
}

function convert(option: Option, name: string, value: string): ArgValue {
  if (option.choices && !option.choices.includes(value)) {
    const choices = option.choices.map((choice) => `'${choice}'`).join(', ')
    throw new UsageError(`argument ${name}: invalid choice: '${value}' (choose from ${choices})`)
  }
  if (option.kind === 'boolean') return toBoolean(name, value)
  if (option.kind === 'pairs') return toPairs(name, value)
  if (option.kind !== 'integer') return value
  if (!/^[+-]?\d+$/.test(value)) throw new UsageError(`argument ${name}: invalid int value: '${value}'`)
  return Number(value)
}

function toBoolean(name: string, value: string): boolean {
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw new UsageError(`argument ${name}: invalid choice: '${value}' (choose from 'True', 'False')`)
}

/** `start=10.0.0.2,end=10.0.0.9`; a value may hold further `=`. */
export function toPairs(name: string, value: string): Readonly<Record<string, string>> {
  const entries = value.split(',').map((part) => {
    const equals = part.indexOf('=')
    if (equals < 1) throw new UsageError(`argument ${name}: invalid key-value '${value}', expected format: key=value`)
    return [part.slice(0, equals), part.slice(equals + 1)] as const
  })
  return Object.fromEntries(entries)
}
