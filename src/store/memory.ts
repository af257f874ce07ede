/** Results kept, at most; the oldest go first. */
const KEPT = 5_000

interface Entry {
  /** sum of the versions of its tables when it was read: versions only grow, so an equal sum means equal versions */
  readonly stamp: number
  readonly value: unknown
}

/** Results of reading whole tables' rows, each valid until one of its tables is written. */
export class Memory {
  readonly #entries = new Map<string, Entry>()
  readonly #versions = new Map<string, number>()
  #all = 0

  /** The result under `key`, or that of `make`, which reads `tables`. Failures are not kept. */
  async get<T>(tables: readonly string[], key: string, make: () => Promise<T>): Promise<T> {
    const stamp = this.#stamp(tables)
    const known = this.#entries.get(key)
    if (known?.stamp === stamp) return known.value as T
    const value = await make()
    // with the stamp from before: what was written meanwhile makes it invalid
    this.#entries.delete(key)
    this.#entries.set(key, { stamp, value })
    if (this.#entries.size > KEPT) this.#entries.delete(this.#entries.keys().next().value!)
    return value
  }

  /** `added`: its rows are as they were, there are only more of them. */
  written(table: string, added = false): void {
    this.#next(table)
    if (!added) this.#next(oldRowsOf(table))
  }

  #next(version: string): void {
    this.#versions.set(version, (this.#versions.get(version) ?? 0) + 1)
  }

  forget(): void {
    this.#entries.clear()
    this.#all += 1
  }

  #stamp(tables: readonly string[]): number {
    let sum = this.#all
    for (const table of tables) sum += this.#versions.get(table) ?? 0
    return sum
  }
}

/** In place of a table's name: what holds as long as rows are only added. */
export const oldRowsOf = (table: string) => `old rows of ${table}`

/** What running a statement does to what is remembered. */
export type Effect = { readonly writes: string } | { readonly adds: string } | 'reads' | 'anything'

const CHANGE = /^\s*(insert\s+into|update|delete\s+from)\s+"?(\w+)"?(?:\s+set\s+"?(\w+)"?\s*=\s*\S+\s+where\b)?/i
const READ = /^\s*(select|pragma|begin|commit)\b/i
/** Columns that tell where to begin to look, and are never shown. */
const HINTS = new Set(['allocation_pools.next_key'])
/** Tables whose rows take no others of remembered tables with them when they are deleted. */
export const LEAVES: ReadonlySet<string> = new Set([
  'ports',
  'ip_allocations',
  'port_security_groups',
  'wired_ports',
  'cloud_objects',
  'change_log',
])

/** By the statement's text. What is not understood may have changed anything. */
export function effectOf(sql: string): Effect {
  const [, verb, table, column] = CHANGE.exec(sql) ?? []
  if (!verb || !table) return READ.test(sql) ? 'reads' : 'anything'
  if (HINTS.has(`${table}.${column}`)) return 'reads'
  if (/^insert/i.test(verb)) return /\bon\s+conflict\b/i.test(sql) ? { writes: table } : { adds: table }
  return /^delete/i.test(verb) && !LEAVES.has(table) ? 'anything' : { writes: table }
}

/** Lets a memory know of a statement that is run. */
export function note(memory: Memory, effect: Effect): void {
  if (effect === 'reads') return
  if (effect === 'anything') memory.forget()
  else if ('adds' in effect) memory.written(effect.adds, true)
  else memory.written(effect.writes)
}
