import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GroupCommit } from './group-commit.js'

/** A database of names, whose transactions can be made to fail. */
class Names {
  committed: string[] = []
  transactions = 0
  cannotBegin: Error | null = null
  cannotCommit: Error | null = null
  /** when it is, and for how long each piece of work goes on, in ms */
  now = 0
  workMs = 0
  #effects = 0
  readonly groups = new GroupCommit<string[]>({
    open: async (work, progress) => {
      if (this.cannotBegin) throw this.cannotBegin
      this.transactions += 1
      const own: string[] = []
      await work(own)
      progress.commitSent = true
      if (this.cannotCommit) throw this.cannotCommit
      this.committed.push(...own)
    },
    effects: () => this.#effects,
    now: () => this.now,
  })

  /** What becomes of writing a name; it is refused before or after that when `refuse` says so. */
  write(name: string, refuse: 'before' | 'after' | null = null): Promise<string> {
    return new Promise((resolve) => {
      this.groups.add({
        run: async (own) => {
          await Promise.resolve()
          this.now += this.workMs
          if (refuse === 'before') throw new Error('refused')
          this.#effects += 1
          own.push(name)
          if (refuse === 'after') throw new Error('refused')
        },
        committed: () => resolve(this.committed.includes(name) ? 'committed' : 'told too early'),
        failed: (error, commitSent) => resolve(`${(error as Error).message}${commitSent ? ', perhaps committed' : ''}`),
      })
    })
  }
}

describe('group commit', () => {
  it('commits once for all that wait; who is refused before a write harms nobody', async () => {
    const names = new Names()
    const outcomes = await Promise.all([names.write('a'), names.write('b', 'before'), names.write('c')])
    assert.deepEqual(outcomes, ['committed', 'refused', 'committed'])
    assert.deepEqual([names.committed, names.transactions], [['a', 'c'], 1])
  })

  it('runs each alone when one fails that has written', async () => {
    const names = new Names()
    const outcomes = await Promise.all([names.write('a'), names.write('b', 'after'), names.write('c')])
    assert.deepEqual(outcomes, ['committed', 'refused', 'committed'])
    // together, then a, then b, then c
    assert.deepEqual([names.committed, names.transactions], [['a', 'c'], 4])
  })

  it('lets nobody wait long on behalf of those that come after', async () => {
    const names = new Names()
    names.workMs = 3
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((name) => names.write(name)))
    assert.deepEqual(outcomes, Array(4).fill('committed'))
    // 5 ms are over after two of them
    assert.deepEqual([names.committed, names.transactions], [['a', 'b', 'c', 'd'], 2])
  })

  it('runs nothing again that may be committed', async () => {
    const names = new Names()
    names.cannotCommit = new Error('lost')
    const outcomes = await Promise.all([names.write('a'), names.write('b')])
    assert.deepEqual(outcomes, ['lost, perhaps committed', 'lost, perhaps committed'])
    names.cannotCommit = null
    assert.equal(await names.write('c'), 'committed')
    assert.deepEqual([names.committed, names.transactions], [['c'], 2])
  })

  it('tells all that wait when no transaction can begin, and goes on with the next', async () => {
    const names = new Names()
    names.cannotBegin = new Error('away')
    assert.deepEqual(await Promise.all([names.write('a'), names.write('b')]), ['away', 'away'])
    names.cannotBegin = null
    assert.equal(await names.write('a'), 'committed')
  })
})
