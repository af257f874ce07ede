import type { Host } from '../command/host.js'

/** Packets a second, and how many may come at once. */
export interface PacketRate {
  readonly perSecond: number
  readonly burst: number
}

/** What may come in by a device, from the link or from the far end of a veth. */
export interface PacketLimit extends PacketRate {
  /** changes when the device is another one of the same name, whose limit went with the former */
  readonly generation: number
}

export interface LimitResult {
  readonly writes: number
  /** by device */
  readonly faults: ReadonlyMap<string, string>
}

/** Ours alone: whatever is in it, we made. */
const TABLE = 'netdev neutron-qos'

/** The kernel counts nanoseconds for a packet: nothing is faster. */
const FASTEST = 1_000_000_000
const LARGEST_BURST = 2 ** 32 - 1

/**
 * Limits of packet rates at the entrance of devices, by a chain each in the `ingress` hook of nftables: every frame counts,
 * whatever it carries, before anything else looks at it.
 */
export class PacketLimits {
  readonly #host: Host
  /** what is there, by device; null: to be read */
  #known: ReadonlyMap<string, string> | null = null
  #generations: ReadonlyMap<string, number> = new Map()

  constructor(host: Host) {
    this.#host = host
  }

  /** @param audit read back what is there */
  async apply(limits: ReadonlyMap<string, PacketLimit>, audit: boolean): Promise<LimitResult> {
    const wanted = new Map([...limits].map(([device, limit]) => [device, ruleOf(limit)]))
    const isRenewed = [...limits].some(([device, { generation }]) => {
      const before = this.#generations.get(device)
      return before !== undefined && before !== generation
    })
    const known = audit || isRenewed || this.#known === null ? await this.#read(wanted.size > 0) : this.#known
    this.#known = null
    const changes = changesOf(known, wanted)
    const isEnd = wanted.size === 0
    const faults = changes.size === 0 ? new Map<string, string>() : await this.#write(known, changes, isEnd)
    this.#generations = new Map([...limits].map(([device, { generation }]) => [device, generation]))
    if (faults.size === 0) this.#known = wanted
    return { writes: changes.size > faults.size ? 1 : 0, faults }
  }

  async #read(needed: boolean): Promise<Map<string, string>> {
    try {
      const { stdout, code } = await this.#host.run(['nft', '-j', 'list', 'table', ...TABLE.split(' ')], {
        okCodes: [0, 1],
      })
      return code === 0 ? parseLimits(stdout) : new Map()
    } catch (error) {
      // a host without nft has nothing of ours, and is asked for nothing
      if (needed) throw error
      return new Map()
    }
  }

  /** All at once; what is refused is found by trying each by itself. */
  async #write(
    known: ReadonlyMap<string, string>,
    changes: ReadonlyMap<string, readonly string[]>,
    isEnd: boolean,
  ): Promise<Map<string, string>> {
    const table = known.size === 0 ? [`add table ${TABLE}`] : []
    const run = (lines: readonly string[]) =>
      this.#host.run(['nft', '-f', '-'], { input: `${[...table, ...lines].join('\n')}\n` })
    const faults = new Map<string, string>()
    try {
      await run(isEnd ? [`delete table ${TABLE}`] : [...changes.values()].flat())
    } catch (error) {
      if (changes.size === 1) return new Map([[[...changes.keys()][0]!, (error as Error).message]])
      for (const [device, lines] of changes) {
        await run(lines).catch((reason: Error) => faults.set(device, reason.message))
      }
    }
    return faults
  }
}

function ruleOf({ perSecond, burst }: PacketRate): string {
  return `limit rate over ${Math.min(perSecond, FASTEST)}/second burst ${Math.min(burst, LARGEST_BURST)} packets drop`
}

/** Lines for nft, by the device they are about. */
function changesOf(known: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): Map<string, string[]> {
  const changes = new Map<string, string[]>()
  for (const device of known.keys()) {
    const chain = `chain ${TABLE} ${device}`
    if (!wanted.has(device)) changes.set(device, [`flush ${chain}`, `delete ${chain}`])
  }
  for (const [device, rule] of wanted) {
    if (known.get(device) === rule) continue
    const chain = `chain ${TABLE} ${device}`
    changes.set(device, [
      `add ${chain} { type filter hook ingress device "${device}" priority 0; }`,
      `flush ${chain}`,
      `add rule ${TABLE} ${device} ${rule}`,
    ])
  }
  return changes
}

interface Listed {
  readonly chain?: { readonly name: string }
  readonly rule?: {
    readonly chain: string
    readonly expr: readonly {
      readonly limit?: { readonly rate: number; readonly burst?: number; readonly per: string }
    }[]
  }
}

/** nft leaves out a burst of five. */
const UNSAID_BURST = 5

/** Rules by device; '' for a chain that has another rule than ours, or none. */
export function parseLimits(json: string): Map<string, string> {
  const { nftables } = JSON.parse(json) as { nftables: readonly Listed[] }
  const found = new Map<string, string>()
  for (const { chain } of nftables) if (chain) found.set(chain.name, '')
  for (const { rule } of nftables) {
    if (!rule) continue
    const limit = rule.expr[0]?.limit
    const isOurs = limit?.per === 'second' && found.get(rule.chain) === ''
    const text = isOurs ? ruleOf({ perSecond: limit.rate, burst: limit.burst ?? UNSAID_BURST }) : 'other'
    found.set(rule.chain, text)
  }
  return found
}
