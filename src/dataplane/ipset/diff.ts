import type { IpSet } from './types.js'

/** From this many changed members on, a set is built anew beside the old one and swapped in. */
const SWAP_FROM = 5

type Sets = ReadonlyMap<string, ReadonlySet<string>>

/** Lines for `ipset restore -exist` that create and fill the sets; none when all members are right. */
export function fillLines(actual: Sets, desired: readonly IpSet[]): string[] {
  return desired.flatMap((set) => {
    const present = actual.get(set.name)
    if (!present) return [createLine(set.name, set), ...addLines(set.name, set.members)]
    const wanted = new Set(set.members)
    const add = set.members.filter((member) => !present.has(member))
    const remove = [...present].filter((member) => !wanted.has(member))
    return add.length + remove.length < SWAP_FROM ? changeLines(set.name, add, remove) : swapLines(set)
  })
}

/** Sets with one of our prefixes that nothing wants any more (also ones half built by a process that ended). */
export function staleSets(actual: Sets, desired: readonly IpSet[], prefixes: readonly string[]): string[] {
  const wanted = new Set(desired.map(({ name }) => name))
  return [...actual.keys()].filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) && !wanted.has(name))
}

function createLine(name: string, { family }: IpSet): string {
  return `create ${name} hash:net family ${family === 'ipv4' ? 'inet' : 'inet6'}`
}

function addLines(name: string, members: readonly string[]): string[] {
  return members.map((member) => `add ${name} ${member}`)
}

function changeLines(name: string, add: readonly string[], remove: readonly string[]): string[] {
  return [...addLines(name, add), ...remove.map((member) => `del ${name} ${member}`)]
}

function swapLines(set: IpSet): string[] {
  const beside = `${set.name}-n`
  return [
    createLine(beside, set),
    `flush ${beside}`,
    ...addLines(beside, set.members),
    `swap ${beside} ${set.name}`,
    `destroy ${beside}`,
  ]
}
