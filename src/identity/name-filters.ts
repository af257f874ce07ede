import type { SqlValue } from '../base/sqlite.js'

/** A condition of a WHERE clause with the values for its marks. */
export interface Condition {
  readonly text: string
  readonly values: readonly SqlValue[]
}

const COMPARISONS: Readonly<Record<string, (column: string) => string>> = {
  contains: (column) => `instr(${column}, ?) > 0`,
  startswith: (column) => `instr(${column}, ?) = 1`,
  endswith: (column) => `substr(${column}, -max(1, length(?))) = ?`,
}

/**
 * Keystone's inexact filters of a text attribute: `name__contains`, `name__startswith`, `name__endswith`, and with `i`
 * before the comparison without regard to case. Null when `key` is none of them.
 */
export function inexactFilter(columns: readonly string[], key: string, value: string): Condition | null {
  const [, column = '', anyCase, comparison = ''] = /^(\w+?)__(i?)(\w+)$/.exec(key) ?? []
  const compare = Object.hasOwn(COMPARISONS, comparison) ? COMPARISONS[comparison] : undefined
  if (!compare || !columns.includes(column)) return null
  const text = anyCase ? compare(`lower(${column})`) : compare(column)
  const wanted = anyCase ? value.toLowerCase() : value
  return { text, values: Array.from({ length: text.split('?').length - 1 }, () => wanted) }
}
