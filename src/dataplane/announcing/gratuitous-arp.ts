const BROADCAST = 'ffffffffffff'
const ETHERTYPE_ARP = '0806'
/** Ethernet hardware, IPv4 protocol, their address lengths (RFC 826) */
const KINDS = '000108000604'
const REQUEST = '0001'
const REPLY = '0002'
/** an Ethernet frame without its checksum, in hexadecimal digits */
const SHORTEST = 60 * 2

/**
 * The frames, in hexadecimal, that tell a link that `ip` is at `mac`: an ARP announcement (RFC 5227, 3) and the same as an
 * answer nobody asked for, since a listener may know only one of the two forms.
 */
export function gratuitousArp(mac: string, ip: string): readonly [request: string, reply: string] {
  const hardware = mac.replaceAll(':', '')
  const protocol = ip
    .split('.')
    .map((each) => Number(each).toString(16).padStart(2, '0'))
    .join('')
  const frame = (operation: string, target: string) =>
    (BROADCAST + hardware + ETHERTYPE_ARP + KINDS + operation + hardware + protocol + target + protocol).padEnd(
      SHORTEST,
      '0',
    )
  return [frame(REQUEST, BROADCAST), frame(REPLY, hardware)]
}
