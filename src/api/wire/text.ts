/**
 * Values in error messages, written as Neutron writes them: clients and their tests compare these texts, and they
 * are Python's notation (`None`, `True`, `['a', 'b']`).
 */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : quoted(value)
}

/** As `shown`, with strings in quotes: how values appear inside lists and dictionaries. */
export function quoted(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "\\'")}'`
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(quoted).join(', ')}]`
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${quoted(key)}: ${quoted(item)}`)
      .join(', ')}}`
  }
  return String(value)
}
