import type { PortForwardingView } from '../../../bus/contracts/host-view.js'
import type { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'

const CHAIN = 'fip-pf'
/** with the agent's name in front, a chain's name has room for this much */
const OWN_CHAIN_LENGTH = 11

/** Destination NAT of single ports of floating IPs: a chain for all, and one for each forwarding. */
export function addPortForwardings(rules: WrappedRules, forwardings: readonly PortForwardingView[]): void {
  if (forwardings.length === 0) return
  rules.add('nat', 'PREROUTING', `-j {${CHAIN}}`)
  for (const forwarding of forwardings) {
    const own = `pf-${forwarding.id}`.slice(0, OWN_CHAIN_LENGTH)
    rules.add('nat', CHAIN, `-j {${own}}`).add('nat', own, translation(forwarding))
  }
}

function translation(forwarding: PortForwardingView): string {
  const { protocol, floatingIp, internalIp, externalFirst, externalLast, internalFirst, internalLast } = forwarding
  const asked = externalFirst === externalLast ? externalFirst : `${externalFirst}:${externalLast}`
  // a range keeps its order: the n-th port leads to the n-th
  const given = internalFirst === internalLast ? internalFirst : `${internalFirst}-${internalLast}/${externalFirst}`
  return `-d ${floatingIp}/32 -p ${protocol} -m ${protocol} --dport ${asked} -j DNAT --to-destination ${internalIp}:${given}`
}
