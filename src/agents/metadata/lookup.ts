import type { PortView } from '../../bus/contracts/host-view.js'
import type { HostView } from '../../bus/contracts/view.js'
import { canonicalIp, ipVersion } from '../../model/ip.js'
import { linkLocal } from '../../model/mac.js'
import { OWNER } from '../../model/owners.js'

/** Who asks. */
export interface InstanceIdentity {
  readonly instanceId: string
  readonly projectId: string
}

/** Which namespace a request came from. */
export type RequestOrigin = { readonly routerId: string } | { readonly networkId: string }

/** Finds instances by network and address; made once per view. */
export class InstanceIndex {
  readonly #networksOfRouter = new Map<string, readonly string[]>()
  /** `network address` -> ports that have it */
  readonly #ports = new Map<string, InstanceIdentity[]>()

  constructor(view: HostView) {
    for (const { id, interfaces } of view.all('router')) {
      this.#networksOfRouter.set(id, [...new Set(interfaces.map(({ networkId }) => networkId))])
    }
    for (const port of [...view.all('port'), ...view.all('neighbour')]) {
      const identity = { instanceId: instanceOf(view, port), projectId: port.projectId }
      const addresses = new Set([...port.fixedIps.map(({ ip }) => canonicalIp(ip)), linkLocal(port.mac)])
      for (const address of addresses) this.#add(`${port.networkId} ${address}`, identity)
    }
  }

  /** The one instance behind `address`; null when there is none or it cannot be told apart. */
  find(origin: RequestOrigin, address: string): InstanceIdentity | null {
    const ip = plainAddress(address)
    if (ip === null) return null
    const networks = 'networkId' in origin ? [origin.networkId] : (this.#networksOfRouter.get(origin.routerId) ?? [])
    const found = networks.flatMap((network) => this.#ports.get(`${network} ${ip}`) ?? [])
    return found.length === 1 ? found[0]! : null
  }

  #add(key: string, identity: InstanceIdentity): void {
    const found = this.#ports.get(key)
    if (found) found.push(identity)
    else this.#ports.set(key, [identity])
  }
}

/** Whose a port is. A subport's device is its trunk, the parent's the instance. */
function instanceOf(view: HostView, { deviceId, deviceOwner }: Pick<PortView, 'deviceId' | 'deviceOwner'>): string {
  return deviceOwner === OWNER.trunkSubport ? (view.get('trunk', deviceId)?.instanceId ?? '') : deviceId
}

/** Canonical form; a proxy that listens on `::` sees IPv4 clients as `::ffff:192.168.1.3`. */
function plainAddress(text: string): string | null {
  const mapped = text.match(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/i)
  const ip = mapped ? mapped[1]! : (text.split('%')[0] ?? '')
  return ipVersion(ip) === null ? null : canonicalIp(ip)
}
