import type { FloatingIpView } from '../../../bus/contracts/host-view.js'
import type { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'

/** NAT of floating IPs in a distributed router's own namespace; `device` leads to the fip namespace (§7.3). */
export function addFloatingNat(rules: WrappedRules, device: string, floatingIps: readonly FloatingIpView[]): void {
  rules
    .add('nat', 'POSTROUTING', `! -o ${device} -m conntrack ! --ctstate DNAT -j ACCEPT`)
    .add('nat', 'snat', '-j {float-snat}')
  for (const { floatingIp, fixedIp } of floatingIps) {
    rules
      .add('nat', 'PREROUTING', `-d ${floatingIp}/32 -i ${device} -j DNAT --to-destination ${fixedIp}`)
      .add('nat', 'float-snat', `-s ${fixedIp}/32 -j SNAT --to-source ${floatingIp} --random-fully`)
  }
}
