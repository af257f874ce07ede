import type { Host } from '../command/host.js'
import { ipBatch } from '../ip/batch.js'
import { PortsError } from '../ovsdb/connect.js'
import type { PortSpec, Vswitch } from '../ovsdb/types.js'
import { type DeviceKind, deviceKindOf } from './device-kind.js'
import type { DeviceSpec } from './spec.js'

const ORDINARY_MTU = 1500

/** Ports of the integration bridge that are devices of namespaces: internal ports, or near ends of veth pairs. */
export class DevicePorts {
  readonly #host: Host
  readonly #vswitch: Vswitch
  readonly #bridge: string
  /** devices of the last pass: one may have moved from a namespace that goes to one that stays */
  #wanted: ReadonlySet<string> = new Set()

  constructor(host: Host, vswitch: Vswitch, bridge: string) {
    this.#host = host
    this.#vswitch = vswitch
    this.#bridge = bridge
  }

  /** As the Open vSwitch agent has decided for this host. */
  get kind(): DeviceKind {
    return deviceKindOf(this.#vswitch.bridge(this.#bridge))
  }

  /** The port is of the kind that is not wanted on this host (any more). */
  isOfOtherKind(name: string): boolean {
    const found = this.#vswitch.interface(name)
    return found !== undefined && found.type !== this.#type
  }

  get #type(): string {
    return this.kind.devices === 'veth' ? '' : 'internal'
  }

  has(name: string): boolean {
    return this.#vswitch.interface(name) !== undefined
  }

  /**
   * Makes and corrects the ports of `devices`, which are all that are wanted.
   * @returns transactions, and devices that Open vSwitch could not make, with its reasons
   */
  async ensure(devices: readonly DeviceSpec[]): Promise<{ writes: number; failed: ReadonlyMap<string, string> }> {
    if (devices.length === 0) return { writes: 0, failed: new Map() }
    try {
      return { writes: await this.#vswitch.ensurePorts(devices.map((each) => this.#spec(each))), failed: new Map() }
    } catch (error) {
      if (error instanceof PortsError) return { writes: 1, failed: new Map(Object.entries(error.failed)) }
      return { writes: 0, failed: new Map(devices.map(({ name }) => [name, String(error)])) }
    }
  }

  /** Says which devices are wanted anywhere: `remove` leaves them alone. */
  want(names: Iterable<string>): void {
    this.#wanted = new Set(names)
  }

  /** Deletes ports with their devices: they died with their namespace, and are made anew. */
  async renew(names: readonly string[]): Promise<number> {
    if (names.length === 0) return 0
    const veths = names.filter((name) => this.#vswitch.interface(name)?.type === '')
    const transactions = await this.#vswitch.deletePorts(names)
    // the near end stays when its port goes, and would be in the way of the next one
    await ipBatch(
      this.#host,
      veths.map((name) => `link del ${name}`),
    )
    return transactions
  }

  /** Deletes the ports among `names` that are not wanted elsewhere. */
  remove(names: readonly string[]): Promise<number> {
    return this.renew(names.filter((name) => this.has(name) && !this.#wanted.has(name)))
  }

  /** Deletes ports of the bridge whose names start with one of `prefixes` and that are not wanted. */
  sweep(prefixes: readonly string[]): Promise<number> {
    const names = this.#vswitch.ports(this.#bridge).map(({ name }) => name)
    return this.remove(names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix))))
  }

  /**
   * Calls `lost` as soon as vswitchd has made internal devices of ours anew, outside of their namespaces: after its restart.
   * It shows the MAC of a device only while the device is in its own namespace.
   */
  watch(lost: () => void): void {
    const away = new Set<string>()
    this.#vswitch.on('change', () => {
      let found = false
      for (const name of this.#wanted) {
        const device = this.#vswitch.interface(name)
        if (device?.type !== 'internal') continue
        if (device.mac === null) away.add(name)
        else if (away.delete(name)) found = true
      }
      if (found) lost()
    })
  }

  #spec({ name, portId, mac, mtu }: DeviceSpec): PortSpec {
    return {
      bridge: this.#bridge,
      name,
      type: this.#type,
      externalIds: { 'iface-id': portId, 'iface-status': 'active', 'attached-mac': mac },
      dead: true,
      // vswitchd reads the MTU of a device only before it is moved; it takes frames of up to 1500 without being told
      ...(mtu > ORDINARY_MTU && this.#type === 'internal' ? { mtu } : {}),
    }
  }
}
