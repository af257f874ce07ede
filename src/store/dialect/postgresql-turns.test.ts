import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CompiledQuery } from 'kysely'
import type { Db } from '../table.js'
import { Turns } from './postgresql-turns.js'

interface Met {
  /** number of the next transaction, and of the oldest under way */
  readonly next: number
  readonly oldest?: number
  /** this turn's; null: it only reads */
  readonly own: number | null
  readonly fails?: boolean
}

/** Whether others may have changed the database, by one turn after the other. */
async function others(turns: Turns, ...met: readonly Met[]): Promise<boolean[]> {
  const told: boolean[] = []
  for (const { next, oldest = next, own, fails } of met) {
    const answers = [[{ next, oldest }], [{ own }]]
    const db = {
      executeQuery: async (_: CompiledQuery) => ({ rows: answers.shift() }),
      // what `sql` asks a handle for
      getExecutor: () => ({
        transformQuery: (node: unknown) => node,
        compileQuery: () => ({ sql: '', parameters: [] }),
        executeQuery: async () => ({ rows: answers.shift() }),
      }),
    } as unknown as Db
    const turn = await turns.take(db)
    told.push(turn.others)
    if (own !== null) await turn.end(null)
    if (!fails) turn.committed()
  }
  return told
}

describe('turns at a PostgreSQL database', () => {
  it('know that nobody else has changed it', async () => {
    assert.deepEqual(
      await others(
        new Turns(),
        { next: 10, own: 10 },
        { next: 11, own: null },
        { next: 11, own: 11 },
        { next: 12, own: 12 },
      ),
      [true, false, false, false],
    )
  })

  it('notice who was in between, before it and while it lasted', async () => {
    assert.deepEqual(await others(new Turns(), { next: 10, own: 10 }, { next: 12, own: 12 }, { next: 13, own: 13 }), [
      true,
      true,
      false,
    ])
    // 11 took its number when we had looked, and ends some time later
    assert.deepEqual(
      await others(
        new Turns(),
        { next: 11, own: 12 },
        { next: 13, oldest: 11, own: 13 },
        { next: 14, own: 14 },
        { next: 15, own: 15 },
      ),
      [true, true, true, false],
    )
  })

  it('take nothing for granted after a failure, or on another connection', async () => {
    const turns = new Turns()
    assert.deepEqual(await others(turns, { next: 10, own: 10, fails: true }, { next: 11, own: 11 }), [true, true])
    turns.forget()
    assert.deepEqual(await others(turns, { next: 12, own: 12 }), [true])
  })
})
