import type { Host } from '../command/host.js'
import { diffRules } from '../iptables/diff.js'
import { parseSave, type SavedRules } from '../iptables/save-text.js'
import type { RuleSet } from '../iptables/types.js'

const PROGRAMS = { ipv4: 'iptables', ipv6: 'ip6tables' } as const

/**
 * iptables of one namespace and family. Like the writer for the host's own tables, but it can be told that the namespace
 * was just made: then there are no rules, and reading them would only delay the first packet.
 */
export class NamespaceRules {
  readonly #host: Host
  readonly #netns: string
  readonly #program: string
  /** what the kernel holds, as far as we know; null: to be read */
  #known: SavedRules | null = null

  constructor(host: Host, netns: string, family: keyof typeof PROGRAMS) {
    this.#host = host
    this.#netns = netns
    this.#program = PROGRAMS[family]
  }

  /** The namespace was made a moment ago. */
  created(): void {
    this.#known = new Map()
  }

  /** @returns number of iptables-restore runs (0 or 1) */
  async apply(desired: RuleSet, readBack: boolean): Promise<number> {
    const known = readBack || !this.#known ? await this.#read() : this.#known
    this.#known = known
    const { input, after } = diffRules(known, desired)
    if (input === '') return 0
    // until the write is known to be done we know nothing: a failed one is followed by a fresh read
    this.#known = null
    const argv = [`${this.#program}-restore`, '--noflush', '-w', '5']
    await this.#host.run(argv, { input, netns: this.#netns })
    this.#known = after
    return 1
  }

  async #read(): Promise<SavedRules> {
    const { stdout } = await this.#host.run([`${this.#program}-save`], { netns: this.#netns })
    return parseSave(stdout)
  }
}
