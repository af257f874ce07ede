/** Words of the iptables_hybrid firewall: chain names and comments, as Neutron's rules have them. */

/** First 16 characters of the binary's name. */
export const WRAP = 'neutron-openvswi-'
export const FILTER_TOP = 'neutron-filter-top'
/** Chains that begin so are ours. */
export const OWN_PREFIXES = [WRAP, FILTER_TOP] as const

const chain = (kind: string, portId: string) => `${WRAP}${kind}${portId.slice(0, 10)}`

/** Chains that are about one port alone. */
export const portChainNames = (portId: string): readonly string[] =>
  ['i', 'o', 's', 'D', 'A', 'I', 'O'].map((kind) => chain(kind, portId))

export const ingressChain = (portId: string) => chain('i', portId)
export const egressChain = (portId: string) => chain('o', portId)
export const sourceChain = (portId: string) => chain('s', portId)
/** Only ports with logs have these: what is dropped; what is let through; rules by which that is found, per direction. */
export const droppedChain = (portId: string) => chain('D', portId)
export const acceptedChain = (portId: string) => chain('A', portId)
export const loggedIngressChain = (portId: string) => chain('I', portId)
export const loggedEgressChain = (portId: string) => chain('O', portId)
export const SG_CHAIN = `${WRAP}sg-chain`
export const FALLBACK = `${WRAP}sg-fallback`
/** Packets of sessions that are not allowed any more, where some of them are logged. */
export const ENDED = `${WRAP}sg-ended`

/** Connection mark of sessions that were ended when their rule went (as in the conntrack firewall driver). */
export const ENDED_MARK = 1

export const comment = (text: string) => `-m comment --comment "${text}"`

export const NOTE = {
  toGroups: comment('Direct traffic from the VM interface to the security group chain.'),
  toHost: comment('Direct incoming traffic from VM to the security group chain.'),
  toPort: comment('Jump to the VM specific chain.'),
  trusted: comment('Accept all packets when port is trusted.'),
  established: comment('Direct packets associated with a known session to the RETURN chain.'),
  invalid: comment(
    'Drop packets that appear related to an existing connection (e.g. TCP ACK/FIN) but do not have an entry in conntrack.',
  ),
  unmatched: comment('Send unmatched traffic to the fallback chain.'),
  ended: comment('Drop packets of sessions that are not allowed any more.'),
  fallback: comment('Default drop rule for unmatched traffic.'),
  dhcpClient: comment('Allow DHCP client traffic.'),
  dhcpSpoof: comment('Prevent DHCP Spoofing by VM.'),
  pairAllow: comment('Allow traffic from defined IP/MAC pairs.'),
  pairDrop: comment('Drop traffic without an IP/MAC allow rule.'),
  icmpv6: comment('Allow IPv6 ICMP traffic.'),
  advertisement: comment('Drop IPv6 Router Advts from VM Instance.'),
} as const
