import { namedProtocol } from './protocol-names.js'

/** One chain as iptables-save prints it. */
export interface SavedChain {
  /** ACCEPT or DROP of a built-in chain; null: a user's chain */
  readonly policy: string | null
  /** without `-A CHAIN` */
  readonly rules: readonly string[]
}

export type SavedTable = ReadonlyMap<string, SavedChain>
export type SavedRules = ReadonlyMap<string, SavedTable>

/** Reads the text of iptables-save. Counters and comment lines are passed over. */
export function parseSave(text: string): SavedRules {
  const tables = new Map<string, Map<string, { policy: string | null; rules: string[] }>>()
  let table = new Map<string, { policy: string | null; rules: string[] }>()
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      table = new Map()
      tables.set(line.slice(1).trim(), table)
    } else if (line.startsWith(':')) {
      const [name = '', policy = '-'] = line.slice(1).split(' ')
      table.set(name, { policy: policy === '-' ? null : policy, rules: [] })
    } else if (line.startsWith('-A ')) {
      const end = line.indexOf(' ', 3)
      const name = end < 0 ? line.slice(3) : line.slice(3, end)
      table.get(name)?.rules.push(end < 0 ? '' : line.slice(end + 1))
    }
  }
  return tables
}

/** Chain that a rule jumps or goes to; null for a rule without a target. Comments may contain anything. */
export function targetOf(rule: string): string | null {
  const match = rule.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').match(/(?:^| )-[jg] (\S+)/)
  return match?.[1] ?? null
}

/**
 * The form in which two rules are compared: releases differ in the case of MAC addresses, in whether a single
 * word is quoted and in whether a protocol is a name or a number.
 */
export function comparable(rule: string): string {
  return rule
    .replaceAll(/"([A-Za-z0-9_-]+)"/g, '$1')
    .replaceAll(/--mac-source (\S+)/g, (_, mac: string) => `--mac-source ${mac.toLowerCase()}`)
    .replace(/(^| )-p (\S+)/, (_, before: string, name: string) => `${before}-p ${namedProtocol(name) ?? name}`)
}

export function sameRules(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((rule, i) => rule === b[i] || comparable(rule) === comparable(b[i]!))
}
