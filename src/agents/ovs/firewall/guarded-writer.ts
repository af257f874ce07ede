import type { IptablesWriter, RuleSet } from '../../../dataplane/iptables/types.js'
import { FALLBACK, portChainNames } from './text.js'

export interface GuardedResult {
  readonly writes: number
  /** ports whose rules the kernel refuses, with its reason; nothing passes them */
  readonly closed: ReadonlyMap<string, string>
}

interface Refusal {
  /** the refused rules: as long as they stay, there is no need to try again */
  readonly rules: string
  readonly reason: string
}

/**
 * Writes the rules of all ports at once. When iptables refuses them, the port that is to blame is found and closed, so
 * that it cannot keep the others from getting their rules.
 */
export class GuardedWriter {
  readonly #writer: IptablesWriter
  readonly #refused = new Map<string, Refusal>()
  /** rules of each port as they were last accepted */
  #accepted = new Map<string, string>()

  constructor(writer: IptablesWriter) {
    this.#writer = writer
  }

  /** Rejects when iptables refuses even what is not about a port. */
  async apply(desired: RuleSet, portIds: readonly string[], audit: boolean): Promise<GuardedResult> {
    const rules = new Map(portIds.map((id) => [id, JSON.stringify(chainsOf(desired, id))]))
    for (const [id, refusal] of this.#refused) if (rules.get(id) !== refusal.rules) this.#refused.delete(id)
    let writes: number
    try {
      writes = await this.#writer.apply(closePorts(desired, [...this.#refused.keys()]), audit)
    } catch {
      writes = await this.#oneByOne(desired, rules)
    }
    this.#accepted = new Map([...rules].filter(([id]) => !this.#refused.has(id)))
    return { writes, closed: new Map([...this.#refused].map(([id, { reason }]) => [id, reason])) }
  }

  /** Ports whose rules changed are closed, then opened each by itself. */
  async #oneByOne(desired: RuleSet, rules: ReadonlyMap<string, string>): Promise<number> {
    const suspects = new Set([...rules].filter(([id, text]) => this.#accepted.get(id) !== text).map(([id]) => id))
    let writes = await this.#writer.apply(closePorts(desired, [...suspects]), false)
    for (const id of [...suspects].filter((suspect) => !this.#refused.has(suspect))) {
      suspects.delete(id)
      try {
        writes += await this.#writer.apply(closePorts(desired, [...suspects]), false)
      } catch (error) {
        suspects.add(id)
        this.#refused.set(id, { rules: rules.get(id)!, reason: (error as Error).message })
      }
    }
    return writes
  }
}

function chainsOf(set: RuleSet, portId: string): Record<string, readonly string[]> {
  const names = portChainNames(portId)
  const chains = set.tables.filter?.chains ?? {}
  return Object.fromEntries(names.flatMap((name) => (chains[name] ? [[name, chains[name]]] : [])))
}

/** The same rules, but nothing passes these ports. */
export function closePorts(set: RuleSet, portIds: readonly string[]): RuleSet {
  const { filter } = set.tables
  if (!filter || portIds.length === 0) return set
  const chains: Record<string, readonly string[]> = { ...filter.chains }
  for (const id of portIds) {
    for (const name of Object.keys(chainsOf(set, id))) chains[name] = [`-j ${FALLBACK}`]
  }
  return { ...set, tables: { ...set.tables, filter: { ...filter, chains } } }
}
