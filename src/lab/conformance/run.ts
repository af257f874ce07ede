import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cloud, refuseOthers, withCloud } from '../proof/cloud.js'
import { dumpAll, expectAsBefore } from '../proof/left-behind.js'
import { makeExternal } from '../proof/objects.js'
import { removeNew, takeInventory } from '../proof/remove-new.js'
import { expectNoWrites } from '../proof/writes.js'
import { userEnvironment } from '../session.js'
import { settled } from '../settled.js'
import type { LabState } from '../state.js'
import type { TestResult } from './results.js'
import type { Suite } from './suites.js'
import { listTests, prepareDirectory, runTests, type TempestRun } from './tempest.js'
import type { TempestSettings } from './tempest-conf.js'

const EXTERNAL = 'conformance-ext'

export interface ConformanceReport {
  readonly results: readonly TestResult[]
  readonly ms: number
}

/**
 * Carries out a suite's tests on a running lab that has no networks of others. Afterwards the hosts must
 * have followed: every agent without an error and with nothing left to write, every node as before.
 */
export async function runConformance(
  state: LabState,
  run: TempestRun,
  progress: (result: TestResult) => void,
): Promise<ConformanceReport> {
  const directory = mkdtempSync(join(tmpdir(), 'eastwest-tempest-'))
  try {
    return await withCloud(state, async (cloud) => {
      await refuseOthers(cloud)
      await prepareDirectory(directory, run.suite)
      const before = { inventory: await takeInventory(cloud), dumps: await dumpAll(state) }
      const [listed, settings] = await Promise.all([listTests(directory, run), settingsOf(cloud, run.suite, directory)])
      const started = performance.now()
      const results = await runTests(settings, run, progress)
      const ms = Math.round(performance.now() - started)
      const afterwards = [
        await checked('settled without errors', async () => {
          await settled(cloud.admin)
          await expectNoWrites(state)
        }),
        await checked('deletion leaves nothing', async () => {
          await removeNew(cloud, before.inventory)
          await expectAsBefore(state, before.dumps)
        }),
      ]
      for (const result of afterwards) progress(result)
      return { results: [...results.of(listed), ...afterwards], ms }
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function settingsOf(cloud: Cloud, { options, pools = [] }: Suite, directory: string): Promise<TempestSettings> {
  const { id } = await makeExternal(cloud, 'flat', EXTERNAL)
  for (const pool of pools) await cloud.admin.network.create('subnetpools', pool)
  const { extensions } = await cloud.admin.network.get<{ extensions: { alias: string }[] }>('/v2.0/extensions')
  const environment = userEnvironment(cloud.state, 'admin')
  return {
    authUrl: environment.OS_AUTH_URL!,
    username: environment.OS_USERNAME!,
    password: environment.OS_PASSWORD!,
    projectName: environment.OS_PROJECT_NAME!,
    region: environment.OS_REGION_NAME!,
    externalNetwork: { id, name: EXTERNAL },
    extensions: extensions.map(({ alias }) => alias).sort(),
    options,
    directory,
  }
}

/** What the lab itself must show, as a result like the others. */
async function checked(test: string, check: () => Promise<void>): Promise<TestResult> {
  const started = performance.now()
  const reason = await check().then(
    () => null,
    (error: Error) => error.message,
  )
  return {
    group: 'hosts',
    test,
    outcome: reason === null ? 'passed' : 'failed',
    reason,
    ms: Math.round(performance.now() - started),
  }
}
