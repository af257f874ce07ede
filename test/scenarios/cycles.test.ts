import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, it } from 'node:test'
import { runCommand } from '../../src/dataplane/command/host.js'
import { until } from '../../src/lab/proof/until.js'
import { built, CLI, SKIP, startLab } from '../lib/lab.js'

/** What a lab could leave on the machine: devices, named namespaces, mounts, processes, files. */
async function machine(): Promise<Record<string, string[]>> {
  const { stdout } = await runCommand(['ip', '-o', '-br', 'link'])
  return {
    links: stdout
      .split('\n')
      .map((line) => line.split(/[ @]/)[0]!)
      .sort(),
    namespaces: existsSync('/run/netns') ? readdirSync('/run/netns').sort() : [],
    mounts: readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('eastwest') || line.includes('netns'))
      .sort(),
    etc: readdirSync('/etc').sort(),
    varLib: readdirSync('/var/lib')
      .filter((name) => name !== 'eastwest')
      .sort(),
    labs: existsSync('/var/lib/eastwest/lab') ? readdirSync('/var/lib/eastwest/lab').sort() : [],
    run: readdirSync('/run').sort(),
  }
}

/** The pid namespaces of a lab's nodes. */
async function pidNamespaces(lab: string): Promise<Set<string>> {
  const { readState } = await built<typeof import('../../src/lab/state.js')>('lab/state.js')
  const inits = Object.values(readState(lab)!.inits)
  return new Set(inits.map(({ pid }) => readlinkSync(`/proc/${pid}/ns/pid`)))
}

/** Names of the processes that live in one of the pid namespaces. */
function processesIn(namespaces: ReadonlySet<string>): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return namespaces.has(readlinkSync(`/proc/${pid}/ns/pid`))
          ? [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()]
          : []
      } catch {
        return []
      }
    })
}

const eastwest = (...args: string[]) => runCommand([process.execPath, CLI('eastwest'), ...args], { timeout: 120_000 })

describe('labs come and go', { skip: SKIP }, () => {
  it('ten times in a row, leaving nothing on the machine', async () => {
    const before = await machine()
    for (let cycle = 1; cycle <= 10; cycle++) {
      await eastwest('lab', 'up', '--name', 't-cycle', '--port-offset', '12000')
      await eastwest('lab', 'status', '--name', 't-cycle')
      const namespaces = await pidNamespaces('t-cycle')
      assert.ok(processesIn(namespaces).includes('ovs-vswitchd'))
      await eastwest('lab', 'down', '--name', 't-cycle')
      await until(`the machine to be as before cycle ${cycle}`, async () => {
        assert.deepEqual(processesIn(namespaces), [])
        assert.deepEqual(await machine(), before)
        return true
      })
    }
  })

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
