import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillLines, staleSets } from './diff.js'
import { parseSets } from './save-text.js'

const SAVE = `create NIPv4a hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1
add NIPv4a 10.0.0.1
add NIPv4a 10.0.0.2
create theirs hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1
create NIPv4b-n hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1
`
const set = (name: string, members: string[]) => ({ name, family: 'ipv4' as const, members })

test('small changes member by member, large ones by swap, new sets are created', () => {
  const actual = parseSets(SAVE)
  assert.deepEqual(fillLines(actual, [set('NIPv4a', ['10.0.0.1', '10.0.0.3'])]), [
    'add NIPv4a 10.0.0.3',
    'del NIPv4a 10.0.0.2',
  ])
  const many = ['1', '2', '3', '4', '5', '6', '7', '8'].map((n) => `10.0.1.${n}`)
  const swap = fillLines(actual, [set('NIPv4a', many)])
  assert.deepEqual(
    [swap[0], swap.at(-2), swap.at(-1)],
    ['create NIPv4a-n hash:net family inet', 'swap NIPv4a-n NIPv4a', 'destroy NIPv4a-n'],
  )
  assert.deepEqual(fillLines(actual, [set('NIPv4c', ['10.0.0.1'])]), [
    'create NIPv4c hash:net family inet',
    'add NIPv4c 10.0.0.1',
  ])
  assert.deepEqual(fillLines(actual, [set('NIPv4a', ['10.0.0.2', '10.0.0.1'])]), [])
})

test('only our own sets are stale', () => {
  assert.deepEqual(staleSets(parseSets(SAVE), [set('NIPv4a', [])], ['NIPv4', 'NIPv6']), ['NIPv4b-n'])
})
