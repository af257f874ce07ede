import { type Dump, dumpDifferences, dumpNode } from '../dump.js'
import type { LabState } from '../state.js'
import { Unexpected } from './expect.js'

const DELETION_MS = 15_000

/** The data plane of each network and compute node, by its name. */
export type Dumps = ReadonlyMap<string, Dump>

export async function dumpAll(state: LabState): Promise<Dumps> {
  const nodes = state.spec.nodes.filter(({ role }) => role === 'network' || role === 'compute')
  const dumps = nodes.map(async ({ name }) => [name, await dumpNode(state, name)] as const)
  return new Map(await Promise.all(dumps))
}

/** Waits until every node is as it was, line by line; throws with what is left behind (`+`) or gone (`-`). */
export async function expectAsBefore(state: LabState, before: Dumps): Promise<void> {
  const deadline = Date.now() + DELETION_MS
  let left: string[]
  do {
    const now = await dumpAll(state)
    left = [...before].flatMap(([node, was]) =>
      dumpDifferences(was, now.get(node)!).map((difference) => `${node} ${difference}`),
    )
    if (left.length === 0) return
  } while (Date.now() < deadline)
  throw new Unexpected(`left behind: ${left.join('; ')}`)
}
