import { randomBytes } from 'node:crypto'
import { intToIp } from './ip.js'

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i

export function isMac(text: string): boolean {
  return MAC.test(text)
}

/** Lower case, colons. Accepts `aa-bb-…` too; null when malformed. */
export function canonicalMac(text: string): string | null {
  const mac = text.trim().replaceAll('-', ':').toLowerCase()
  return MAC.test(mac) ? mac : null
}

/**
 * A MAC under `base` (`fa:16:3e:00:00:00`): the first three octets are kept, the fourth too when it is not
 * zero, the rest is random (Neutron: `base_mac`, `dvr_base_mac`).
 */
export function randomMac(base: string): string {
  const octets = base.split(':')
  const kept = octets[3] === '00' ? 3 : 4
  const random = [...randomBytes(6 - kept)].map((byte) => byte.toString(16).padStart(2, '0'))
  return [...octets.slice(0, kept), ...random].join(':')
}

/** EUI-64 interface address under a /64 given as an integer network (RFC 4291, appendix A). */
export function eui64(network: bigint, mac: string): string {
  const b = mac.split(':').map((octet) => Number.parseInt(octet, 16))
  const id = [b[0]! ^ 2, b[1]!, b[2]!, 0xff, 0xfe, b[3]!, b[4]!, b[5]!].reduce((sum, x) => (sum << 8n) | BigInt(x), 0n)
  return intToIp(network | id, 6)
}

/** fe80::/64 address of a MAC. */
export function linkLocal(mac: string): string {
  return eui64(0xfe80n << 112n, mac)
}
