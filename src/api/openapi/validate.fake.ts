/** As much of JSON Schema 2020-12 as the description uses. What it does not know it refuses, so that nothing is left unchecked. */
import { isDeepStrictEqual } from 'node:util'
import type { Json } from './document.js'

type Check = (rule: never, value: unknown, schema: Json, document: Json) => readonly string[]

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: isObject,
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const when = (broken: boolean, reason: string) => (broken ? [reason] : [])
const length = (value: unknown) => (typeof value === 'string' ? [...value].length : null)
const none = () => []

const KEYWORDS: Readonly<Record<string, Check>> = {
  $ref: (ref: string, value, _schema, document) => problems(resolve(document, ref), value, document),
  type: (type: string | readonly string[], value) =>
    when(![type].flat().some((one) => TYPES[one]!(value)), `is no ${type}`),
  enum: (choices: readonly unknown[], value) =>
    when(!choices.some((one) => isDeepStrictEqual(one, value)), `is not one of ${choices}`),
  pattern: (pattern: string, value) =>
    when(typeof value === 'string' && !new RegExp(pattern, 'u').test(value), `does not match ${pattern}`),
  minLength: (min: number, value) => when((length(value) ?? min) < min, 'is too short'),
  maxLength: (max: number, value) => when((length(value) ?? max) > max, 'is too long'),
  minimum: (min: number, value) => when(typeof value === 'number' && value < min, 'is too small'),
  maximum: (max: number, value) => when(typeof value === 'number' && value > max, 'is too large'),
  items: (items: Json, value, _schema, document) =>
    Array.isArray(value)
      ? value.flatMap((one, i) => problems(items, one, document).map((each) => `[${i}] ${each}`))
      : [],
  minItems: (min: number, value) => when(Array.isArray(value) && value.length < min, 'has too few items'),
  uniqueItems: (_unique: true, value) =>
    when(
      Array.isArray(value) && value.some((one, i) => value.slice(i + 1).some((other) => isDeepStrictEqual(one, other))),
      'has an item twice',
    ),
  properties: (properties: Json, value, _schema, document) =>
    isObject(value)
      ? Object.entries(properties)
          .filter(([key]) => Object.hasOwn(value, key))
          .flatMap(([key, own]) => problems(own as Json, value[key], document).map((each) => `.${key} ${each}`))
      : [],
  required: (required: readonly string[], value) =>
    isObject(value) ? required.filter((key) => !Object.hasOwn(value, key)).map((key) => `has no ${key}`) : [],
  maxProperties: (max: number, value) => when(isObject(value) && Object.keys(value).length > max, 'has too much in it'),
  additionalProperties: (rule: boolean | Json, value, schema, document) => {
    if (!isObject(value) || rule === true) return []
    const others = Object.keys(value).filter((key) => !Object.hasOwn((schema.properties as Json) ?? {}, key))
    return rule === false
      ? others.map((key) => `has ${key}`)
      : others.flatMap((key) => problems(rule as Json, value[key], document).map((each) => `.${key} ${each}`))
  },
  anyOf: (choices: readonly Json[], value, _schema, document) => {
    const each = choices.map((one) => problems(one, value, document))
    return each.some((one) => one.length === 0) ? [] : [`is none of: ${each.map((one) => one[0]).join(' | ')}`]
  },
  default: none,
  description: none,
  format: none,
}

/** Why the value is not as the schema says; nothing when it is. */
export function problems(schema: Json, value: unknown, document: Json): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    const check = KEYWORDS[keyword]
    if (!check) throw new Error(`unknown keyword ${keyword}`)
    return check(rule as never, value, schema, document)
  })
}

/** What `#/components/…` stands for. */
export function resolve(document: Json, ref: string): Json {
  const found = ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, key) => (at as Json)?.[key], document)
  if (!isObject(found)) throw new Error(`${ref} is not there`)
  return found
}
