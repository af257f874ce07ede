import type { RouterView } from '../../../bus/contracts/host-view.js'
import type { NamespaceSpec } from '../../../dataplane/netns/spec.js'

/**
 * Limits of those of a router's addresses that go outside by a device: a floating IP may be beside its instance and another
 * beside the gateway of the same host.
 */
export function limitsAt(
  device: string | null,
  { limits = [] }: RouterView,
  atDevice: readonly string[],
): Pick<NamespaceSpec, 'limits'> {
  const addresses = limits.filter(({ address }) => atDevice.includes(address))
  return device === null || addresses.length === 0 ? {} : { limits: { device, addresses } }
}
