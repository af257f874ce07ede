import { isIPv4, isIPv6 } from 'node:net'

/** IPv4 and IPv6 arithmetic on bigint; text forms are canonical (dotted quad, RFC 5952). */

export type IpVersion = 4 | 6

export interface Cidr {
  readonly version: IpVersion
  /** network address as an integer (host bits cleared) */
  readonly network: bigint
  readonly prefix: number
}

export function ipVersion(text: string): IpVersion | null {
  if (isIPv4(text)) return 4
  if (isIPv6(text) && !text.includes('%')) return 6
  return null
}

/** Integer value of an address; throws RangeError when `text` is not one. */
export function ipToInt(text: string): bigint {
  const version = ipVersion(text)
  if (version === 4) return text.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(Number(octet)), 0n)
  if (version === 6) return ipv6ToInt(text)
  throw new RangeError(`'${text}' is not an IP address`)
}

function ipv6ToInt(text: string): bigint {
  let source = text
  const dotted = source.match(/^(.*:)(\d+\.\d+\.\d+\.\d+)$/)
  if (dotted) {
    const low = ipToInt(dotted[2]!)
    source = `${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`
  }
  const [head = '', tail] = source.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right]
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n)
}

export function intToIp(value: bigint, version: IpVersion): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString()).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn))
  const run = longestZeroRun(groups)
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  if (run.length < 2) return hex(groups)
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) continue
    if (i - start > best.length) best = { start, length: i - start }
    start = i + 1
  }
  return best
}

/** Canonical text of an address (`2001:DB8::0` becomes `2001:db8::`). */
export function canonicalIp(text: string): string {
  const version = ipVersion(text)
  if (version === null) throw new RangeError(`'${text}' is not an IP address`)
  return intToIp(ipToInt(text), version)
}

/** `a.b.c.d/len` (host bits are cleared). A bare address is a host prefix. Null when malformed. */
export function parseCidr(text: string): Cidr | null {
  const [address = '', length, extra] = text.split('/')
  const version = ipVersion(address)
  if (version === null || extra !== undefined) return null
  const bits = version === 4 ? 32 : 128
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null
  const prefix = length === undefined ? bits : Number(length)
  if (prefix > bits) return null
  const shift = BigInt(bits - prefix)
  return { version, network: (ipToInt(address) >> shift) << shift, prefix }
}

/** As `parseCidr`, for text that was validated before; throws RangeError otherwise. */
export function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text)
  if (!cidr) throw new RangeError(`'${text}' is not a CIDR`)
  return cidr
}

/** The canonical address, when `text` is one address or a host-sized prefix; null for a wider prefix. */
export function hostAddress(text: string): string | null {
  const cidr = parseCidr(text)
  return cidr && cidr.prefix === cidrBits(cidr.version) ? intToIp(cidr.network, cidr.version) : null
}

export function formatCidr(cidr: Cidr): string {
  return `${intToIp(cidr.network, cidr.version)}/${cidr.prefix}`
}

export function cidrBits(version: IpVersion): number {
  return version === 4 ? 32 : 128
}

/** First and last address of the prefix, network and broadcast included. */
export function cidrRange(cidr: Cidr): { first: bigint; last: bigint } {
  const size = 1n << BigInt(cidrBits(cidr.version) - cidr.prefix)
  return { first: cidr.network, last: cidr.network + size - 1n }
}

export function cidrContains(cidr: Cidr, ip: string): boolean {
  if (ipVersion(ip) !== cidr.version) return false
  const { first, last } = cidrRange(cidr)
  const value = ipToInt(ip)
  return value >= first && value <= last
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  if (a.version !== b.version) return false
  const x = cidrRange(a)
  const y = cidrRange(b)
  return x.first <= y.last && y.first <= x.last
}

/** Dotted netmask of an IPv4 prefix length. */
export function netmask(prefix: number): string {
  return intToIp((0xffffffffn << BigInt(32 - prefix)) & 0xffffffffn, 4)
}

export function broadcastOf(cidr: Cidr): string {
  return intToIp(cidrRange(cidr).last, cidr.version)
}
