import type { LeaseHolder } from './leases.js'

/** A lease, and the address of our server in its subnet. */
export interface ServedLease extends LeaseHolder {
  readonly server: string
}

const BOOTREQUEST = 1
const ETHERNET = 1
const MAGIC_COOKIE = 0x63825363
const REQUEST = 3
const RELEASE = 7
/** BOOTP's least size (RFC 1542, 2.1) */
const SIZE = 300

/**
 * A client's DHCPRELEASE (RFC 2131, 4.4.6), as `dhcp_release` sends it: the server forgets the lease. It is sent to the
 * server's own address from its own namespace; there it arrives at `lo`, so it comes as from a relay of the subnet
 * (giaddr), and names the server it is for by option 82's server identifier override (RFC 5107), which dnsmasq then
 * compares instead of the address of the interface.
 */
export function releaseMessage({ mac, ip, server }: ServedLease): Buffer {
  return message(mac, server, ip, [option(53, RELEASE), option(54, ...octets(server))])
}

/**
 * A client's DHCPREQUEST for an address that it was offered: the server notes the lease. By it a server learns the leases
 * that another server of the network gives, so that it can prolong them when the other is gone.
 */
export function requestMessage({ mac, ip, server }: ServedLease): Buffer {
  const options = [option(53, REQUEST), option(54, ...octets(server)), option(50, ...octets(ip))]
  return message(mac, server, '0.0.0.0', options)
}

function message(mac: string, server: string, clientIp: string, options: readonly Buffer[]): Buffer {
  const buffer = Buffer.alloc(SIZE)
  buffer.set([BOOTREQUEST, ETHERNET, 6, 0])
  buffer.writeUInt32BE(Number.parseInt(mac.replaceAll(':', '').slice(-8), 16), 4)
  buffer.set(octets(clientIp), 12)
  buffer.set(octets(server), 24)
  buffer.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), 28)
  buffer.writeUInt32BE(MAGIC_COOKIE, 236)
  const relay = option(82, 11, 4, ...octets(server))
  buffer.set(Buffer.concat([...options, relay, Buffer.of(255)]), 240)
  return buffer
}

function option(code: number, ...value: readonly number[]): Buffer {
  return Buffer.of(code, value.length, ...value)
}

function octets(ip: string): number[] {
  return ip.split('.').map(Number)
}
