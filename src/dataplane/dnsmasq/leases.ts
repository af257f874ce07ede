/** A line of dnsmasq's lease file: `expiry mac ip hostname client-id`. */
export interface Lease {
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
    return /^\d+$/.test(expiry) && /^[\d.]+$/.test(ip) ? [{ mac: mac.toLowerCase(), ip, line }] : []
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
