import type { FixedIp } from '../../model/cloud.js'
import { ipVersion } from '../../model/ip.js'
import { noFixedIpv4, notAFixedIp, notAnIpv4, severalFixedIpv4 } from './faults.js'

/** The address of a port that a floating IP is for: the one asked for, or the only IPv4 one. */
export function chooseFixedIp(
  port: { readonly id: string; readonly fixedIps: readonly FixedIp[] },
  asked: string | null,
): FixedIp {
  if (asked !== null) {
    if (ipVersion(asked) !== 4) throw notAnIpv4(asked)
    const found = port.fixedIps.find(({ ip }) => ip === asked)
    if (!found) throw notAFixedIp(port.id, asked)
    return found
  }
  const ipv4 = port.fixedIps.filter(({ ip }) => ipVersion(ip) === 4)
  if (ipv4.length === 0) throw noFixedIpv4(port.id)
  if (ipv4.length > 1) throw severalFixedIpv4(port.id)
  return ipv4[0]!
}
