import { createHash } from 'node:crypto'
import type { RouterView } from '../../../bus/contracts/host-view.js'
import type { VethSpec } from '../../../dataplane/netns/spec.js'
import { fipNs, fprName, qrouterNs, rfpName } from '../../../model/device-names.js'
import { cidrOf, intToIp } from '../../../model/ip.js'
import { linkLocal } from '../../../model/mac.js'

/** The veth pair between a distributed router and the fip namespace. The first address of the /31 is the router's. */
export interface FipLink {
  readonly rfp: VethSpec
  readonly fpr: VethSpec
  readonly rfpIp: string
  readonly fprIp: string
  /** the ends' link-local addresses, which the kernel makes of their MACs */
  readonly rfpIp6: string
  readonly fprIp6: string
}

/** @param pair a /31 of 169.254.64.0/18 */
export function fipLink(router: RouterView, pair: string): FipLink {
  const { network } = cidrOf(pair)
  const [rfpIp, fprIp] = [intToIp(network, 4), intToIp(network + 1n, 4)]
  const mtu = router.agentGateway!.mtu
  const rfp = { namespace: qrouterNs(router.id), name: rfpName(router.id), mac: linkMac('rfp', router.id) }
  const fpr = { namespace: fipNs(router.externalNetworkId!), name: fprName(router.id), mac: linkMac('fpr', router.id) }
  return {
    rfp: { name: rfp.name, mac: rfp.mac, mtu, addresses: [`${rfpIp}/31`], peer: fpr },
    fpr: { name: fpr.name, mac: fpr.mac, mtu, addresses: [`${fprIp}/31`], peer: rfp },
    rfpIp,
    fprIp,
    rfpIp6: linkLocal(rfp.mac),
    fprIp6: linkLocal(fpr.mac),
  }
}

/**
 * A locally administered MAC that follows from the router: both ends hold permanent entries of each other, and a
 * process that starts fresh knows them without reading.
 */
function linkMac(end: 'rfp' | 'fpr', routerId: string): string {
  const digest = createHash('sha256').update(`${end}:${routerId}`).digest()
  return ['0e', ...[...digest.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
}
