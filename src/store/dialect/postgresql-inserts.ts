/** Tables of which many rows are made, in an order in which they can be: none refers to a later one. */
const TABLES = ['ports', 'port_security_groups', 'ip_allocations']
const INSERT = /^(insert into "(\w+)" \(([^)]*)\) values) [^a-z]*$/
/** Rows of one statement, at most. */
const LARGEST = 64

export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Rows of one table. */
interface Rows {
  readonly head: string
  /** columns */
  readonly width: number
  readonly values: unknown[]
}

/**
 * Inserts that nobody has an answer of to wait for: they are written together, in front of the next statement that could
 * meet their rows, whoever asks it. What is wrong with them is found out then.
 */
export class WaitingInserts {
  readonly #waiting = new Map<string, Rows>()

  /** Whether the statement may wait; then it does. */
  add(text: string, values: readonly unknown[]): boolean {
    const [, head, table, columns] = text.startsWith('insert') ? (INSERT.exec(text) ?? []) : []
    if (!head || !table || !TABLES.includes(table)) return false
    const known = this.#waiting.get(table)
    // a newer server's columns, or another order of them
    if (known && known.head !== head) return false
    if (known) known.values.push(...values)
    else this.#waiting.set(table, { head, width: columns!.split(',').length, values: [...values] })
    return true
  }

  /** Whether the statement could find their rows, or their absence. */
  concern(text: string): boolean {
    if (this.#waiting.size === 0) return false
    return !/^\s*select\b/i.test(text) || TABLES.some((table) => this.#waiting.has(table) && names(text, table))
  }

  drop(): void {
    this.#waiting.clear()
  }

  /** The statements that write them: they wait no longer. */
  take(): Statement[] {
    const statements = TABLES.flatMap((table) => insertsOf(this.#waiting.get(table)))
    this.#waiting.clear()
    return statements
  }
}

const NAMED = new Map(TABLES.map((table) => [table, new RegExp(`\\b${table}\\b`, 'i')]))
const names = (text: string, table: string) => NAMED.get(table)!.test(text)

/** Of sizes that come again, so that their plans are worth keeping. */
function insertsOf(rows: Rows | undefined): Statement[] {
  if (!rows) return []
  const { head, width, values } = rows
  const total = values.length / width
  const statements: Statement[] = []
  for (let i = 0, size = LARGEST; i < total; i += size) {
    while (size > total - i) size /= 2
    statements.push({ text: `${head} ${tuples(size, width)}`, values: values.slice(i * width, (i + size) * width) })
  }
  return statements
}

/** `($1, $2), ($3, $4)` */
function tuples(count: number, width: number): string {
  const tuple = (i: number) => `(${Array.from({ length: width }, (_, j) => `$${i * width + j + 1}`).join(', ')})`
  return Array.from({ length: count }, (_, i) => tuple(i)).join(', ')
}
