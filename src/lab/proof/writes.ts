import { askAgent } from '../agent-socket.js'
import { daemonsOf } from '../spec.js'
import type { LabState } from '../state.js'
import { expect } from './expect.js'

/** Every agent reads its host back, finds no error and writes nothing. */
export async function expectNoWrites(state: LabState): Promise<void> {
  const agents = state.spec.nodes.flatMap((node) =>
    daemonsOf(node)
      .filter((daemon) => /^neutron-.*-agent$/.test(daemon))
      .map((binary) => ({ node: node.name, binary })),
  )
  await Promise.all(
    agents.map(async ({ node, binary }) => {
      const { last_writes, errors } = await askAgent(state, node, binary, 'POST', '/resync')
      expect(errors.length === 0, `${binary} on ${node}: ${JSON.stringify(errors)}`)
      expect(last_writes === 0, `${binary} on ${node} wrote ${last_writes} times more`)
    }),
  )
}
