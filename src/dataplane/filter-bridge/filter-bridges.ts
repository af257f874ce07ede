import { tapName } from '../../model/device-names.js'
import type { Host } from '../command/host.js'
import { type BatchFault, ipBatch } from '../ip/batch.js'
import { disableIpv6 } from '../ip/silence.js'
import { devicesOf, diffFilterBridge, removalLines } from './diff.js'
import type { DeviceState, FilterBridgeSpec } from './types.js'

export interface FilterBridgeOutcome {
  /** batches that changed something */
  readonly writes: number
  /** devices that are new: whoever had opened one of these names has to open it again */
  readonly made: readonly string[]
  /** by port id: what could not be done */
  readonly failed: ReadonlyMap<string, string>
}

interface JsonLink {
  readonly ifname: string
  readonly mtu: number
  readonly flags: readonly string[]
  readonly master?: string
  readonly link?: string
}

/** Keeps the Linux bridges between ports of Open vSwitch of a host as desired. */
export class FilterBridges {
  readonly #host: Host
  /** names of outer ends by which ours are known */
  readonly #isOuter: (device: string) => boolean
  /** what stands, as text; null: has to be read */
  #known: ReadonlyMap<string, string> | null = null
  /** of those that nobody wants: the part of the names behind the prefix */
  #leftOver: readonly string[] = []

  constructor(host: Host, isOuter: (device: string) => boolean) {
    this.#host = host
    this.#isOuter = isOuter
  }

  /** Makes and corrects devices. @param readBack compare with the kernel */
  async ensure(specs: readonly FilterBridgeSpec[], readBack: boolean): Promise<FilterBridgeOutcome> {
    const wanted = new Map(specs.map((spec) => [spec.portId, JSON.stringify(spec)]))
    const known = this.#known
    if (!readBack && known && sameEntries(known, wanted)) return { writes: 0, made: [], failed: new Map() }
    this.#known = null
    const actual = await this.#read()
    this.#leftOver = this.#unwanted(actual, specs)
    const diffs = specs.map((spec) => diffFilterBridge(actual, spec))
    const made = diffs.flatMap((diff) => diff.made)
    const fresh = diffs.flatMap((diff) => diff.fresh)
    const faults = await ipBatch(this.#host, made)
    for (const device of fresh) disableIpv6(device)
    const settled = diffs.flatMap((diff) => diff.settled)
    faults.push(...(await ipBatch(this.#host, settled)))
    if (faults.length === 0) this.#known = wanted
    return {
      writes: [made, settled].filter(({ length }) => length > 0).length,
      made: fresh,
      failed: byPort(specs, faults),
    }
  }

  /** Removes ours that the last `ensure` found and nobody wants. Returns the number of writes. */
  async sweep(): Promise<number> {
    const gone = this.#leftOver
    if (gone.length === 0) return 0
    this.#leftOver = []
    await ipBatch(this.#host, gone.flatMap(removalLines))
    return 1
  }

  #unwanted(actual: ReadonlyMap<string, DeviceState>, specs: readonly FilterBridgeSpec[]): string[] {
    const wanted = new Set(specs.map(({ portId }) => tapName(portId)))
    return [...actual].flatMap(([name, { peer }]) =>
      this.#isOuter(name) && peer?.startsWith('tap') && !wanted.has(peer) ? [peer.slice('tap'.length)] : [],
    )
  }

  async #read(): Promise<Map<string, DeviceState>> {
    const { stdout } = await this.#host.run(['ip', '-j', 'link', 'show'])
    const links = JSON.parse(stdout.trim() || '[]') as readonly JsonLink[]
    return new Map(
      links.map(({ ifname, mtu, flags, master = null, link = null }) => [
        ifname,
        { mtu, up: flags.includes('UP'), master, peer: link },
      ]),
    )
  }
}

function sameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)
}

function byPort(specs: readonly FilterBridgeSpec[], faults: readonly BatchFault[]): Map<string, string> {
  return new Map(
    specs.flatMap((spec) => {
      const names = devicesOf(spec)
      const own = faults.filter(({ line }) => line.split(' ').some((word) => names.includes(word)))
      const message = own.map((fault) => `${fault.line}: ${fault.message}`).join('; ')
      return own.length === 0 ? [] : [[spec.portId, message] as const]
    }),
  )
}
