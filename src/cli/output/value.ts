/** A value as it came from the server or was made for display. */
export type Cell = unknown

/** JSON with `", "` and `": "` between its parts, as the clients print it; `indent` spaces make it several lines. */
export function spacedJson(value: unknown, indent?: number): string {
  if (indent !== undefined) return JSON.stringify(value, null, indent)
  if (Array.isArray(value)) return `[${value.map((one) => spacedJson(one)).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${spacedJson(one)}`)
    return `{${parts.join(', ')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** One value as text: `True`/`False` for booleans; `missing` for null. */
export function plainText(value: unknown, missing = ''): string {
  if (value === null || value === undefined) return missing
  if (value === true) return 'True'
  if (value === false) return 'False'
  return typeof value === 'object' ? spacedJson(value) : String(value)
}

/** A list, one entry per line: records as JSON, everything else as text. */
export function linesOf(values: readonly unknown[], indent?: number): string {
  return values.map((one) => (isRecord(one) ? spacedJson(one, indent) : plainText(one))).join('\n')
}

/** The old networking client's way to show a value; `indent` is for records (agents' configurations). */
export function flatText(value: unknown, indent?: number): unknown {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return linesOf(value, indent)
  return isRecord(value) ? spacedJson(value, indent) : value
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
