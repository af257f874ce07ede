import { isRecord } from './value.js'

/** Block YAML of JSON-like data; texts that YAML would read as something else are quoted. */
export function renderYaml(value: unknown, depth = 0): string {
  const indent = '  '.repeat(depth)
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return value.map((one) => `${indent}- ${nested(one, depth)}`).join('\n')
  }
  if (isRecord(value)) {
    const entries = Object.entries(value)
    if (entries.length === 0) return '{}'
    return entries.map(([key, one]) => `${indent}${scalar(key)}:${afterKey(one, depth)}`).join('\n')
  }
  return scalar(value)
}

/** Behind `- `: the first line continues it, the others are indented under it. */
function nested(value: unknown, depth: number): string {
  return renderYaml(value, depth + 1).trimStart()
}

/** Lists stand at the depth of their key, records one deeper. */
function afterKey(value: unknown, depth: number): string {
  if (Array.isArray(value) && value.length > 0) return `\n${renderYaml(value, depth)}`
  if (isRecord(value) && Object.keys(value).length > 0) return `\n${renderYaml(value, depth + 1)}`
  return ` ${renderYaml(value)}`
}

const AMBIGUOUS = /^(~|null|true|false|yes|no|on|off|[-+]?[\d.][\d_.:eE+-]*|0[xo][\da-f]+|)$/i
const SPECIAL = /^[\s\-?:,[\]{}#&*!|>'"%@`]|:(\s|$)|\s#|\s$/

function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'string') return String(value)
  if (/[\n\t\x00-\x1f]/.test(value)) return JSON.stringify(value)
  if (AMBIGUOUS.test(value) || SPECIAL.test(value)) return `'${value.replaceAll("'", "''")}'`
  return value
}
