import type { Logger } from '../../base/log.js'
import { type Announcement, announce } from '../../dataplane/announcing/announce.js'
import type { Host } from '../../dataplane/command/host.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { L3Namespace } from './desired/types.js'
import { isWired } from './wired.js'

/** Any frame may be lost: as often as this in all, RetransTimer of RFC 4861 (7.2.6) apart. */
const ROUNDS = 3
const PAUSE_MS = 1_000

export interface AnnouncerOptions {
  readonly host: Host
  readonly vswitch: Vswitch
  readonly integrationBridge: string
  readonly log: Logger
  /** what waited for its device has been announced */
  readonly onAnnounced: () => void
}

/**
 * Tells links about addresses that are new in a namespace: by then they may know another MAC for them. A device that
 * was plugged a moment ago is still in the dead VLAN and nobody would hear it: its addresses wait until the Open
 * vSwitch agent has wired it.
 */
export class Announcer {
  readonly #options: AnnouncerOptions
  /** what each namespace has announced, as `device ip` */
  readonly #announced = new Map<string, ReadonlySet<string>>()
  #waiting: Announcement[] = []
  #repeated: { readonly address: Announcement; rounds: number }[] = []
  #timer: NodeJS.Timeout | null = null
  #sending: Promise<void> = Promise.resolve()
  readonly #onChange = () => {
    if (!this.#waiting.some((each) => this.#isWired(each))) return
    void this.send().then(this.#options.onAnnounced)
  }

  constructor(options: AnnouncerOptions) {
    this.#options = options
    options.vswitch.on('change', this.#onChange)
  }

  /** @param silent the namespace was as desired before: note its addresses, say nothing */
  update(namespace: L3Namespace, silent: boolean): void {
    const before = this.#announced.get(namespace.name)
    const now = new Map(namespace.announcements.map((each) => [`${each.device} ${each.ip}`, each]))
    this.#announced.set(namespace.name, new Set(now.keys()))
    // on becoming active keepalived announces everything itself; what is new later may be on a device that is not wired yet
    const isStandby = namespace.active === false
    this.#drop((each) => each.netns === namespace.name && (isStandby || !now.has(`${each.device} ${each.ip}`)))
    if (isStandby || (silent && !before)) return
    for (const [key, { device, ip }] of now) {
      const mac = namespace.devices.find(({ name }) => name === device)?.mac
      if (!before?.has(key) && mac) this.#waiting.push({ netns: namespace.name, device, mac, ip })
    }
  }

  forget(netns: string): void {
    this.#announced.delete(netns)
    this.#drop((each) => each.netns === netns)
  }

  /** Announces what is on devices that are wired; resolves when that has left. */
  send(): Promise<void> {
    this.#sending = this.#sending.then(async () => {
      const ready = this.#waiting.filter((each) => this.#isWired(each))
      if (ready.length === 0) return
      await this.#tell(ready)
      this.#waiting = this.#waiting.filter((each) => !ready.includes(each))
      this.#repeated.push(...ready.map((address) => ({ address, rounds: ROUNDS - 1 })))
      this.#timer ??= setInterval(() => void this.#repeat(), PAUSE_MS).unref()
    })
    return this.#sending
  }

  /** Addresses that their links have not been told about. */
  waiting(): ReadonlySet<string> {
    return new Set(this.#waiting.map(({ ip }) => ip))
  }

  stop(): void {
    this.#options.vswitch.off('change', this.#onChange)
    this.#drop(() => true)
  }

  async #repeat(): Promise<void> {
    const due = this.#repeated.map((each) => each.address).filter((each) => this.#isWired(each))
    for (const each of this.#repeated) each.rounds--
    this.#repeated = this.#repeated.filter(({ rounds }) => rounds > 0)
    this.#endTimer()
    if (due.length > 0) await this.#tell(due)
  }

  async #tell(addresses: readonly Announcement[]): Promise<void> {
    const { host, vswitch, integrationBridge, log } = this.#options
    for (const { address, error } of await announce(host, vswitch, integrationBridge, addresses))
      log.debug({ err: error, ip: address.ip, device: address.device }, 'could not announce an address')
  }

  #drop(unwanted: (each: Announcement) => boolean): void {
    this.#waiting = this.#waiting.filter((each) => !unwanted(each))
    this.#repeated = this.#repeated.filter(({ address }) => !unwanted(address))
    this.#endTimer()
  }

  #endTimer(): void {
    if (this.#repeated.length > 0 || !this.#timer) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #isWired({ device }: Announcement): boolean {
    return isWired(this.#options.vswitch, device)
  }
}
