import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../../dataplane/command/host.js'
import { Results, type TestResult } from './results.js'
import { SubunitReader } from './subunit.js'
import { PACKAGES, type Suite, suiteFolder } from './suites.js'
import { type TempestSettings, tempestConf } from './tempest-conf.js'

const TEMPEST = '/usr/bin/tempest'
const STESTR = '/usr/bin/stestr'
/** where Python finds the file that takes out tempest's longest sleep */
const SITE = fileURLToPath(new URL('../../../scripts/conformance', import.meta.url))
const LONGEST_RUN_MS = 30 * 60_000

export interface TempestRun {
  readonly suite: Suite
  /** regular expression that test ids contain; '' is all */
  readonly only: string
  readonly workers: number
}

export function tempestIsInstalled(): boolean {
  return existsSync(TEMPEST) && existsSync(STESTR)
}

/** A directory from which tempest runs a suite's tests; a class is one worker's. */
export async function prepareDirectory(directory: string, suite: Suite): Promise<void> {
  mkdirSync(join(directory, 'lock'), { recursive: true, mode: 0o700 })
  const conf = { test_path: suiteFolder(suite), top_dir: PACKAGES, group_regex: '([^\\.]*\\.)*' }
  const lines = Object.entries(conf).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(join(directory, '.stestr.conf'), `[DEFAULT]\n${lines.join('')}`)
  await stestr(directory, ['init'])
}

/** Ids of the tests that would run, sorted. */
export async function listTests(directory: string, { suite, only }: TempestRun): Promise<string[]> {
  const stdout = await stestr(directory, ['list', ...leavingOut(suite), ...(only === '' ? [] : [only])])
  return stdout
    .split('\n')
    .filter((line) => /^\w+\.\S+\.\S/.test(line))
    .sort()
}

const leavingOut = ({ leftOut }: Suite) => (leftOut ? ['--exclude-regex', leftOut.ids] : [])

async function stestr(directory: string, args: readonly string[]): Promise<string> {
  const argv = ['/usr/bin/env', '-C', directory, STESTR, '--user-config', '/dev/null', ...args]
  return (await runCommand(argv, { env: environment(directory), timeout: 120_000 })).stdout
}

/** Runs the tests; `progress` hears of each result as it comes. Rejects when tempest itself fails. */
export async function runTests(
  settings: TempestSettings,
  { suite, only, workers }: TempestRun,
  progress: (result: TestResult) => void,
): Promise<Results> {
  const { directory } = settings
  writeFileSync(join(directory, 'tempest.conf'), tempestConf(settings), { mode: 0o600 })
  const options = ['--config-file', 'tempest.conf', '--subunit', '--concurrency', String(workers)]
  const chosen = [...leavingOut(suite), ...(only === '' ? [] : ['--regex', only])]
  const child = spawn(TEMPEST, ['run', ...options, ...chosen], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment(directory) },
    timeout: LONGEST_RUN_MS,
  })
  const results = new Results()
  const reader = new SubunitReader()
  let heard = 0
  let complaints = ''
  child.stderr.on('data', (text) => {
    complaints += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
    child.stdout.on('data', (bytes: Buffer) => {
      try {
        for (const packet of reader.push(bytes)) {
          const result = results.add(packet)
          if (!result) continue
          heard++
          progress(result)
        }
      } catch (error) {
        child.kill()
        reject(error)
      }
    })
  })
  // 1 is what failing tests give too
  if (code === null || code > 1 || heard === 0) throw new Error(`tempest ended with ${code}: ${complaints.trim()}`)
  return results
}

function environment(directory: string): Record<string, string> {
  return {
    PYTHONPATH: SITE,
    PYTHONDONTWRITEBYTECODE: '1',
    TEMPEST_CONFIG_DIR: directory,
    TEMPEST_CONFIG: 'tempest.conf',
    // nothing of the caller's own cloud
    OS_CLOUD: '',
  }
}
