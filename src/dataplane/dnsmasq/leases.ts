import { cidrContains, cidrOf } from '../../model/ip.js'

/** A line of dnsmasq's lease file: `expiry mac ip hostname client-id`. */
export interface Lease {
  /** seconds since 1970; 0: never */
  readonly expiry: number
  readonly mac: string
  readonly ip: string
  readonly line: string
}

/** Who may hold an address. */
export interface LeaseHolder {
  readonly mac: string
  readonly ip: string
}

/** IPv4 leases; IPv6 ones and the server's own `duid` line are not among them. */
export function parseLeases(text: string): Lease[] {
  return text.split('\n').flatMap((line) => {
    const [expiry = '', mac = '', ip = ''] = line.split(' ')
    const isLease = /^\d+$/.test(expiry) && /^[\d.]+$/.test(ip)
    return isLease ? [{ expiry: Number(expiry), mac: mac.toLowerCase(), ip, line }] : []
  })
}

/**
 * The file that dnsmasq starts with: leases of those who may still have them, and for everybody else one without an end
 * that any client id can take over. A client that comes back to renew an address then gets it from a server that has
 * never seen it. IPv6 leases and the `duid` line stay.
 */
export function initialLeases(text: string, holders: readonly LeaseHolder[]): string {
  const leases = new Map(parseLeases(text).map((lease) => [`${lease.mac} ${lease.ip}`, lease.line]))
  const ours = holders.map(({ mac, ip }) => leases.get(`${mac} ${ip}`) ?? `0 ${mac} ${ip} * *`)
  const old = new Set(parseLeases(text).map(({ line }) => line))
  const others = text.split('\n').filter((line) => line !== '' && !old.has(line))
  return [...ours, ...others].map((line) => `${line}\n`).join('')
}

/** IPv6 addresses of a host file with the MACs that get them: lines such as `MAC,tag:dhcpv6,NAME,[ADDRESS]`. */
function addresses6(hostFile: string): Map<string, string> {
  const found = [...hostFile.matchAll(/^([^,\n]+),.*\[([^\]\n]+)\]/gm)]
  return new Map(found.map(([, mac, ip]) => [ip!, mac!]))
}

/**
 * IPv6 addresses that the host file `after` gives to somebody else than `before`. An IPv6 lease names a client's DUID,
 * from which nobody can tell whose it is: one that an address has when it is given away is its former owner's.
 */
export function newlyGiven6(before: string, after: string): string[] {
  const old = addresses6(before)
  return [...addresses6(after)].filter(([ip, mac]) => old.get(ip) !== mac).map(([ip]) => ip)
}

/** Lines of IPv6 leases, `expiry iaid ip hostname duid`, of these addresses. */
export function leases6Of(text: string, ips: ReadonlySet<string>): string[] {
  return text.split('\n').filter((line) => {
    const [expiry = '', , ip = ''] = line.split(' ')
    return /^\d+$/.test(expiry) && ip.includes(':') && ips.has(ip)
  })
}

/** Leases of addresses that now belong to somebody else: dnsmasq would refuse them to the new owner. */
export function conflictingLeases(text: string, holders: readonly LeaseHolder[]): Lease[] {
  const owners = new Map(holders.map(({ mac, ip }) => [ip, mac]))
  return parseLeases(text).filter(({ mac, ip }) => owners.has(ip) && owners.get(ip) !== mac)
}

/** Leases that nobody may hold any more. */
export function unusedLeases(text: string, holders: readonly LeaseHolder[]): Lease[] {
  const valid = new Set(holders.map(({ mac, ip }) => `${mac} ${ip}`))
  return parseLeases(text).filter(({ mac, ip }) => !valid.has(`${mac} ${ip}`))
}

/**
 * Holders that the server has no lease of, or one in its last quarter: a client that gets its leases here has renewed
 * by then (RFC 2131, 4.4.5: after half the time). A server has one lease for a client, whatever its port has addresses: one
 * of them is enough, the others it would refuse, or take the first away. `now` and `duration` in seconds; duration -1: for ever.
 */
export function unknownLeases(
  text: string,
  holders: readonly LeaseHolder[],
  now: number,
  duration: number,
): LeaseHolder[] {
  const allowed = new Set(holders.map(({ mac, ip }) => `${mac} ${ip}`))
  const isGood = ({ mac, ip, expiry }: Lease) =>
    allowed.has(`${mac} ${ip}`) && (expiry === 0 || duration === -1 || expiry - now >= duration / 4)
  const known = new Set(
    parseLeases(text)
      .filter(isGood)
      .map(({ mac }) => mac),
  )
  return holders.filter(({ mac }) => !known.has(mac))
}

/** Our server's address in the subnet of a lease; undefined when it has none there. */
export function serverOf(ip: string, servers: readonly { cidr: string; ip: string }[]): string | undefined {
  return servers.find(({ cidr }) => cidrContains(cidrOf(cidr), ip))?.ip
}
