import type { Logger } from '../../base/log.js'
import { announce } from '../../dataplane/arping/announce.js'
import type { Host } from '../../dataplane/command/host.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { L3Namespace } from './desired/types.js'
import { isWired } from './wired.js'

interface Pending {
  readonly netns: string
  readonly device: string
  readonly ip: string
}

/**
 * Sends gratuitous ARP or neighbour advertisements for addresses that are new in a namespace. A device that was plugged a moment ago is still
 * in the dead VLAN and nobody would hear it: its addresses wait until the Open vSwitch agent has wired it.
 */
export class Announcer {
  readonly #host: Host
  readonly #vswitch: Vswitch
  readonly #log: Logger
  /** what each namespace has announced, as `device ip` */
  readonly #announced = new Map<string, ReadonlySet<string>>()
  #pending: Pending[] = []
  readonly #flush = () => this.#sendPending()

  constructor(host: Host, vswitch: Vswitch, log: Logger) {
    this.#host = host
    this.#vswitch = vswitch
    this.#log = log
    vswitch.on('change', this.#flush)
  }

  /** @param silent the namespace was as desired before: note its addresses, say nothing */
  update(namespace: L3Namespace, silent: boolean): void {
    const before = this.#announced.get(namespace.name)
    const now = new Map(namespace.announcements.map((each) => [`${each.device} ${each.ip}`, each]))
    this.#announced.set(namespace.name, new Set(now.keys()))
    // on becoming active keepalived announces everything itself; what is new later may be on a device that is not wired yet
    if (namespace.active === false) this.#pending = this.#pending.filter((each) => each.netns !== namespace.name)
    if (namespace.active === false || (silent && !before)) return
    const fresh = [...now].filter(([key]) => !before?.has(key)).map(([, each]) => ({ ...each, netns: namespace.name }))
    if (fresh.length === 0) return
    this.#pending.push(...fresh)
    this.#sendPending()
  }

  forget(netns: string): void {
    this.#announced.delete(netns)
    this.#pending = this.#pending.filter((each) => each.netns !== netns)
  }

  stop(): void {
    this.#vswitch.off('change', this.#flush)
    this.#pending = []
  }

  #sendPending(): void {
    if (this.#pending.length === 0) return
    const ready = this.#pending.filter(({ device }) => isWired(this.#vswitch, device))
    if (ready.length === 0) return
    this.#pending = this.#pending.filter((each) => !ready.includes(each))
    for (const { netns, device, ip } of ready) void announce(this.#host, netns, device, ip, this.#log)
  }
}
