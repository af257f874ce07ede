import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Revisions } from './revisions.js'
import type { AppliedRevision } from './routes/environment.js'

const L3 = { host: 'compute1', binary: 'neutron-l3-agent', revision: 4, errors: [] }
const bus = { touched: () => ({ compute1: 4 }), projected: () => 5 }
const reports = (...applied: AppliedRevision[]) => ({ appliedRevisions: () => applied, currentRevision: () => 5 })

describe('revisions', () => {
  it('tell what was committed, sent and applied', async () => {
    const revisions = new Revisions(reports(L3), bus, null)
    assert.equal(revisions.current(), 5)
    assert.deepEqual(await revisions.standing(), { applied: [L3], told: 5, touched: { compute1: 4 } })
  })

  it('are those of all servers: an agent that has moved counts where it is further on', async () => {
    const compute2 = { ...L3, host: 'compute2', revision: 2 }
    const moved = { ...L3, revision: 3, errors: [{ kind: 'port', id: 'p', message: 'old' }] }
    const other = { applied: [moved, compute2], told: 3, touched: { compute1: 3, compute2: 2 } }
    let answers: unknown[] = [other]
    let given: unknown
    const servers = {
      ask: async () => answers,
      answer: (give: () => unknown) => {
        given = give()
      },
    }
    const revisions = new Revisions(reports(L3), bus, servers)
    assert.deepEqual(given, { applied: [L3], told: 5, touched: { compute1: 4 } })
    const all = { applied: [L3, compute2], told: 3, touched: { compute1: 4, compute2: 2 } }
    assert.deepEqual(await revisions.standing(), all)
    answers = [other, null]
    assert.deepEqual(await revisions.standing(), { ...all, told: null })
  })
})
