import { PortsError } from '../ovsdb/connect.js'
import type { PortSpec, Vswitch } from '../ovsdb/types.js'
import type { DeviceSpec } from './spec.js'

const ORDINARY_MTU = 1500

/** Internal ports of Open vSwitch as devices of namespaces. */
export class DevicePorts {
  readonly #vswitch: Vswitch
  readonly #bridge: string
  /** devices of the last pass: one may have moved from a namespace that goes to one that stays */
  #wanted: ReadonlySet<string> = new Set()

  constructor(vswitch: Vswitch, bridge: string) {
    this.#vswitch = vswitch
    this.#bridge = bridge
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

  /** Deletes ports that died with their namespace, to be made anew. */
  async renew(names: readonly string[]): Promise<number> {
    return names.length > 0 ? this.#vswitch.deletePorts(names) : 0
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
   * Calls `lost` as soon as vswitchd has made devices of ours anew, outside of their namespaces: after its restart.
   * It shows the MAC of a device only while the device is in its own namespace.
   */
  watch(lost: () => void): void {
    const away = new Set<string>()
    this.#vswitch.on('change', () => {
      let found = false
      for (const name of this.#wanted) {
        const device = this.#vswitch.interface(name)
        if (device?.mac === null) away.add(name)
        else if (device && away.delete(name)) found = true
      }
      if (found) lost()
    })
  }

  #spec({ name, portId, mac, mtu }: DeviceSpec): PortSpec {
    return {
      bridge: this.#bridge,
      name,
      type: 'internal',
      externalIds: { 'iface-id': portId, 'iface-status': 'active', 'attached-mac': mac },
      dead: true,
      // vswitchd reads the MTU of a device only before it is moved; it takes frames of up to 1500 without being told
      ...(mtu > ORDINARY_MTU ? { mtu } : {}),
    }
  }
}
