/**
 * Filters of a list. `core` gets each under the attribute's name with values as text: booleans as `true`/`false`,
 * MACs and addresses canonical, `fixed_ips` as `ip_address=…`, `subnet_id=…` or `ip_address_substr=…`,
 * `tags` and its kin one tag per value (all of `tags` must be there, one of `tags-any`).
 */
import { badRequest } from '../faults.js'
import type { Compiled } from '../resources/definition.js'
import { type Convert, toBoolean, toIp, toIpOrUnset, toMac } from './convert.js'
import type { Query } from './query-string.js'
import { quoted } from './text.js'

/** Options of every list, and `verbose`, which old clients send with `-D`. */
const OPTIONS = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse', 'verbose'])
const TAG_FILTERS = new Set(['tags', 'tags-any', 'not-tags', 'not-tags-any'])
/** Conversions that give a value its one canonical text. */
const CANONICAL: ReadonlySet<Convert> = new Set([toIp, toIpOrUnset, toMac])
const FIXED_IP_KEYS = ['ip_address', 'subnet_id', 'ip_address_substr']

export function parseFilters(compiled: Compiled, query: Query): Readonly<Record<string, readonly string[]>> {
  const keys = [...query.keys()].filter((key) => !OPTIONS.has(key))
  const unknown = keys.filter((key) => !compiled.filters.has(key))
  if (unknown.length > 0) throw badRequest(`${quoted(unknown)} is invalid attribute for filtering`)
  const filters: Record<string, readonly string[]> = {}
  for (const key of keys) {
    const values = query.get(key)!.flatMap((value) => filterValues(compiled, key, value))
    const name = key === 'tenant_id' ? 'project_id' : key
    filters[name] = [...(filters[name] ?? []), ...values]
  }
  return filters
}

function filterValues(compiled: Compiled, key: string, value: string): string[] {
  if (TAG_FILTERS.has(key)) return value.split(',')
  if (key === 'fixed_ips') return [fixedIpFilter(value)]
  if (key === 'changed_since') return [time(value)]
  if (isBoolean(compiled, key)) return [String(toBoolean(value))]
  const convert = compiled.attributes.get(key)?.convert
  return [convert && CANONICAL.has(convert) ? String(convert(value)) : value]
}

/** Attributes that convert to booleans, and the read-only ones that are. */
function isBoolean(compiled: Compiled, key: string): boolean {
  return compiled.attributes.get(key)?.convert === toBoolean || key === 'alive' || key === 'shared'
}

function fixedIpFilter(value: string): string {
  const at = value.indexOf('=')
  const name = value.slice(0, at)
  if (at < 0 || !FIXED_IP_KEYS.includes(name)) {
    throw badRequest(`Invalid input for fixed_ips. Reason: '${value}' is not one of ${FIXED_IP_KEYS.join('=, ')}=.`)
  }
  return `${name}=${toIp(value.slice(at + 1))}`
}

function time(value: string): string {
  if (!Number.isNaN(Date.parse(value))) return value
  throw badRequest(`Invalid input for changed_since. Reason: ${value} is not a valid ISO 8601 time.`)
}
