import { isOption } from './parse.js'
import { keyOfFlag } from './spec.js'

export type UnknownValue = string | number | boolean | null | UnknownRecord | readonly UnknownValue[]
export interface UnknownRecord {
  readonly [key: string]: UnknownValue
}

/** Unknown options that make no attribute. Exit code 1, as the old client had it. */
export class UnknownOptionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnknownOptionError'
  }
}

type Type = 'str' | 'int' | 'bool' | 'dict' | 'list'

interface Spec {
  readonly flag: string
  type: Type
  list: boolean
  clear: boolean
  readonly values: string[]
}

/**
 * Attributes and filters out of unknown options, by the old client's rules:
 * `--k v`, `--k=v` text · `--k a b` and `--k list=true a` list · `--k` true · `--k type=int|bool|dict|list …` typed ·
 * `--k type=dict list=true k=v k=v` list of records · `--k action=clear` null. A `-` in a name becomes `_`.
 */
export function parseUnknownOptions(tokens: readonly string[]): Record<string, UnknownValue> {
  const specs: Spec[] = []
  for (const token of tokens) {
    if (isOption(token)) specs.push(startOption(token, specs))
    else addToken(specs.at(-1), token)
  }
  return Object.fromEntries(specs.map((spec) => [keyOfFlag(spec.flag), typedValue(spec)]))
}

function startOption(token: string, specs: readonly Spec[]): Spec {
  const equals = token.indexOf('=')
  const flag = equals < 0 ? token : token.slice(0, equals)
  if (!flag.startsWith('--')) throw new UnknownOptionError(`unrecognized arguments: ${token}`)
  const key = keyOfFlag(flag)
  if (specs.some((spec) => keyOfFlag(spec.flag) === key)) throw new UnknownOptionError(`Duplicated options ${flag}`)
  const spec: Spec = { flag, type: 'str', list: false, clear: false, values: [] }
  if (equals >= 0) addToken(spec, token.slice(equals + 1))
  return spec
}

const TYPES: readonly string[] = ['str', 'int', 'bool', 'dict', 'list']

function addToken(spec: Spec | undefined, token: string): void {
  if (!spec) throw new UnknownOptionError(`Invalid values_specs ${token}`)
  const first = spec.values.length === 0
  const type = /^type=(\w+)$/.exec(token)?.[1]
  if (first && type !== undefined && TYPES.includes(type)) spec.type = type as Type
  else if (first && /^list=true$/i.test(token)) spec.list = true
  else if (first && token === 'action=clear') spec.clear = true
  else spec.values.push(token)
}

function typedValue(spec: Spec): UnknownValue {
  if (spec.clear) return null
  if (spec.type === 'dict') return dictOf(spec)
  const values = spec.values.map((value) => convert(spec, value))
  if (spec.list || spec.type === 'list' || values.length > 1) return values
  return values[0] ?? true
}

function convert(spec: Spec, value: string): UnknownValue {
  if (spec.type === 'int') {
    if (/^[+-]?\d+$/.test(value)) return Number(value)
    throw new UnknownOptionError(`argument ${spec.flag}: invalid int value: '${value}'`)
  }
  if (spec.type === 'bool') {
    if (/^(true|false)$/i.test(value)) return /^true$/i.test(value)
    throw new UnknownOptionError(`argument ${spec.flag}: invalid bool value: '${value}', expected True or False`)
  }
  return value
}

function dictOf(spec: Spec): UnknownValue {
  const records = spec.values.map((value) => record(spec.flag, value))
  return spec.list || records.length > 1 ? records : (records[0] ?? {})
}

function record(flag: string, value: string): UnknownRecord {
  const entries = value.split(',').map((part): [string, string] => {
    const equals = part.indexOf('=')
    if (equals < 1)
      throw new UnknownOptionError(`argument ${flag}: invalid key-value '${part}', expected format: key=value`)
    return [part.slice(0, equals), part.slice(equals + 1)]
  })
  return Object.fromEntries(entries)
}
