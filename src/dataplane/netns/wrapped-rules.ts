import type { RuleSet } from '../iptables/types.js'

type Blocks = Record<string, { top?: string[]; bottom?: string[] }>

/**
 * Neutron's chains: every built-in chain jumps to a chain of the agent's own name ("wrapped"), so that several
 * agents can work in one namespace. Rules are added to wrapped chains by their short names.
 */
export class WrappedRules {
  readonly #wrap: string
  readonly #tables = new Map<string, { chains: Map<string, string[]>; builtin: Blocks }>()

  /** @param wrap binary name cut to 16 characters: `neutron-l3-agent`, `neutron-dhcp-age` */
  constructor(wrap: string) {
    this.#wrap = wrap
  }

  /** Wraps built-in chains of a table and adds further chains of our own. */
  table(name: string, builtin: readonly string[], own: readonly string[] = []): this {
    for (const chain of builtin) {
      this.#chain(name, this.#wrapped(chain))
      this.#block(name, chain).top!.push(`-j ${this.#wrapped(chain)}`)
    }
    for (const chain of own) this.#chain(name, this.#wrapped(chain))
    return this
  }

  /** Table filter: with the shared `neutron-filter-top`, ahead of everything. */
  filterTable(own: readonly string[] = []): this {
    this.#chain('filter', 'neutron-filter-top').push(`-j ${this.#wrapped('local')}`)
    for (const chain of ['FORWARD', 'OUTPUT']) this.#block('filter', chain).top!.push('-j neutron-filter-top')
    return this.table('filter', ['INPUT', 'FORWARD', 'OUTPUT'], ['local', ...own])
  }

  /** Table nat: with the shared `neutron-postrouting-bottom`, behind everything, which leads to `snat`. */
  natTable(): this {
    this.table('nat', ['PREROUTING', 'OUTPUT', 'POSTROUTING'], ['float-snat', 'snat'])
    this.#block('nat', 'POSTROUTING').bottom!.push('-j neutron-postrouting-bottom')
    const comment = '-m comment --comment "Perform source NAT on outgoing traffic."'
    this.#chain('nat', 'neutron-postrouting-bottom').push(`${comment} -j ${this.#wrapped('snat')}`)
    return this
  }

  /** Adds a rule. `{snat}` in it stands for our chain `snat`. */
  add(table: string, chain: string, rule: string): this {
    this.#chain(table, this.#wrapped(chain)).push(rule.replace(/\{([\w-]+)\}/, (_, name) => this.#wrapped(name)))
    return this
  }

  build(): RuleSet {
    const tables = [...this.#tables].map(
      ([name, { chains, builtin }]) => [name, { chains: Object.fromEntries(chains), builtin }] as const,
    )
    return { ownPrefixes: [`${this.#wrap}-`, ...SHARED], tables: Object.fromEntries(tables) }
  }

  #wrapped(chain: string): string {
    return `${this.#wrap}-${chain}`
  }

  #tableOf(name: string) {
    const table = this.#tables.get(name) ?? { chains: new Map<string, string[]>(), builtin: {} as Blocks }
    this.#tables.set(name, table)
    return table
  }

  #chain(table: string, name: string): string[] {
    const { chains } = this.#tableOf(table)
    const chain = chains.get(name) ?? []
    chains.set(name, chain)
    return chain
  }

  #block(table: string, chain: string): { top?: string[]; bottom?: string[] } {
    const { builtin } = this.#tableOf(table)
    builtin[chain] ??= { top: [], bottom: [] }
    return builtin[chain]
  }
}

const SHARED = ['neutron-filter-top', 'neutron-postrouting-bottom']
