import type { Host } from '../command/host.js'
import { diffRules } from './diff.js'
import { parseSave, type SavedRules } from './save-text.js'
import type { Family, IptablesWriter, RuleSet } from './types.js'

const COMMANDS: Record<Family, { readonly save: string; readonly restore: string }> = {
  ipv4: { save: 'iptables-save', restore: 'iptables-restore' },
  ipv6: { save: 'ip6tables-save', restore: 'ip6tables-restore' },
}

/** A writer for one network namespace (null: the host's own) and address family. */
export function createIptablesWriter(host: Host, netns: string | null, family: Family): IptablesWriter {
  return new Writer(host, netns, family)
}

class Writer implements IptablesWriter {
  readonly #host: Host
  readonly #netns: string | null
  readonly #family: Family
  /** what the kernel holds, as far as we know; null: to be read */
  #known: SavedRules | null = null

  constructor(host: Host, netns: string | null, family: Family) {
    this.#host = host
    this.#netns = netns
    this.#family = family
  }

  async apply(desired: RuleSet, audit: boolean): Promise<number> {
    if (audit || !this.#known) this.#known = await this.#read()
    const { input, after } = diffRules(this.#known, desired)
    if (input === '') return 0
    // until the write is known to be done we know nothing: a failed one is followed by a fresh read
    this.#known = null
    await this.#host.run([COMMANDS[this.#family].restore, '--noflush', '-w', '5'], { input, netns: this.#netns })
    this.#known = after
    return 1
  }

  async #read(): Promise<SavedRules> {
    const { stdout } = await this.#host.run([COMMANDS[this.#family].save], { netns: this.#netns })
    return parseSave(stdout)
  }
}
