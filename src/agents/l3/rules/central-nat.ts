import type { FloatingIpView, PortForwardingView } from '../../../bus/contracts/host-view.js'
import type { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'
import { EXTERNAL_MARK, NO_SCOPE, SCOPE_MASK } from './marks.js'
import { addPortForwardings } from './port-forwarding.js'

export interface CentralNat {
  /** the gateway device, `qg-…` */
  readonly device: string
  /** source address for everybody without a floating IP; null: no SNAT */
  readonly snatTo: string | null
  readonly floatingIps: readonly FloatingIpView[]
  readonly portForwardings: readonly PortForwardingView[]
}

/** NAT of a namespace with the gateway port itself: a legacy router's, or a distributed router's snat (§7.2). */
export function addCentralNat(rules: WrappedRules, { device, snatTo, floatingIps, portForwardings }: CentralNat): void {
  rules
    .add('mangle', 'mark', `-i ${device} -j MARK --set-xmark ${EXTERNAL_MARK}`)
    .add('mangle', 'POSTROUTING', `-o ${device} -m connmark --mark ${NO_SCOPE} -j CONNMARK --save-mark ${SCOPE_MASK}`)
    // east–west traffic is never translated
    .add('nat', 'POSTROUTING', `! -o ${device} -m conntrack ! --ctstate DNAT -j ACCEPT`)
    .add('nat', 'snat', '-j {float-snat}')
  for (const { floatingIp, fixedIp } of floatingIps) {
    rules
      .add('nat', 'PREROUTING', `-d ${floatingIp}/32 -j DNAT --to-destination ${fixedIp}`)
      .add('nat', 'OUTPUT', `-d ${floatingIp}/32 -j DNAT --to-destination ${fixedIp}`)
      .add('nat', 'float-snat', `-s ${fixedIp}/32 -j SNAT --to-source ${floatingIp} --random-fully`)
  }
  addPortForwardings(rules, portForwardings)
  if (snatTo === null) return
  rules
    .add('nat', 'snat', `-o ${device} -j SNAT --to-source ${snatTo} --random-fully`)
    // an internal host that talks to a floating IP of another: the answer has to come back through here
    .add(
      'nat',
      'snat',
      `-m mark ! --mark ${EXTERNAL_MARK} -m conntrack --ctstate DNAT -j SNAT --to-source ${snatTo} --random-fully`,
    )
}
