import type { NeighbourView, PortView } from '../../bus/contracts/host-view.js'
import { hostAddress } from '../../model/ip.js'

type AnyPort = Pick<PortView | NeighbourView, 'id' | 'networkId' | 'mac' | 'allowedAddressPairs'>

/**
 * Which addresses may be held by something else than the port they were given to: those that an allowed address pair
 * names. Where they are at a moment is known to their holder alone (it moves them with gratuitous ARP), so they are
 * neither pinned nor answered for. A pair that is a wider prefix names no address: it never puts a port's own into question.
 */
export class SharedAddresses {
  /** by network id and address: who is allowed to it, as `port MAC` */
  readonly #allowed = new Map<string, Set<string>>()

  static of(ports: Iterable<AnyPort>): SharedAddresses {
    const shared = new SharedAddresses()
    for (const port of ports) shared.#add(port)
    return shared
  }

  /** Whether `ip`, an address of the port, may be in use by another port or under another MAC. */
  has(port: Pick<AnyPort, 'id' | 'networkId' | 'mac'>, ip: string): boolean {
    const allowed = this.#allowed.get(`${port.networkId} ${ip}`)
    return allowed !== undefined && (allowed.size > 1 || !allowed.has(`${port.id} ${port.mac}`))
  }

  #add({ id, networkId, allowedAddressPairs }: AnyPort): void {
    for (const { ip, mac } of allowedAddressPairs) {
      const address = hostAddress(ip)
      if (address === null) continue
      const key = `${networkId} ${address}`
      const found = this.#allowed.get(key)
      if (found) found.add(`${id} ${mac}`)
      else this.#allowed.set(key, new Set([`${id} ${mac}`]))
    }
  }
}
