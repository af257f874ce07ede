import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../../src/dataplane/command/host.js'
import { built, SKIP, startLab, type TestLab } from '../lib/lab.js'

const SCRIPT = resolve(import.meta.dirname, 'libraries/run.py')
const PACKAGE = '/usr/lib/python3/dist-packages/openstack'
const skip = SKIP || (existsSync(PACKAGE) ? false : 'needs Debian’s python3-openstackclient')

interface Result {
  readonly name: string
  /** what went wrong; null: all was well */
  readonly reason: string | null
}

/** Debian's openstacksdk (proxy and cloud layer) and neutronclient drive every resource as administrator, member and reader. */
describe('openstacksdk and neutronclient as libraries', { skip }, () => {
  let lab: TestLab
  let results: readonly Result[]

  before(async () => {
    lab = await startLab('t-sdk', 18_000)
    const { userEnvironment } = await built<typeof import('../../src/lab/session.js')>('lab/session.js')
    const [admin, demo] = [userEnvironment(lab.state, 'admin'), userEnvironment(lab.state, 'demo')]
    const env = {
      OS_AUTH_URL: admin.OS_AUTH_URL!,
      ADMIN_PASSWORD: admin.OS_PASSWORD!,
      DEMO_PASSWORD: demo.OS_PASSWORD!,
      PYTHONDONTWRITEBYTECODE: '1',
    }
    const { stdout } = await runCommand(['/usr/bin/python3', SCRIPT], { env, timeout: 180_000 })
    results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Result)
  })
  after(() => lab?.down())

  it('carries out every case', async (t) => {
    assert.ok(results.length > 50, `only ${results.length} cases`)
    for (const { name, reason } of results) await t.test(name, () => assert.equal(reason, null, reason ?? ''))
  })
})
