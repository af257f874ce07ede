/**
 * `functional.ts FILE…`: runs tests that wait for something most of their time, two files side by side.
 *
 * A machine that others use too may stand still for longer than a daemon, or a real service, waits for another. So files in
 * which something fails are run once more, alone. What failed at first stays in the output, and its names are repeated at
 * the end: what shows up there again and again is a defect. Exit code 1: something failed twice, or in many files at once.
 */
import { relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

/** Looks at the whole machine, for what labs leave there, so nothing else may run. */
const ALONE = 'test/scenarios/cycles.test.ts'
/** Takes half of the time, so it must not begin last. */
const LONGEST = 'test/scenarios/cases.test.ts'
/** What fails by chance does so in few files. */
const AGAIN_AT_MOST = 4

/** Names of what failed, innermost first, by file. */
type Failures = Map<string, string[]>

function runFiles(files: readonly string[], concurrency: number): Promise<Failures> {
  const failures: Failures = new Map()
  if (files.length === 0) return Promise.resolve(failures)
  const tests = run({ files: [...files], concurrency })
  tests.on('test:fail', ({ file, name }) => {
    // a file that could not be run at all goes by its path
    const path = relative('.', file ?? name)
    failures.set(path, [...(failures.get(path) ?? []), name])
  })
  return new Promise((resolve, reject) => {
    tests.once('error', reject)
    tests
      .compose(new spec())
      .once('end', () => resolve(failures))
      .pipe(process.stdout, { end: false })
  })
}

function tell(headline: string, failures: Failures): void {
  process.stdout.write(`\n${headline}\n`)
  for (const [file, names] of failures)
    process.stdout.write(`  ${file}\n${names.map((name) => `    ${name}\n`).join('')}`)
}

const files = process.argv.slice(2)
const sideBySide = files.filter((file) => file !== ALONE)
const longestFirst = [...sideBySide].sort((a, b) => Number(b === LONGEST) - Number(a === LONGEST) || a.localeCompare(b))
const first = new Map([
  ...(await runFiles(
    files.filter((file) => file === ALONE),
    1,
  )),
  ...(await runFiles(longestFirst, 2)),
])
if (first.size > AGAIN_AT_MOST) tell('failed:', first)
else if (first.size > 0) {
  tell('failed at first, so these files are run once more, alone:', first)
  const second = await runFiles([...first.keys()], 1)
  tell('failed at first:', first)
  tell(second.size === 0 ? 'nothing of it failed again' : 'failed again:', second)
  process.exitCode = second.size === 0 ? 0 : 1
}
if (first.size > AGAIN_AT_MOST) process.exitCode = 1
