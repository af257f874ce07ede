import { chainLines } from './chain-diff.js'
import { comparable, type SavedChain, type SavedRules, type SavedTable, sameRules, targetOf } from './save-text.js'
import type { RuleSet, TableRules } from './types.js'

/** What has to be fed to `iptables-restore --noflush`, and what the tables look like afterwards. */
export interface RulesDiff {
  /** '' when everything is as desired */
  readonly input: string
  readonly after: SavedRules
}

interface ChainDiff {
  readonly name: string
  readonly lines: readonly string[]
  readonly after: SavedChain
}

type Ownership = (chain: string | null) => boolean

const NO_RULES: TableRules = { chains: {}, builtin: {} }

/**
 * Compares the tables with what we want in them. Only rules that differ are touched; chains of strangers and their
 * rules in built-in chains keep their place and order.
 */
export function diffRules(actual: SavedRules, desired: RuleSet): RulesDiff {
  const isOwn: Ownership = (chain) => chain !== null && desired.ownPrefixes.some((prefix) => chain.startsWith(prefix))
  const after = new Map(actual)
  const parts: string[] = []
  for (const name of new Set([...actual.keys(), ...Object.keys(desired.tables)])) {
    const table = diffTable(actual.get(name) ?? new Map(), desired.tables[name] ?? NO_RULES, isOwn)
    if (table.lines.length === 0) continue
    parts.push(`*${name}\n${table.lines.join('\n')}\nCOMMIT\n`)
    after.set(name, table.after)
  }
  return { input: parts.join(''), after }
}

function diffTable(
  actual: SavedTable,
  desired: TableRules,
  isOwn: Ownership,
): { readonly lines: readonly string[]; readonly after: SavedTable } {
  const after = new Map(actual)
  const chains = [...ownChains(actual, desired), ...sharedChains(actual, desired, isOwn)]
  for (const chain of chains) after.set(chain.name, chain.after)
  const stale = [...actual.keys()].filter((name) => isOwn(name) && !(name in desired.chains))
  for (const name of stale) after.delete(name)
  // a stranger's rule may jump to a chain of ours: then the chain is emptied but stays
  const kept = stale.filter((name) => isJumpedTo(name, after))
  for (const name of kept) after.set(name, { policy: null, rules: [] })
  const flush = stale.filter((name) => actual.get(name)!.rules.length > 0)
  const remove = stale.filter((name) => !kept.includes(name))
  return {
    after,
    lines: [
      // new chains first: rules of other chains jump to them
      ...chains.flatMap(({ lines }) => lines.filter((line) => line.startsWith(':'))),
      ...chains.flatMap(({ lines }) => lines.filter((line) => !line.startsWith(':'))),
      ...flush.map((name) => `-F ${name}`),
      ...remove.map((name) => `-X ${name}`),
    ],
  }
}

function ownChains(actual: SavedTable, desired: TableRules): ChainDiff[] {
  return Object.entries(desired.chains).flatMap(([name, rules]): ChainDiff[] => {
    const present = actual.get(name)
    if (present && sameRules(present.rules, rules)) return []
    const lines = (present && chainLines(name, present.rules, rules)) ?? [
      // declaring a chain creates it, or empties it when it is there
      `:${name} - [0:0]`,
      ...rules.map((rule) => `-A ${name} ${rule}`),
    ]
    return [{ name, lines, after: { policy: null, rules: [...rules] } }]
  })
}

/** Chains that are not ours, in which we keep a block of rules at the top and one at the bottom. */
function sharedChains(actual: SavedTable, desired: TableRules, isOwn: Ownership): ChainDiff[] {
  const present = [...actual].filter(([name]) => !isOwn(name) && !(name in desired.chains))
  // a built-in chain of a table that nobody used yet is not listed, but takes rules all the same
  const unlisted = Object.keys(desired.builtin).filter((name) => !actual.has(name))
  return [...present, ...unlisted.map((name) => [name, { policy: 'ACCEPT', rules: [] }] as const)].flatMap(
    ([name, chain]) => diffShared(name, chain, desired.builtin[name] ?? {}, isOwn),
  )
}

function diffShared(
  name: string,
  actual: SavedChain,
  { top = [], bottom = [] }: { readonly top?: readonly string[]; readonly bottom?: readonly string[] },
  isOwn: Ownership,
): ChainDiff[] {
  const wanted = new Set([...top, ...bottom].map(comparable))
  const isOurs = (rule: string) => wanted.has(comparable(rule)) || (actual.policy !== null && isOwn(targetOf(rule)))
  const ours = actual.rules.filter(isOurs)
  const strangers = actual.rules.filter((rule) => !isOurs(rule))
  const after: SavedChain = { policy: actual.policy, rules: [...top, ...strangers, ...bottom] }
  if (sameRules(actual.rules, after.rules)) return []
  const lines = [
    // by their text, not their number: others may have changed the chain meanwhile
    ...ours.map((rule) => `-D ${name} ${rule}`),
    ...top.map((rule, i) => `-I ${name} ${i + 1} ${rule}`),
    ...bottom.map((rule) => `-A ${name} ${rule}`),
  ]
  return [{ name, lines, after }]
}

function isJumpedTo(name: string, table: SavedTable): boolean {
  return [...table.values()].some(({ rules }) => rules.some((rule) => targetOf(rule) === name))
}
