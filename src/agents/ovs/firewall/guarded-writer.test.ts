import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IptablesWriter, RuleSet } from '../../../dataplane/iptables/types.js'
import { GuardedWriter } from './guarded-writer.js'

/** A kernel that refuses every set with the word `bad` in it, all or nothing. */
class Kernel implements IptablesWriter {
  current = ''
  runs = 0

  async apply(desired: RuleSet): Promise<number> {
    const text = JSON.stringify(desired)
    if (text === this.current) return 0
    this.runs++
    if (text.includes('bad')) throw new Error('line 7 failed')
    this.current = text
    return 1
  }
}

const rules = (ports: Record<string, string>): RuleSet => ({
  ownPrefixes: [],
  tables: {
    filter: {
      builtin: {},
      chains: Object.fromEntries(Object.entries(ports).map(([id, rule]) => [`neutron-openvswi-i${id}`, [rule]])),
    },
  },
})
const apply = (writer: GuardedWriter, ports: Record<string, string>) =>
  writer.apply(rules(ports), Object.keys(ports), false)

test('a port with a refused rule is closed, the others get theirs, and it is not tried again in vain', async () => {
  const kernel = new Kernel()
  const writer = new GuardedWriter(kernel)
  const { closed } = await apply(writer, { a: 'good', b: 'bad', c: 'fine' })
  assert.deepEqual([...closed], [['b', 'line 7 failed']])
  assert.match(kernel.current, /good.*sg-fallback.*fine/)
  const { runs } = kernel
  assert.deepEqual([...(await apply(writer, { a: 'good', b: 'bad', c: 'fine' })).closed.keys()], ['b'])
  assert.equal(kernel.runs, runs)
  assert.equal((await apply(writer, { a: 'good', b: 'mended', c: 'fine' })).closed.size, 0)
  assert.match(kernel.current, /mended/)
})

test('a refusal that no port is to blame for is an error', async () => {
  const writer = new GuardedWriter(new Kernel())
  const set = rules({ a: 'good' })
  await assert.rejects(writer.apply({ ...set, ownPrefixes: ['bad'] }, ['a'], false))
})
