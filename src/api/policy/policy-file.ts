import { ConfigError } from '../../config/options.js'

const ENTRY = /^(?:"([^"]+)"|'([^']+)'|([^\s"'#-][^"'#]*?))\s*:(?:\s+(.*))?$/

/**
 * policy.yaml, or JSON: rules by name. The form that oslo.policy's generator writes: a name and a text on each line, the
 * text in quotes or plain, comments. Throws ConfigError with the line it does not understand.
 */
export function parsePolicyFile(text: string, path: string): ReadonlyMap<string, string> {
  if (text.trimStart().startsWith('{')) return fromJson(text, path)
  const rules = new Map<string, string>()
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd()
    if (line === '' || /^\s*#/.test(line) || line === '---') continue
    const [, double, single, plain, value] = ENTRY.exec(line) ?? []
    const name = double ?? single ?? plain
    const rule = value === undefined ? undefined : unquoted(value)
    if (name === undefined || rule === undefined)
      throw new ConfigError(`${path}:${i + 1}: a line is "NAME": "RULE", on one line`)
    rules.set(name, rule)
  }
  return rules
}

function fromJson(text: string, path: string): ReadonlyMap<string, string> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`${path}: ${(error as Error).message}`)
  }
  const entries = Object.entries(parsed as object)
  const wrong = entries.find(([, rule]) => typeof rule !== 'string')
  if (wrong) throw new ConfigError(`${path}: the rule of ${wrong[0]} is not a text`)
  return new Map(entries as [string, string][])
}

/** undefined: not one value on one line */
function unquoted(text: string): string | undefined {
  const double = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text)
  if (double) return double[1]!.replace(/\\(.)/g, '$1')
  const single = /^'((?:[^']|'')*)'\s*(?:#.*)?$/.exec(text)
  if (single) return single[1]!.replaceAll("''", "'")
  if (/^["'|>[{&*!]/.test(text)) return undefined
  return text.replace(/\s+#.*$/, '').trim()
}
