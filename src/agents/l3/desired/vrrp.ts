import type { RouterHaView } from '../../../bus/contracts/host-view.js'
import type { RouteSpec } from '../../../dataplane/ip/types.js'
import type { VirtualAddress, VirtualRoute, VrrpSpec } from '../../../dataplane/keepalived/config.js'
import type { VrrpPlace } from '../../../dataplane/keepalived/state.js'
import type { DeviceSpec } from '../../../dataplane/netns/spec.js'
import { haName, qrouterNs, snatNs } from '../../../model/device-names.js'
import { cidrBits, cidrOf, cidrsOverlap, formatCidr, intToIp } from '../../../model/ip.js'
import { linkLocal } from '../../../model/mac.js'
import type { L3Settings } from '../settings.js'
import { portDevice } from './devices.js'
import type { RouterPart } from './router-part.js'
import type { L3Namespace } from './types.js'

/**
 * The namespace as one of several hosts has it: addresses and routes are keepalived's, which gives them to the active one
 * alone. The rest is the same everywhere, so that taking over is a matter of addresses.
 */
export function withVrrp(
  namespace: L3Namespace,
  { router: { id, ha } }: RouterPart,
  settings: L3Settings,
  active: boolean,
): L3Namespace {
  if (!ha) return namespace
  const { devices, routes, sysctls } = namespace
  return {
    ...namespace,
    sysctls: { ...(active ? sysctls : withoutAdvertised(sysctls)), ...ownSysctls(devices) },
    devices: [
      ...devices.map((device) => ({ ...device, addresses: [], shared: true })),
      { ...portDevice(haName(ha.port.portId), ha.port), shared: true },
    ],
    routes: [],
    // of two that answer, the wrong one may be heard last
    proxies: active ? namespace.proxies : [],
    proxyId: active ? namespace.proxyId : null,
    advertiser: active ? namespace.advertiser : null,
    vrrp: instance(id, ha, devices, routes, settings),
    active,
  }
}

/** Where to see whether this host has taken the router; null when it is none of several. */
export function vrrpPlace({ router: { id, ha, distributed }, hasSnat }: RouterPart): VrrpPlace | null {
  if (!ha || (distributed && !hasSnat)) return null
  const netns = distributed ? snatNs(id) : qrouterNs(id)
  return { netns, device: haName(ha.port.portId), primary: primaryAddress(ha) }
}

function instance(
  routerId: string,
  ha: RouterHaView,
  devices: readonly DeviceSpec[],
  routes: readonly RouteSpec[],
  { vrrp }: L3Settings,
): VrrpSpec {
  return {
    routerId,
    vrId: ha.vrId,
    device: haName(ha.port.portId),
    primary: primaryAddress(ha),
    addresses: devices.flatMap(virtualAddresses),
    routes: routes.map(virtualRoute),
    ...vrrp,
  }
}

/** With IPv6, the address that the kernel would make of the MAC moves as well. */
function virtualAddresses({ name, mac, addresses }: DeviceSpec): VirtualAddress[] {
  const own = addresses.some((address) => address.includes(':')) ? [`${linkLocal(mac)}/64`] : []
  return [...addresses, ...own].map((address) => ({ address, device: name }))
}

function virtualRoute({ family, destination, via, device }: RouteSpec): VirtualRoute {
  return { destination: withLength(destination, family), via, device }
}

function withLength(destination: string, family: 4 | 6): string {
  if (destination === 'default') return family === 4 ? '0.0.0.0/0' : '::/0'
  return destination.includes('/') ? destination : `${destination}/${cidrBits(family)}`
}

/** Parts of 169.254.0.0/16 that mean something else: the links to fip namespaces, and the metadata service. */
const USED = ['169.254.64.0/18', '169.254.169.254/32'].map(cidrOf)

/** `169.254.0.<VRID>/24`: of the first /24 that neither the HA network nor anything else uses. */
function primaryAddress({ vrId, port }: RouterHaView): string {
  const used = [...USED, ...port.addresses.map(({ cidr }) => cidrOf(cidr))]
  const blocks = Array.from({ length: 256 }, (_, i) => cidrOf(`169.254.${i}.0/24`))
  const free = blocks.find((block) => !used.some((other) => cidrsOverlap(block, other)))
  if (!free) throw new RangeError(`${formatCidr(used[0]!)} and the HA network leave no /24 of 169.254.0.0/16`)
  return `${intToIp(free.network + BigInt(vrId), 4)}/24`
}

/** Devices get no address of their own making, and may send from one that is just about to come. */
function ownSysctls(devices: readonly DeviceSpec[]): Record<string, string> {
  const silent = devices.map(({ name }) => [`net.ipv6.conf.${name}.addr_gen_mode`, '1'] as const)
  return { 'net.ipv4.ip_nonlocal_bind': '1', ...Object.fromEntries(silent) }
}

/** What is advertised to a gateway port counts for the active host. */
function withoutAdvertised(sysctls: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sysctls).map(([key, value]) => [key, key.endsWith('.accept_ra') ? '0' : value]),
  )
}
