import type { Host } from '../command/host.js'
import { type BatchFault, ipBatch } from '../ip/batch.js'
import { disableIpv6 } from '../ip/silence.js'
import { addLine, diffVxlans, stateOf } from './diff.js'
import { parseVxlans } from './parse.js'
import type { VxlanSpec, VxlanState } from './types.js'

export interface VxlanOutcome {
  /** batches that changed something */
  readonly writes: number
  /** devices that are new: whoever had opened one of these names has to open it again */
  readonly made: readonly string[]
  /** by device name: what could not be done */
  readonly failed: ReadonlyMap<string, string>
}

/** Keeps the kernel's VXLAN devices of a host as desired. Those of others are left alone. */
export class VxlanDevices {
  readonly #host: Host
  /** null: has to be read */
  #known: ReadonlyMap<string, VxlanState> | null = null

  constructor(host: Host) {
    this.#host = host
  }

  /** Makes and corrects devices and their forwarding entries. @param readBack compare with the kernel */
  async ensure(specs: readonly VxlanSpec[], readBack: boolean): Promise<VxlanOutcome> {
    const actual = readBack || !this.#known ? await this.#read() : this.#known
    const diff = diffVxlans(actual, specs)
    this.#known = null
    const faults = [
      ...(await ipBatch(this.#host, [...diff.remade.map((name) => `link del ${name}`), ...diff.made.map(addLine)])),
      ...(await this.#bringUp(diff.made)),
      ...(await ipBatch(this.#host, diff.links)),
      ...(await ipBatch(this.#host, diff.fdb, { tool: 'bridge' })),
    ]
    const unwanted = [...actual].filter(([name]) => !specs.some((spec) => spec.name === name))
    if (faults.length === 0) {
      this.#known = new Map([...unwanted, ...specs.map((spec) => [spec.name, stateOf(spec)] as const)])
    }
    const batches = [diff.made, diff.links, diff.fdb].filter(({ length }) => length > 0)
    return { writes: batches.length, made: diff.made.map(({ name }) => name), failed: byDevice(specs, faults) }
  }

  /** Removes our devices that are not in `wanted`. Returns the number of writes. */
  async sweep(wanted: ReadonlySet<string>): Promise<number> {
    const known = this.#known ?? (await this.#read())
    const names = [...known.keys()].filter((name) => !wanted.has(name))
    if (names.length === 0) return 0
    this.#known = null
    await ipBatch(
      this.#host,
      names.map((name) => `link del ${name}`),
    )
    return 1
  }

  async #bringUp(made: readonly VxlanSpec[]): Promise<BatchFault[]> {
    for (const { name } of made) disableIpv6(name)
    return ipBatch(
      this.#host,
      made.map(({ name }) => `link set ${name} arp off up`),
    )
  }

  async #read(): Promise<Map<string, VxlanState>> {
    const [links, fdb] = await Promise.all([
      this.#host.run(['ip', '-d', '-j', 'link', 'show', 'type', 'vxlan']),
      this.#host.run(['bridge', '-j', 'fdb', 'show']),
    ])
    return parseVxlans(JSON.parse(links.stdout || '[]'), JSON.parse(fdb.stdout || '[]'))
  }
}

function byDevice(specs: readonly VxlanSpec[], faults: readonly BatchFault[]): Map<string, string> {
  return new Map(
    specs.flatMap(({ name }) => {
      const own = faults.filter(({ line }) => line.split(' ').includes(name))
      return own.length === 0 ? [] : [[name, own.map(({ line, message }) => `${line}: ${message}`).join('; ')] as const]
    }),
  )
}
