import { readTunnelNeighbours, setTunnelNeighbours, type TunnelNeighbour } from '../../dataplane/openflow/unixctl.js'
import type { SwitchTunnel } from './desired/devices.js'

/**
 * Presets the MACs of the endpoints for userspace tunnelling. Entries age out after some minutes, so every audit
 * writes them again.
 */
export class TunnelNeighbours {
  readonly #dir: string
  #done = new Set<string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** @param bridge holds our endpoint's address; null: none does. Returns 1 when an entry was missing or wrong. */
  async apply(tunnels: readonly SwitchTunnel[], bridge: string | null, audit: boolean): Promise<number> {
    const wanted = bridge === null ? [] : tunnels.flatMap((tunnel) => entryOf(tunnel, bridge))
    const key = ({ ip, mac, bridge }: TunnelNeighbour) => `${ip} ${mac} ${bridge}`
    const known = audit || this.#done.size === 0 ? await this.#read(wanted) : this.#done
    const missing = wanted.filter((entry) => !known.has(key(entry)))
    this.#done = new Set()
    const refresh = audit ? wanted : missing
    if (refresh.length > 0) await setTunnelNeighbours(this.#dir, refresh)
    this.#done = new Set(wanted.map(key))
    return missing.length > 0 ? 1 : 0
  }

  async #read(wanted: readonly TunnelNeighbour[]): Promise<Set<string>> {
    if (wanted.length === 0) return new Set()
    return new Set((await readTunnelNeighbours(this.#dir)).map(({ ip, mac, bridge }) => `${ip} ${mac} ${bridge}`))
  }
}

function entryOf({ peer }: SwitchTunnel, bridge: string): TunnelNeighbour[] {
  return peer.tunnelIp && peer.tunnelMac ? [{ ip: peer.tunnelIp, mac: peer.tunnelMac, bridge }] : []
}
