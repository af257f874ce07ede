import type { Host } from '../command/host.js'
import { fillLines, staleSets } from './diff.js'
import { parseSets } from './save-text.js'
import type { IpSet } from './types.js'

/**
 * Keeps our sets of a host. A set must exist before a rule names it and can go only when none does any more, so the
 * caller fills first, writes its rules, then sweeps.
 */
export class IpsetWriter {
  readonly #host: Host
  readonly #prefixes: readonly string[]
  #known: Map<string, Set<string>> | null = null

  constructor(host: Host, prefixes: readonly string[]) {
    this.#host = host
    this.#prefixes = prefixes
  }

  /** Creates and fills. Returns the number of `ipset restore` runs (0 or 1). */
  async fill(desired: readonly IpSet[], audit: boolean): Promise<number> {
    if (audit || !this.#known) this.#known = await this.#read()
    const lines = fillLines(this.#known, desired)
    if (lines.length === 0) return 0
    const known = this.#known
    await this.#restore(lines)
    for (const { name, members } of desired) known.set(name, new Set(members))
    this.#known = known
    return 1
  }

  /** Removes what is not wanted. Call after `fill` and after the rules are in place. */
  async sweep(desired: readonly IpSet[]): Promise<number> {
    if (!this.#known) return 0
    const stale = staleSets(this.#known, desired, this.#prefixes)
    if (stale.length === 0) return 0
    const known = this.#known
    await this.#restore(stale.map((name) => `destroy ${name}`))
    for (const name of stale) known.delete(name)
    this.#known = known
    return 1
  }

  async #restore(lines: readonly string[]): Promise<void> {
    this.#known = null
    await this.#host.run(['ipset', 'restore', '-exist'], { input: `${lines.join('\n')}\n` })
  }

  async #read(): Promise<Map<string, Set<string>>> {
    return parseSets((await this.#host.run(['ipset', 'save'])).stdout)
  }
}
