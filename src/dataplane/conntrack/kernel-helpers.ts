import { CommandError } from '../command/command-error.js'
import type { Host } from '../command/host.js'
import type { Family } from '../iptables/types.js'

/** A helper of the kernel for connections of a protocol. */
export interface HelperName {
  readonly helper: string
  readonly protocol: string
}

const PROGRAMS: Record<Family, string> = { ipv4: 'iptables-restore', ipv6: 'ip6tables-restore' }

/**
 * Which conntrack helpers the kernel has. A rule that names one it has not would keep all rules beside it from being
 * written; so each is tried once, in a network namespace that exists for as long as the try.
 */
export class KernelHelpers {
  readonly #host: Host
  readonly #known = new Map<string, boolean>()

  constructor(host: Host) {
    this.#host = host
  }

  /** Whether the kernel has it; false for one that was never tried. */
  has(family: Family, name: HelperName): boolean {
    return this.#known.get(keyOf(family, name)) === true
  }

  /** Tries those that were not tried yet, and with `again` those that were not there: their module may be there now. */
  async learn(names: readonly HelperName[], again: boolean): Promise<void> {
    for (const family of ['ipv4', 'ipv6'] as const) {
      for (const name of names) {
        const known = this.#known.get(keyOf(family, name))
        if (known === undefined || (again && !known))
          this.#known.set(keyOf(family, name), await this.#try(family, name))
      }
    }
  }

  async #try(family: Family, { helper, protocol }: HelperName): Promise<boolean> {
    const rule = `-A PREROUTING -p ${protocol} --dport 1 -j CT --helper ${helper}`
    try {
      await this.#host.run(['unshare', '--net', PROGRAMS[family]], { input: `*raw\n${rule}\nCOMMIT\n` })
      return true
    } catch (error) {
      if (error instanceof CommandError && error.code !== null) return false
      throw error
    }
  }
}

function keyOf(family: Family, { helper, protocol }: HelperName): string {
  return `${family} ${helper} ${protocol}`
}
