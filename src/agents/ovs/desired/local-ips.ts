import type { LocalIpView } from '../../../bus/contracts/host-view.js'
import type { IntLinks } from '../pipeline/br-int/dvr.js'
import type { LocalIpHere, OuterWire } from '../pipeline/br-int/local-ip.js'
import { type Facts, type LocalNetwork, sorted } from './facts.js'

/** Local IPs that a port of this host stands for. Of two ports on one network that stand for one, the first has it. */
export function localIpsHere(facts: Facts, links: IntLinks): LocalIpHere[] {
  const found = new Map<string, LocalIpHere>()
  const views = new Map<string, LocalIpView[]>()
  for (const view of sorted(facts.view.all('local_ip'))) {
    views.set(view.portId, [...(views.get(view.portId) ?? []), view])
  }
  for (const { port, on } of facts.ports) {
    for (const { ip, mode, fixedIp } of views.get(port.id) ?? []) {
      const key = `${on.vlan} ${ip}`
      if (found.has(key)) continue
      found.set(key, { vlan: on.vlan, ip, mode, fixedIp, mac: port.mac, wire: outerWire(on, links) })
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}

/** Where frames of the network come from other hosts; null: from none. */
function outerWire({ vlan, carrier }: LocalNetwork, { patchTun, physical }: IntLinks): OuterWire | null {
  if (carrier.kind === 'local') return null
  if (carrier.kind === 'tunnel') return patchTun === null ? null : { inPort: patchTun, vlan, toLocal: [] }
  const inPort = physical.get(carrier.bridge)
  if (inPort === undefined) return null
  const toLocal = [{ kind: carrier.wireVlan === null ? 'pushVlan' : 'setVlan', vlan } as const]
  return { inPort, vlan: carrier.wireVlan ?? 'none', toLocal }
}
