import type { FloatingIpView, RouterPort } from '../../../bus/contracts/host-view.js'
import type { DeviceSpec } from '../../../dataplane/netns/spec.js'
import { qgName } from '../../../model/device-names.js'
import type { CentralNat } from '../rules/central-nat.js'
import { portDevice } from './devices.js'
import type { RouterPart } from './router-part.js'

/** The gateway device; floating IPs translated beside it are addresses of its own, so that it answers ARP for them. */
export function gatewayDevice(gateway: RouterPort, floatingIps: readonly FloatingIpView[]): DeviceSpec {
  return portDevice(
    qgName(gateway.portId),
    gateway,
    floatingIps.map(({ floatingIp }) => `${floatingIp}/32`),
  )
}

/** NAT at the gateway port; null without a gateway. */
export function centralNatOf({ router, centralFloatingIps }: RouterPart): CentralNat | null {
  if (!router.gateway) return null
  const source = router.gateway.addresses.find(({ ipVersion }) => ipVersion === 4)?.ip ?? null
  return {
    device: qgName(router.gateway.portId),
    snatTo: router.enableSnat ? source : null,
    floatingIps: centralFloatingIps,
  }
}
