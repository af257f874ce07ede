/** Checks of single values. Each returns null or the reason, worded as Neutron words it. */
import { formatCidr, ipVersion, parseCidr } from '../../model/ip.js'
import { isMac } from '../../model/mac.js'
import type { Check } from '../resources/definition.js'
import { ANY, checking, objectOf, orNullSchema, type Schema } from './schema.js'
import { quoted, shown } from './text.js'

const UUID = /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/

const schemaOf = (check: Check): Schema => check.schema ?? ANY

/** `max` is in characters. */
export function text(max: number): Check {
  return checking({ type: 'string', maxLength: max }, (value) => {
    if (typeof value !== 'string') return `'${shown(value)}' is not a valid string`
    return [...value].length > max ? `'${value}' exceeds maximum length of ${max}` : null
  })
}

/** As `text`, and not empty. */
export function word(max: number): Check {
  return checking({ type: 'string', minLength: 1, maxLength: max }, (value) =>
    value === '' ? "'' Blank strings are not permitted" : text(max)(value),
  )
}

export function orNull(check: Check): Check {
  return checking(orNullSchema(schemaOf(check)), (value) => (value === null ? null : check(value)))
}

export const boolean: Check = checking({ type: 'boolean' }, (value) =>
  typeof value === 'boolean' ? null : `'${shown(value)}' is not a valid boolean value`,
)

export function oneOf(choices: readonly unknown[]): Check {
  return checking({ enum: choices }, (value) =>
    choices.includes(value) ? null : `'${shown(value)}' is not in ${quoted(choices)}`,
  )
}

/** Bounds are inclusive. */
export function range(min: number, max: number): Check {
  return checking({ type: 'integer', minimum: min, maximum: max }, (value) => {
    if (typeof value !== 'number') return `'${shown(value)}' is not an integer`
    if (value < min) return `'${value}' is too small - must be at least '${min}'`
    return value > max ? `'${value}' is too large - must be no larger than '${max}'` : null
  })
}

export const uuid: Check = checking({ type: 'string', pattern: UUID.source }, (value) =>
  typeof value === 'string' && UUID.test(value) ? null : `'${shown(value)}' is not a valid UUID`,
)

export const mac: Check = checking({ type: 'string', format: 'mac-address' }, (value) =>
  typeof value === 'string' && isMac(value) && !/^00(:00){5}$/.test(value)
    ? null
    : `'${shown(value)}' is not a valid MAC address`,
)

export const ip: Check = checking({ type: 'string', format: 'ip-address' }, (value) =>
  typeof value === 'string' && ipVersion(value) ? null : `'${shown(value)}' is not a valid IP address`,
)

/** `address/length`. */
export const cidr: Check = checking({ type: 'string', format: 'cidr', pattern: '/' }, (value) => {
  const parsed = typeof value === 'string' ? parseCidr(value) : null
  if (!parsed) return `'${shown(value)}' is not a valid IP subnet`
  return String(value).includes('/')
    ? null
    : `'${shown(value)}' isn't a recognized IP subnet cidr, '${formatCidr(parsed)}' is recommended`
})

/** An address, or an address with a prefix length. */
export const ipOrCidr: Check = checking({ type: 'string', format: 'ip-address-or-cidr' }, (value) => {
  if (typeof value === 'string' && parseCidr(value)) return null
  return `'${shown(value)}' is neither a valid IP address, nor is it a valid IP subnet`
})

export const dict: Check = checking({ type: 'object' }, (value) =>
  isDict(value) ? null : `'${shown(value)}' is not a dictionary`,
)

export function isDict(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list without repetitions whose items all pass. */
export function listOf(item: Check): Check {
  return checking({ type: 'array', items: schemaOf(item), uniqueItems: true }, (value) => {
    if (!Array.isArray(value)) return `'${shown(value)}' is not a list`
    const repeated = firstRepeated(value)
    if (repeated !== undefined) return `Duplicate items in the list: '${shown(repeated)}'`
    return firstReason(value, item)
  })
}

export const uuids = listOf(uuid)
export const texts = (max: number) => listOf(text(max))

/** Reason for the first item that fails. */
export function firstReason(items: readonly unknown[], check: Check): string | null {
  for (const item of items) {
    const reason = check(item)
    if (reason !== null) return reason
  }
  return null
}

export function firstRepeated(items: readonly unknown[]): unknown {
  const seen = new Set<string>()
  for (const item of items) {
    const key = JSON.stringify(item, inOrder)
    if (seen.has(key)) return item
    seen.add(key)
  }
  return undefined
}

/** The same object whatever the order of its keys. */
function inOrder(_key: string, value: unknown): unknown {
  return isDict(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}

/** An object whose keys are all declared and pass, with the required ones present. */
export function shape(keys: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const expected = Object.keys(keys)
  const properties = Object.fromEntries(Object.entries(keys).map(([key, check]) => [key, schemaOf(check)]))
  return checking(objectOf(properties, required), (value) => {
    if (!isDict(value)) return `'${shown(value)}' is not a dictionary`
    const given = Object.keys(value)
    if (required.some((key) => !given.includes(key))) {
      return `Validation of dictionary's keys failed. Expected keys: ${quoted(required)} Provided keys: ${quoted(given)}`
    }
    const unexpected = given.filter((key) => !expected.includes(key))
    if (unexpected.length > 0) return `Unexpected keys supplied: ${unexpected.join(', ')}`
    for (const key of given) {
      const reason = keys[key]!(value[key])
      if (reason !== null) return reason
    }
    return null
  })
}
