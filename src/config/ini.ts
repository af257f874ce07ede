/**
 * oslo.config's INI dialect: `[SECTION]`, `key = value` or `key: value`, `#` and `;` comment lines, a value
 * continued on lines that start with white space, repeated keys (all values are kept, in order), quotes around
 * a whole value removed. Keys before any section belong to DEFAULT.
 */
export type IniData = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

/** A line that is no section, key or comment. `line` counts from 1. */
export class IniError extends Error {
  constructor(file: string, line: number, text: string) {
    super(`${file}:${line}: expected 'key = value' or '[section]', found '${text}'`)
    this.name = 'IniError'
  }
}

export function parseIni(text: string, file = '<text>'): IniData {
  const data = new Map<string, Map<string, string[]>>()
  let section = 'DEFAULT'
  let last: string[] | null = null
  const lines = text.split(/\r?\n/)
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) {
      if (line === '') last = null
      continue
    }
    if (/^\s/.test(raw) && last) {
      last[last.length - 1] += `\n${line}`
      continue
    }
    const header = line.match(/^\[([^\]]+)\]$/)
    if (header) {
      section = header[1]!.trim()
      last = null
      continue
    }
    const pair = line.match(/^([^=:]+?)\s*[=:]\s*(.*)$/)
    if (!pair) throw new IniError(file, index + 1, line)
    const keys = getOrMake(data, section, () => new Map<string, string[]>())
    last = getOrMake(keys, pair[1]!, () => [])
    last.push(unquote(stripComment(pair[2]!)))
  }
  return data
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

/** `value   ; remark`: the guide's files have remarks behind values. Only ` ;` counts; `#` may be part of a value. */
function stripComment(value: string): string {
  return value.replace(/\s+;.*$/, '').trim()
}

function unquote(value: string): string {
  const match = value.match(/^(["'])(.*)\1$/)
  return match ? match[2]! : value
}
