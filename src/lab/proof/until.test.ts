import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommandFailed, expect } from './expect.js'
import { until } from './until.js'

describe('until', () => {
  it('takes a command that fails for nothing yet', async () => {
    let looks = 0
    const found = await until('a device', async () => {
      looks += 1
      if (looks < 3) throw new CommandFailed('no such device')
      return looks
    })
    assert.equal(found, 3)
  })

  it('says what the last look met', async () => {
    const never = until('a device', () => Promise.reject(new CommandFailed('no such device')), 20)
    await assert.rejects(never, /waited 0.02 s in vain for a device: no such device/)
  })

  it('ends at once when an expectation does not hold', async () => {
    let looks = 0
    const wrong = until('a device', async () => {
      looks += 1
      expect(looks === 0, 'another device came')
      return true
    })
    await assert.rejects(wrong, /another device came/)
    assert.equal(looks, 1)
  })
})
