import { askAgent } from '../agent-socket.js'
import { daemonsOf } from '../spec.js'
import type { LabState } from '../state.js'
import { expect } from './expect.js'

/** Every agent reads its host back, finds no error and writes nothing. */
export async function expectNoWrites(state: LabState): Promise<void> {
  for (const node of state.spec.nodes) {
    for (const binary of daemonsOf(node).filter((daemon) => /^neutron-.*-agent$/.test(daemon))) {
      const { last_writes, errors } = await askAgent(state, node.name, binary, 'POST', '/resync')
      expect(errors.length === 0, `${binary} on ${node.name}: ${JSON.stringify(errors)}`)
      expect(last_writes === 0, `${binary} on ${node.name} wrote ${last_writes} times more`)
    }
  }
}
