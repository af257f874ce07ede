import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chainLines } from './chain-diff.js'
import { diffRules } from './diff.js'
import { parseSave } from './save-text.js'
import type { RuleSet } from './types.js'

const desired: RuleSet = {
  ownPrefixes: ['ours-'],
  tables: {
    filter: {
      chains: { 'ours-in': ['-s 10.0.0.1/32 -j ACCEPT', '-j DROP'] },
      builtin: { INPUT: { top: ['-j ours-in'] } },
    },
  },
}

test('an empty table: chains first, then the jump', () => {
  const { input } = diffRules(parseSave(''), desired)
  assert.equal(
    input,
    '*filter\n:ours-in - [0:0]\n-A ours-in -s 10.0.0.1/32 -j ACCEPT\n-A ours-in -j DROP\n-I INPUT 1 -j ours-in\nCOMMIT\n',
  )
})

test('strangers keep their rules and their place; what is stale of ours goes; twice is once', () => {
  const save = `*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [5:300]
:theirs - [0:0]
:ours-in - [0:0]
:ours-old - [0:0]
-A INPUT -s 9.9.9.9/32 -j DROP
-A INPUT -j ours-old
-A INPUT -j theirs
-A theirs -m comment --comment "do not -j ours-in here" -j RETURN
-A ours-in -s 10.0.0.1/32 -j ACCEPT
-A ours-in -s 10.0.0.2/32 -j ACCEPT
-A ours-in -j DROP
-A ours-old -j RETURN
COMMIT
`
  const { input, after } = diffRules(parseSave(save), desired)
  assert.equal(
    input,
    '*filter\n-D ours-in 2\n-D INPUT -j ours-old\n-I INPUT 1 -j ours-in\n-F ours-old\n-X ours-old\nCOMMIT\n',
  )
  assert.deepEqual(after.get('filter')!.get('INPUT')!.rules, ['-j ours-in', '-s 9.9.9.9/32 -j DROP', '-j theirs'])
  assert.equal(diffRules(after, desired).input, '')
})

test('a chain of ours that a stranger jumps to is emptied, not removed, and that only once', () => {
  const save = '*filter\n:theirs - [0:0]\n:ours-old - [0:0]\n-A theirs -j ours-old\n-A ours-old -j DROP\nCOMMIT\n'
  const { input, after } = diffRules(parseSave(save), { ownPrefixes: ['ours-'], tables: {} })
  assert.equal(input, '*filter\n-F ours-old\nCOMMIT\n')
  assert.equal(diffRules(after, { ownPrefixes: ['ours-'], tables: {} }).input, '')
})

test('the same rule in the words of another release is no difference', () => {
  const save =
    '*filter\n:ours-in - [0:0]\n-A ours-in -p 47 -m mac --mac-source FA:16:3E:00:00:01 -m comment --comment one -j DROP\nCOMMIT\n'
  const rule = '-p gre -m mac --mac-source fa:16:3e:00:00:01 -m comment --comment "one" -j DROP'
  const set = { ownPrefixes: ['ours-'], tables: { filter: { chains: { 'ours-in': [rule] }, builtin: {} } } }
  assert.equal(diffRules(parseSave(save), set).input, '')
})

test('the lines for a chain give exactly the wanted rules, and touch none that stays', () => {
  const rules = fc.array(fc.constantFrom('-s 1', '-s 2', '-s 3', '-s 4', '-s 5'), { maxLength: 8 })
  fc.assert(
    fc.property(rules, rules, (actual, wanted) => {
      const lines = chainLines('c', actual, wanted)!
      const result: string[] = [...actual]
      for (const line of lines) {
        const [, verb, at, rule] = line.match(/^-([DI]) c (\d+) ?(.*)$/)!
        if (verb === 'D') result.splice(Number(at) - 1, 1)
        else result.splice(Number(at) - 1, 0, rule!)
      }
      assert.deepEqual(result, wanted)
      assert.ok(lines.length <= actual.length + wanted.length)
      if (actual.join() === wanted.join()) assert.deepEqual(lines, [])
    }),
  )
})
