import type { RouterPort } from '../../../bus/contracts/host-view.js'
import type { ProxySpec } from '../../../dataplane/ip/types.js'
import type { RouterPart } from './router-part.js'

/** Addresses for which the gateway port answers. */
export function centralProxies(device: string | null, { centralProxied }: RouterPart): ProxySpec[] {
  return device === null ? [] : (centralProxied ?? []).map((ip) => ({ ip, device }))
}

/**
 * Whether a device outside answers for others. Said of every port with an IPv6 address, so that switching it off is
 * as much a change as switching it on.
 */
export function ndpProxySysctls(device: string, { addresses }: RouterPort, on: boolean): Record<string, string> {
  if (!addresses.some(({ ipVersion }) => ipVersion === 6)) return {}
  return {
    [`net.ipv6.conf.${device}.proxy_ndp`]: on ? '1' : '0',
    // those who know the way ask by unicast whether it is still there: that the kernel answers only when all devices may
    'net.ipv6.conf.all.proxy_ndp': on ? '1' : '0',
    // answer at once; the kernel's default waits up to 0.8 s
    ...(on && { [`net.ipv6.neigh.${device}.proxy_delay`]: '0' }),
  }
}
