import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, it } from 'node:test'
import { runCommand } from '../../src/dataplane/command/host.js'
import { until } from '../../src/lab/proof/until.js'
import { built, CLI, SKIP } from '../lib/lab.js'

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
})
