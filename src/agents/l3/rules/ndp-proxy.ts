import type { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'
import type { RouterPart } from '../desired/router-part.js'

const CHAIN = 'NDP'

/**
 * What comes from outside to the router's IPv6 subnets reaches only addresses that have a proxy, also when somebody there
 * routes more to the router. Rules as Neutron's L3 agent has them. The order of addresses makes no difference.
 *
 * @param external the gateway device
 */
export function addNdpProxies(
  rules6: WrappedRules,
  external: string | null,
  { router, centralProxied }: RouterPart,
): void {
  if (centralProxied === null || external === null) return
  const cidrs = router.interfaces.flatMap(({ addresses }) =>
    addresses.filter(({ ipVersion }) => ipVersion === 6).map(({ cidr }) => cidr),
  )
  for (const cidr of new Set(cidrs)) rules6.add('filter', 'FORWARD', `-d ${cidr} -i ${external} -j {${CHAIN}}`)
  for (const ip of centralProxied) rules6.add('filter', CHAIN, `-d ${ip}/128 -i ${external} -j ACCEPT`)
  rules6.add('filter', CHAIN, `-i ${external} -j DROP`)
}
