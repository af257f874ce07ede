import type { Case } from './case.js'
import { DHCP_CASES } from './dhcp/index.js'
import { floatingIpDisassociate } from './floating-ip/disassociate.js'
import { floatingIpMoves } from './floating-ip/moves.js'
import { floatingIpTargets } from './floating-ip/targets.js'

import { HA_CASES } from './ha/index.js'
import { INSTANCE_CASES } from './instances/index.js'
import { IPV6_CASES } from './ipv6/index.js'
import { METADATA_CASES } from './metadata/index.js'

import { ROUTER_CASES } from './router/index.js'
import { SECURITY_GROUP_CASES } from './security-groups/index.js'
import { routedNetwork } from './segments/routed-network.js'
import { addressGroups } from './services/address-groups.js'
import { conntrackHelpers } from './services/conntrack-helpers.js'
import { localIp } from './services/local-ip.js'
import { metering } from './services/metering.js'
import { packetRates } from './services/packet-rates.js'
import { portForwarding } from './services/port-forwarding.js'
import { qos } from './services/qos.js'
import { qosAddresses } from './services/qos-addresses.js'
import { tenComputes } from './ten-computes.js'
import { trunk } from './trunk/trunk.js'
import { vipFloatingIp } from './vip/floating-ip.js'
import { keepalived } from './vip/keepalived.js'
import { vipMoves, vipMovesVlan } from './vip/moves.js'
import { vipMovesIpv6 } from './vip/moves-ipv6.js'
import { vipNotAllowed } from './vip/not-allowed.js'

/** Every named case, in the order in which `eastwest scenario --list` shows them. Add a file, add a line. */
export const CASES: readonly Case[] = [
  ...ROUTER_CASES,
  ...HA_CASES,
  routedNetwork,
  ...INSTANCE_CASES,
  ...SECURITY_GROUP_CASES,
  tenComputes,
  vipMoves,
  vipMovesVlan,
  vipMovesIpv6,
  vipNotAllowed,
  vipFloatingIp,
  keepalived,
  floatingIpMoves,
  floatingIpDisassociate,
  floatingIpTargets,
  ...DHCP_CASES,
  ...METADATA_CASES,
  ...IPV6_CASES,
  portForwarding,
  addressGroups,
  qos,
  packetRates,
  qosAddresses,
  metering,
  trunk,
  conntrackHelpers,
  localIp,
]

/** The cases of these names; `all` stands for every one. Throws with a line for the user. */
export function chosenCases(wanted: readonly string[]): readonly Case[] {
  if (wanted.includes('all')) return CASES
  const unknown = wanted.filter((name) => !CASES.some((one) => one.name === name))
  if (unknown.length > 0)
    throw new Error(`no case '${unknown.join("', '")}': eastwest scenario --list shows what there is`)
  return CASES.filter(({ name }) => wanted.includes(name))
}
