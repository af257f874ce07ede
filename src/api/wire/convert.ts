/** Conversions of attribute values that clients send as text, numbers or null interchangeably. */
import { canonicalIp, ipVersion } from '../../model/ip.js'
import { canonicalMac } from '../../model/mac.js'
import { invalidInput } from '../faults.js'
import { UNSET } from '../resources/definition.js'
import { shown } from './text.js'

export type Convert = (value: unknown) => unknown

const TRUE = ['true', '1', 'on', 'yes']
const FALSE = ['false', '0', 'off', 'no']

export function toBoolean(value: unknown): boolean {
  const text = typeof value === 'boolean' || typeof value === 'number' ? String(value) : value
  if (typeof text === 'string') {
    if (TRUE.includes(text.toLowerCase())) return true
    if (FALSE.includes(text.toLowerCase())) return false
  }
  throw invalidInput(`'${shown(value)}' cannot be converted to boolean`)
}

export function toInt(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (typeof value === 'string' && /^\s*[-+]?\d+\s*$/.test(value)) return Number(value)
  throw invalidInput(`'${shown(value)}' is not an integer`)
}

export const toIntOrNull: Convert = (value) => (value === null || value === undefined ? null : toInt(value))

export const nullToEmptyList: Convert = (value) => value ?? []
export const nullToEmptyDict: Convert = (value) => value ?? {}
export const nullToEmptyText: Convert = (value) => value ?? ''

/** A number or text as text; null stays. */
export const toTextOrNull: Convert = (value) =>
  typeof value === 'number' ? String(value) : typeof value === 'string' ? value : (value ?? null)

/** Lower case with colons when it is a MAC; anything else is left for the check. */
export const toMac: Convert = (value) => (typeof value === 'string' ? (canonicalMac(value) ?? value) : value)

/** Canonical text when it is an address; anything else is left for the check. */
export const toIp: Convert = (value) => (typeof value === 'string' && ipVersion(value) ? canonicalIp(value) : value)

/** As `toIp`; null is the same as not given. */
export const toIpOrUnset: Convert = (value) => toIp(value ?? UNSET)

/** Applies `convert` to the named keys of an object, or of every object in a list. */
export function inside(keys: Readonly<Record<string, Convert>>): Convert {
  const one = (item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    const copy: Record<string, unknown> = { ...item }
    for (const [key, convert] of Object.entries(keys)) if (key in copy) copy[key] = convert(copy[key])
    return copy
  }
  return (value) => (Array.isArray(value) ? value.map(one) : one(value))
}

/** One conversion after the other. */
export function chain(...steps: readonly Convert[]): Convert {
  return (value) => steps.reduce((result, step) => step(result), value)
}
