import type { RouterPort } from '../../../bus/contracts/host-view.js'
import type { DeviceSpec } from '../../../dataplane/netns/spec.js'
import { qgName } from '../../../model/device-names.js'
import type { CentralNat } from '../rules/central-nat.js'
import { portDevice } from './devices.js'
import type { RouterPart } from './router-part.js'
import type { Translation } from './types.js'

/** The gateway device; floating IPs translated beside it are addresses of its own, so that it answers ARP for them. */
export function gatewayDevice(gateway: RouterPort, part: RouterPart): DeviceSpec {
  const floatingIps = centralAddresses(part).map((floatingIp) => `${floatingIp}/32`)
  return portDevice(qgName(gateway.portId), gateway, floatingIps)
}

/** Floating IPs translated beside the gateway port, as a whole or by ports. */
export function centralAddresses({ centralFloatingIps, portForwardings }: RouterPart): string[] {
  const forwarded = [...new Set(portForwardings.map(({ floatingIp }) => floatingIp))].sort()
  return [...centralFloatingIps.map(({ floatingIp }) => floatingIp), ...forwarded]
}

/** All addresses of the gateway device. */
export function outerAddresses(part: RouterPart): string[] {
  return [...centralAddresses(part), ...(part.router.gateway?.addresses ?? []).map(({ ip }) => ip)]
}

/** What is translated beside the gateway port. */
export function centralTranslations({ centralFloatingIps, portForwardings }: RouterPart): Translation[] {
  return [
    ...centralFloatingIps.map(({ id, floatingIp, fixedIp }) => ({ floatingIpId: id, floatingIp, fixedIp })),
    ...portForwardings.map((each) => ({
      floatingIpId: each.floatingIpId,
      floatingIp: each.floatingIp,
      fixedIp: each.internalIp,
      ports: {
        protocol: each.protocol,
        first: each.externalFirst,
        last: each.externalLast,
        leadTo: each.internalFirst,
      },
    })),
  ]
}

/** NAT at the gateway port; null without a gateway. */
export function centralNatOf({ router, centralFloatingIps, portForwardings }: RouterPart): CentralNat | null {
  if (!router.gateway) return null
  const source = router.gateway.addresses.find(({ ipVersion }) => ipVersion === 4)?.ip ?? null
  return {
    device: qgName(router.gateway.portId),
    snatTo: router.enableSnat ? source : null,
    floatingIps: centralFloatingIps,
    portForwardings,
  }
}
