/** Conversions of attribute values that clients send as text, numbers or null interchangeably. */
import { canonicalIp, ipVersion } from '../../model/ip.js'
import { canonicalMac } from '../../model/mac.js'
import { invalidInput } from '../faults.js'
import { type Convert, UNSET } from '../resources/definition.js'
import { either, NULL, orNullSchema, type Schema, TEXT, taking } from './schema.js'
import { shown } from './text.js'

export type { Convert } from '../resources/definition.js'

const TRUE = ['true', '1', 'on', 'yes']
const FALSE = ['false', '0', 'off', 'no']

/** How a boolean may be written, in any case. */
export const BOOLEAN_TEXT: Schema = { type: 'string', pattern: anyCase([...TRUE, ...FALSE]) }
const INTEGER_TEXT = /^\s*[-+]?\d+\s*$/
const INTEGER: Schema = { type: 'integer' }

/** A pattern for one of the words, without flags, which JSON Schema has none of. */
function anyCase(words: readonly string[]): string {
  const letters = (word: string) => [...word].map((c) => (/[a-z]/.test(c) ? `[${c}${c.toUpperCase()}]` : c)).join('')
  return `^(${words.map(letters).join('|')})$`
}

const BOOLEAN_LIKE = either({ type: 'boolean' }, { enum: [0, 1] }, BOOLEAN_TEXT)

export const toBoolean = taking({ takes: () => BOOLEAN_LIKE, gives: { type: 'boolean' } }, booleanOf)

export const toBooleanOrNull: Convert = taking(
  { takes: () => either(BOOLEAN_LIKE, NULL), gives: orNullSchema({ type: 'boolean' }) },
  (value) => (value === null ? null : booleanOf(value)),
)

function booleanOf(value: unknown): boolean {
  const text = typeof value === 'boolean' || typeof value === 'number' ? String(value) : value
  if (typeof text === 'string') {
    if (TRUE.includes(text.toLowerCase())) return true
    if (FALSE.includes(text.toLowerCase())) return false
  }
  throw invalidInput(`'${shown(value)}' cannot be converted to boolean`)
}

const orIntegerText = (schema: Schema) =>
  either(Object.keys(schema).length === 0 ? INTEGER : schema, { ...TEXT, pattern: INTEGER_TEXT.source })

export const toInt = taking({ takes: orIntegerText, gives: INTEGER }, integerOf)

function integerOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (typeof value === 'string' && INTEGER_TEXT.test(value)) return Number(value)
  throw invalidInput(`'${shown(value)}' is not an integer`)
}

export const toIntOrNull: Convert = taking(
  { takes: (schema) => orNullSchema(orIntegerText(schema)), gives: orNullSchema(INTEGER) },
  (value) => (value === null || value === undefined ? null : toInt(value)),
)

export const nullToEmptyList: Convert = taking({ takes: orNullSchema }, (value) => value ?? [])
export const nullToEmptyDict: Convert = taking({ takes: orNullSchema }, (value) => value ?? {})
export const nullToEmptyText: Convert = taking({ takes: orNullSchema }, (value) => value ?? '')

/** A number or text as text; null stays. */
export const toTextOrNull: Convert = taking({ takes: (schema) => either(schema, { type: 'number' }, NULL) }, (value) =>
  typeof value === 'number' ? String(value) : typeof value === 'string' ? value : (value ?? null),
)

/** Lower case with colons when it is a MAC; anything else is left for the check. */
export const toMac: Convert = (value) => (typeof value === 'string' ? (canonicalMac(value) ?? value) : value)

/** Canonical text when it is an address; anything else is left for the check. */
export const toIp: Convert = (value) => (typeof value === 'string' && ipVersion(value) ? canonicalIp(value) : value)

/** As `toIp`; null is the same as not given. */
export const toIpOrUnset: Convert = taking({ takes: orNullSchema }, (value) => toIp(value ?? UNSET))

/** Applies `convert` to the named keys of an object, or of every object in a list. */
export function inside(keys: Readonly<Record<string, Convert>>): Convert {
  const one = (item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    const copy: Record<string, unknown> = { ...item }
    for (const [key, convert] of Object.entries(keys)) if (key in copy) copy[key] = convert(copy[key])
    return copy
  }
  return taking({ takes: (schema) => insideSchema(schema, keys) }, (value) =>
    Array.isArray(value) ? value.map(one) : one(value),
  )
}

/** The schema with what the conversions of the named keys take, wherever it has objects with them. */
function insideSchema(schema: Schema, keys: Readonly<Record<string, Convert>>): Schema {
  const { anyOf, items, properties } = schema
  return {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map((one) => insideSchema(one, keys)) }),
    ...(items && { items: insideSchema(items, keys) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, own]) => [key, takenBy(keys[key], own)] as const),
      ),
    }),
  }
}

/** What may be sent where a conversion (none: the value as it is) must give what the schema says. */
export function takenBy(convert: Convert | undefined, schema: Schema): Schema {
  return convert?.takes ? convert.takes(schema) : schema
}

/** One conversion after the other. */
export function chain(...steps: readonly Convert[]): Convert {
  const takes = (schema: Schema) => steps.reduceRight((taken, step) => takenBy(step, taken), schema)
  return taking({ takes }, (value) => steps.reduce((result, step) => step(result), value))
}
