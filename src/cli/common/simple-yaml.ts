import { CredentialsError } from '../../client/errors.js'

type Value = string | boolean | null | readonly Value[] | { readonly [key: string]: Value }

interface Line {
  readonly number: number
  readonly indent: number
  readonly text: string
}

/**
 * Reads the YAML that clouds.yaml files consist of: nested `key: value` blocks, block lists, comments, plain and quoted
 * texts. JSON is accepted too. Anchors, tags, multi-line texts and non-empty flow collections are refused by
 * name rather than read wrongly. Numbers stay text.
 */
export function parseSimpleYaml(text: string, file = 'clouds.yaml'): Value {
  if (/^\s*\{/.test(text)) return JSON.parse(text) as Value
  const lines = text.split(/\r?\n/).flatMap((raw, index): Line[] => {
    if (/^\s*\t/.test(raw)) throw refuse(file, index + 1, 'a tab in the indentation')
    const content = withoutComment(raw).trimEnd()
    const indent = content.length - content.trimStart().length
    return content.trim() === '' || content === '---' ? [] : [{ number: index + 1, indent, text: content.trim() }]
  })
  const reader = { file, lines, at: 0 }
  const value = lines.length === 0 ? null : readBlock(reader, lines[0]!.indent)
  const left = lines[reader.at]
  if (left) throw refuse(file, left.number, 'unexpected indentation')
  return value
}

interface Reader {
  readonly file: string
  readonly lines: readonly Line[]
  at: number
}

function refuse(file: string, line: number, what: string): CredentialsError {
  return new CredentialsError(`${file}:${line}: ${what} is not understood`)
}

/** Quoted texts, which may hold a `#`, or a comment: whichever begins first. */
const QUOTED_OR_COMMENT = /(?<=^|[\s:[,])(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|(?:^|\s)#.*$/g

function withoutComment(line: string): string {
  return line.replace(QUOTED_OR_COMMENT, (found) => (found.trimStart().startsWith('#') ? '' : found))
}

function readBlock(reader: Reader, indent: number): Value {
  return reader.lines[reader.at]!.text.startsWith('- ') ? readList(reader, indent) : readMap(reader, indent)
}

function readList(reader: Reader, indent: number): Value {
  const values: Value[] = []
  for (;;) {
    const line = reader.lines[reader.at]
    if (!line || line.indent !== indent || !line.text.startsWith('- ')) return values
    const rest = line.text.slice(2).trim()
    if (/^[\w.-]+:(\s|$)/.test(rest)) throw refuse(reader.file, line.number, 'a list of records')
    reader.at++
    values.push(scalar(rest, reader.file, line.number))
  }
}

function readMap(reader: Reader, indent: number): Value {
  const map: Record<string, Value> = {}
  for (;;) {
    const line = reader.lines[reader.at]
    if (!line || line.indent < indent) return map
    const pair = /^("[^"]*"|'[^']*'|[^\s"'][^:]*?)\s*:(?:\s+(.*))?$/.exec(line.text)
    if (line.indent !== indent || !pair) throw refuse(reader.file, line.number, `'${line.text}'`)
    reader.at++
    const key = pair[1]!.replace(/^(["'])(.*)\1$/, '$2')
    map[key] = pair[2] ? scalar(pair[2].trim(), reader.file, line.number) : nested(reader, indent)
  }
}

function nested(reader: Reader, indent: number): Value {
  const next = reader.lines[reader.at]
  if (!next) return null
  const list = next.indent === indent && next.text.startsWith('- ')
  return next.indent > indent || list ? readBlock(reader, next.indent) : null
}

function scalar(text: string, file: string, line: number): Value {
  if (text === '{}') return {}
  if (text === '[]') return []
  if (text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1).replaceAll("''", "'")
  if (text.startsWith('"')) return JSON.parse(text) as string
  if (/^[&*!|>[{%@`]/.test(text)) throw refuse(file, line, `'${text}'`)
  if (/^(true|yes|on)$/i.test(text)) return true
  if (/^(false|no|off)$/i.test(text)) return false
  return /^(null|~)$/i.test(text) ? null : text
}
