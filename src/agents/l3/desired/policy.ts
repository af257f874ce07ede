import type { RouterAddress } from '../../../bus/contracts/host-view.js'
import type { RuleSpec } from '../../../dataplane/ip/types.js'
import { ipToInt } from '../../../model/ip.js'
import { prefixed } from './devices.js'

/** Table of the default route for floating IPs in qrouter. */
export const FLOATING_TABLE = 16
const MASK_30 = 0x3fffffff
const SYSTEM_TABLES_END = 32768

/**
 * Number of the rule and table by which an internal subnet reaches its SNAT port: the integer of the interface's
 * address for IPv4, a folded CRC-32 of the CIDR for IPv6 (§4).
 */
export function redirectNumber(address: RouterAddress): number {
  if (address.ipVersion === 4) return Number(ipToInt(address.ip))
  const crc = crc32(prefixed(address))
  const folded = (crc >>> 30) ^ (crc & MASK_30)
  return folded < SYSTEM_TABLES_END ? folded + MASK_30 : folded
}

export function redirectRule(address: RouterAddress): RuleSpec {
  const number = redirectNumber(address)
  return { family: address.ipVersion, priority: number, from: prefixed(address), table: number }
}

function crc32(text: string): number {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
