import { type Cidr, cidrBits, formatCidr, type IpVersion, parseCidr } from '../../model/ip.js'
import { invalidInput } from '../fault-messages.js'
import { emptyPrefixes, illegalBounds, mixedPrefixes } from './faults.js'
import { mergePrefixes } from './prefixes.js'

export interface Bounds {
  readonly minPrefixlen: number
  readonly maxPrefixlen: number
  readonly defaultPrefixlen: number
}

/** Shortest and longest prefix of a pool that says nothing: a /8, a /64 (a whole IPv6 link), a single address. */
const DEFAULTS = { 4: { min: 8, max: 32 }, 6: { min: 64, max: 128 } } as const

/** The pool's prefixes in their shortest form, all of one IP version. */
export function checkPrefixes(texts: readonly string[]): Cidr[] {
  if (texts.length === 0) throw emptyPrefixes()
  const prefixes = texts.map((text) => {
    const cidr = parseCidr(text)
    if (!cidr) throw invalidInput(`'${text}' is not a valid CIDR`)
    return cidr
  })
  if (prefixes.some(({ version }) => version !== prefixes[0]!.version)) throw mixedPrefixes()
  return mergePrefixes(prefixes)
}

export const prefixTexts = (prefixes: readonly Cidr[]) => prefixes.map(formatCidr)

/** The bounds as asked for, the version's where not; the default length is the shortest one allowed. */
export function boundsOf(
  version: IpVersion,
  asked: { readonly min: number | null; readonly max: number | null; readonly default: number | null },
): Bounds {
  const minPrefixlen = asked.min ?? DEFAULTS[version].min
  const maxPrefixlen = asked.max ?? DEFAULTS[version].max
  const defaultPrefixlen = asked.default ?? minPrefixlen
  const bits = cidrBits(version)
  if (maxPrefixlen > bits) throw illegalBounds('max_prefixlen', maxPrefixlen, 'ip_version_max', bits)
  if (minPrefixlen > maxPrefixlen) throw illegalBounds('min_prefixlen', minPrefixlen, 'max_prefixlen', maxPrefixlen)
  if (defaultPrefixlen < minPrefixlen)
    throw illegalBounds('default_prefixlen', defaultPrefixlen, 'min_prefixlen', minPrefixlen)
  if (defaultPrefixlen > maxPrefixlen)
    throw illegalBounds('default_prefixlen', defaultPrefixlen, 'max_prefixlen', maxPrefixlen)
  return { minPrefixlen, maxPrefixlen, defaultPrefixlen }
}
