import { comparable } from './save-text.js'

/** Above this many comparisons a chain is rewritten instead. */
const MOST_COMPARISONS = 4_000_000

/**
 * Lines that turn the rules of a chain into others, touching as few as possible. Untouched rules keep their counters,
 * and a change that only adds is fast: the kernel waits for all processors before it frees a removed rule, which
 * takes 20 ms however small the change is. Null: rewrite the chain.
 */
export function chainLines(name: string, actual: readonly string[], desired: readonly string[]): string[] | null {
  const from = actual.map(comparable)
  const to = desired.map(comparable)
  const kept = commonRules(from, to)
  if (!kept) return null
  // by number, from the last to the first, so that the numbers before stay right
  const remove = from.flatMap((_, i) => (kept.from.has(i) ? [] : [`-D ${name} ${i + 1}`])).reverse()
  const insert = desired.flatMap((rule, i) => (kept.to.has(i) ? [] : [`-I ${name} ${i + 1} ${rule}`]))
  return [...remove, ...insert]
}

interface Kept {
  readonly from: ReadonlySet<number>
  readonly to: ReadonlySet<number>
}

/** Positions of a longest common subsequence, after the common beginning and end. */
function commonRules(from: readonly string[], to: readonly string[]): Kept | null {
  const shorter = Math.min(from.length, to.length)
  let start = 0
  while (start < shorter && from[start] === to[start]) start++
  let end = 0
  while (end < shorter - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++
  const middle = longestCommon(from.slice(start, from.length - end), to.slice(start, to.length - end))
  if (!middle) return null
  const both = [
    ...Array.from({ length: start }, (_, i) => [i, i] as const),
    ...middle.map(([a, b]) => [a + start, b + start] as const),
    ...Array.from({ length: end }, (_, i) => [from.length - 1 - i, to.length - 1 - i] as const),
  ]
  return { from: new Set(both.map(([a]) => a)), to: new Set(both.map(([, b]) => b)) }
}

function longestCommon(from: readonly string[], to: readonly string[]): [number, number][] | null {
  const width = to.length + 1
  if (from.length * width > MOST_COMPARISONS) return null
  const lengths = new Uint32Array((from.length + 1) * width)
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      const at = i * width + j
      lengths[at] = from[i] === to[j] ? lengths[at + width + 1]! + 1 : Math.max(lengths[at + width]!, lengths[at + 1]!)
    }
  }
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < from.length && j < to.length; ) {
    if (from[i] === to[j]) pairs.push([i++, j++])
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return pairs
}
