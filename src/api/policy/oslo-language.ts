/** The language of policy.yaml (oslo.policy): what a rule may say, as a tree. */

export type Expression =
  | { readonly kind: 'always' | 'never' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  | { readonly kind: 'rule' | 'role'; readonly name: string }
  /** the object's attribute has (or, with `~`, matches) a value */
  | {
      readonly kind: 'field'
      readonly resource: string
      readonly attribute: string
      readonly value: string
      readonly pattern: RegExp | null
    }
  /** what is known of the caller (`project_id`) or a literal in quotes, and a value or the object's `%(attribute)s` */
  | { readonly kind: 'match'; readonly left: string; readonly right: string }

/** Throws an Error that says what is wrong with the rule. */
export function parseRule(text: string): Expression {
  const tokens = text.match(/[()]|(?:[^\s()%']|%\([^)]*\)s|'[^']*'|%)+/g) ?? []
  if (tokens.length === 0) return { kind: 'always' }
  const reader = { tokens, at: 0 }
  const expression = either(reader)
  if (reader.at < tokens.length) throw new Error(`'${tokens[reader.at]}' is not expected there`)
  return expression
}

interface Reader {
  readonly tokens: readonly string[]
  at: number
}

function taken(reader: Reader, word: string): boolean {
  if (reader.tokens[reader.at]?.toLowerCase() !== word) return false
  reader.at++
  return true
}

function either(reader: Reader): Expression {
  const parts = [both(reader)]
  while (taken(reader, 'or')) parts.push(both(reader))
  return parts.length === 1 ? parts[0]! : { kind: 'or', parts }
}

function both(reader: Reader): Expression {
  const parts = [one(reader)]
  while (taken(reader, 'and')) parts.push(one(reader))
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts }
}

function one(reader: Reader): Expression {
  if (taken(reader, 'not')) return { kind: 'not', part: one(reader) }
  if (taken(reader, '(')) {
    const inner = either(reader)
    if (!taken(reader, ')')) throw new Error("a ')' is missing")
    return inner
  }
  const token = reader.tokens[reader.at++]
  if (token === undefined || token === ')') throw new Error('it ends where a check is expected')
  return check(token)
}

function check(token: string): Expression {
  if (token === '@') return { kind: 'always' }
  if (token === '!') return { kind: 'never' }
  const colon = token.startsWith("'") ? token.indexOf(':', token.indexOf("'", 1)) : token.indexOf(':')
  if (colon < 1) throw new Error(`'${token}' is not a check`)
  const [left, right] = [token.slice(0, colon), token.slice(colon + 1)]
  if (left === 'rule' || left === 'role') return { kind: left, name: right }
  if (left === 'field') return field(token, right)
  if (left === 'http' || left === 'https') throw new Error(`${left}: checks are not supported`)
  return { kind: 'match', left, right }
}

/** `networks:shared=True`, `port:device_owner=~^network:` */
function field(token: string, text: string): Expression {
  const [, resource, attribute, tilde, value] = /^([^:]+):([^=]+)=(~?)(.*)$/.exec(text) ?? []
  if (resource === undefined || attribute === undefined || value === undefined)
    throw new Error(`'${token}' is not field:RESOURCE:ATTRIBUTE=VALUE`)
  return { kind: 'field', resource, attribute, value, pattern: tilde ? new RegExp(`^(?:${value})`) : null }
}
