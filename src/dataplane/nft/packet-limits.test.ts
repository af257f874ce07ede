import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandError } from '../command/command-error.js'
import { DEFAULT_PATHS, type Host } from '../command/host.js'
import { PacketLimits, parseLimits } from './packet-limits.js'

const listed = (...rules: readonly (readonly [chain: string, rate: number, burst?: number])[]) =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6' } },
      { table: { family: 'netdev', name: 'neutron-qos' } },
      ...rules.flatMap(([chain, rate, burst]) => [
        { chain: { name: chain, hook: 'ingress' } },
        { rule: { chain, expr: [{ limit: { rate, burst, per: 'second', inv: true } }, { drop: null }] } },
      ]),
    ],
  })

/** A host whose nft lists `list`, and refuses lines that name one of `refused`. */
function hostOf(list: string | null, refused: readonly string[] = []) {
  const written: string[] = []
  const host: Host = {
    name: 'h',
    paths: DEFAULT_PATHS,
    run: async (argv, { input = '' } = {}) => {
      if (argv.includes('list')) return { stdout: list ?? '', stderr: '', code: list === null ? 1 : 0 }
      if (refused.some((device) => input.includes(device))) throw new CommandError(argv, 1, 'No such file or directory')
      written.push(input)
      return { stdout: '', stderr: '', code: 0 }
    },
  }
  return { host, written }
}

const limit = (perSecond: number, generation = 1) => ({ perSecond, burst: 100, generation })

test('a limit is a chain at the entrance of its device, made at once with its rule', async () => {
  const { host, written } = hostOf(null)
  const limits = new PacketLimits(host)
  assert.deepEqual(await limits.apply(new Map(), false), { writes: 0, faults: new Map() })
  assert.equal((await limits.apply(new Map([['tap1', limit(1000)]]), false)).writes, 1)
  assert.equal((await limits.apply(new Map([['tap1', limit(1000)]]), false)).writes, 0)
  assert.deepEqual(written, [
    'add table netdev neutron-qos\n' +
      'add chain netdev neutron-qos tap1 { type filter hook ingress device "tap1" priority 0; }\n' +
      'flush chain netdev neutron-qos tap1\n' +
      'add rule netdev neutron-qos tap1 limit rate over 1000/second burst 100 packets drop\n',
  ])
})

test('what a predecessor left is taken over; what nobody wants goes, in the end all of it', async () => {
  const { host, written } = hostOf(listed(['tap1', 1000, 100], ['qvb2', 2000, 100]))
  const limits = new PacketLimits(host)
  assert.equal(
    (
      await limits.apply(
        new Map([
          ['tap1', limit(1000)],
          ['qvb2', limit(2000)],
        ]),
        true,
      )
    ).writes,
    0,
  )
  assert.equal((await limits.apply(new Map([['tap1', limit(1000)]]), false)).writes, 1)
  assert.equal((await limits.apply(new Map(), false)).writes, 1)
  assert.deepEqual(written, [
    'flush chain netdev neutron-qos qvb2\ndelete chain netdev neutron-qos qvb2\n',
    'delete table netdev neutron-qos\n',
  ])
})

test('a device that is another one now is looked at again; one that is not there keeps no other from its limit', async () => {
  const { host, written } = hostOf(null, ['tap9'])
  const limits = new PacketLimits(host)
  await limits.apply(new Map([['tap1', limit(1000)]]), false)
  assert.equal((await limits.apply(new Map([['tap1', limit(1000, 2)]]), false)).writes, 1)
  const { writes, faults } = await limits.apply(
    new Map([
      ['tap1', limit(5)],
      ['tap9', limit(5)],
    ]),
    false,
  )
  assert.deepEqual([writes, [...faults.keys()]], [1, ['tap9']])
  assert.ok(written.at(-1)!.includes('tap1 limit rate over 5/second'))
})

test('a list of nft, with what it leaves unsaid; a chain with other rules is made anew', () => {
  const rate = (perSecond: number, burst: number) => `limit rate over ${perSecond}/second burst ${burst} packets drop`
  assert.deepEqual(
    [...parseLimits(listed(['a', 7], ['b', 8, 9]))],
    [
      ['a', rate(7, 5)],
      ['b', rate(8, 9)],
    ],
  )
  const twice = parseLimits(listed(['a', 7], ['a', 7]))
  assert.equal(twice.get('a'), 'other')
})
