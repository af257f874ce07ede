import type { ArgValue } from './spec.js'

/** Arguments after parsing: what options and positionals stored, by key, and what nobody knew. */
export class ParsedArgs {
  readonly values: ReadonlyMap<string, ArgValue>
  /** tokens of unknown options and their values, in order */
  readonly unknown: readonly string[]

  constructor(values: ReadonlyMap<string, ArgValue>, unknown: readonly string[] = []) {
    this.values = values
    this.unknown = unknown
  }

  has(key: string): boolean {
    return this.values.has(key)
  }

  get(key: string): ArgValue | undefined {
    return this.values.get(key)
  }

  /** The value as text; undefined when not given. */
  text(key: string): string | undefined {
    const value = this.values.get(key)
    return value === undefined || value === null ? undefined : String(value)
  }

  /** A required positional or option: the parser has seen to it that it is there. */
  need(key: string): string {
    const value = this.text(key)
    if (value === undefined) throw new TypeError(`argument '${key}' is not declared as required`)
    return value
  }

  flag(key: string): boolean {
    return this.values.get(key) === true
  }

  number(key: string): number | undefined {
    const value = this.values.get(key)
    return typeof value === 'number' ? value : undefined
  }

  /** All texts of a repeated option or of the remaining positionals. */
  texts(key: string): string[] {
    const value = this.values.get(key)
    if (value === undefined || value === null) return []
    return Array.isArray(value) ? value.map(String) : [String(value)]
  }

  /** All records of a repeated `k=v,k=v` option. */
  records(key: string): Readonly<Record<string, string>>[] {
    const value = this.values.get(key)
    const all = Array.isArray(value) ? value : value === undefined ? [] : [value]
    return all.filter((one): one is Record<string, string> => typeof one === 'object' && one !== null)
  }
}
