import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { runCommand } from '../../src/dataplane/command/host.js'
import { built, CLI, SKIP, startLab } from '../lib/lab.js'

const eastwest = (...args: string[]) => runCommand([process.execPath, CLI('eastwest'), ...args], { timeout: 120_000 })

describe('labs side by side', { skip: SKIP }, () => {
  it('two at once both pass the scenario and do not see each other', async () => {
    const { runScenario } = await built<typeof import('../../src/lab/scenario/scenario.js')>('lab/scenario/scenario.js')
    const first = await startLab('t-one', 13_000)
    try {
      const second = await startLab('t-two', 14_000)
      try {
        const reports = await Promise.all([first, second].map(({ state }) => runScenario(state, () => {})))
        const failed = reports.flatMap(({ results }) =>
          results.filter(({ ok }) => !ok).map(({ title, reason }) => `${title}: ${reason}`),
        )
        assert.deepEqual(failed, [])
        const ids = await Promise.all(
          [first, second].map(async ({ admin }) =>
            (await admin.network.get<{ networks: { id: string }[] }>('/v2.0/networks')).networks.map(({ id }) => id),
          ),
        )
        assert.equal(
          ids[0]!.some((id) => ids[1]!.includes(id)),
          false,
        )
      } finally {
        await second.down()
      }
    } finally {
      await first.down()
    }
  })

  it('refuses a port that is taken, with a next step, and leaves nothing', async () => {
    const first = await startLab('t-one', 13_000)
    try {
      const error = await eastwest('lab', 'up', '--name', 't-two', '--port-offset', '13000').then(
        () => null,
        (failed: Error) => failed,
      )
      assert.match(error!.message, /port 18000 of 127\.0\.0\.1 is in use: choose others/)
      assert.equal(existsSync('/var/lib/eastwest/lab/t-two'), false)
    } finally {
      await first.down()
    }
  })
})
