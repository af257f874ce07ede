import assert from 'node:assert/strict'
import { Fault } from '../faults.js'

/** The work fails with this fault; `message`: all of it, or what it matches. */
export async function refuses(
  work: Promise<unknown>,
  status: number,
  type: string,
  message?: string | RegExp,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof Fault, String(error))
    assert.deepEqual([error.status, error.type], [status, type], error.message)
    if (typeof message === 'string') assert.equal(error.message, message)
    else if (message) assert.match(error.message, message)
    return true
  })
}
