/**
 * `functional.ts FILE…`: runs tests that wait for something most of their time, two files side by side; a file's output
 * comes when it has ended.
 *
 * A machine that others use too may stand still for longer than a daemon, or a real service, waits for another. So files in
 * which something fails are run once more, alone. What failed at first stays in the output, and is repeated at the end: what
 * shows up there again and again is a defect. Exit code 1: something failed twice, or in many files at once.
 */
import { dirname } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { FAILED_AT_FIRST } from './failed-at-first.js'

/** Looks at the whole machine, for what labs leave there, so nothing else may run. */
const ALONE = 'test/scenarios/cycles.test.ts'
/** Takes as long as all others of its folder, so it begins before them; those of other folders leave it less of the processor. */
const LONGEST = 'test/scenarios/cases.test.ts'
const SIDE_BY_SIDE = 2
/** What fails by chance does so in few files. */
const AGAIN_AT_MOST = 4

/** What failed, innermost first. */
type Failures = readonly string[]

/** What passed when a test itself tried it again, with the reason. */
const triedAgain: string[] = []

async function runFile(file: string): Promise<Failures> {
  process.stdout.write(`-- ${file} begins\n`)
  const failures: string[] = []
  let output = ''
  const tests = run({ files: [file] })
  // `file` of such an event is where the test is written down, which may be in a file that many share
  tests.on('test:fail', ({ name, details }) => {
    const reason = String(details.error.cause instanceof Error ? details.error.cause.message : details.error.message)
    failures.push(`${name}: ${reason.trim().replaceAll(/\s*\n\s*/g, ' ')}`)
  })
  tests.on('test:diagnostic', ({ message }) => {
    if (message.startsWith(FAILED_AT_FIRST)) triedAgain.push(message)
  })
  for await (const text of tests.compose(new spec())) output += text
  process.stdout.write(`\n-- ${file}\n${output}`)
  return failures
}

/** What failed, by file. */
async function runFiles(files: readonly string[], sideBySide: number): Promise<Map<string, Failures>> {
  const waiting = [...files]
  const failed = new Map<string, Failures>()
  const lane = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const failures = await runFile(file)
      if (failures.length > 0) failed.set(file, failures)
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, lane))
  return failed
}

function tell(headline: string, failed: ReadonlyMap<string, Failures>): void {
  const lines = [...failed].flatMap(([file, failures]) => [`  ${file}`, ...failures.map((each) => `    ${each}`)])
  process.stdout.write(`\n${[headline, ...lines].join('\n')}\n`)
}

async function passes(files: readonly string[]): Promise<boolean> {
  const others = files.filter((file) => file !== ALONE)
  const rank = (file: string) => `${dirname(file)} ${file === LONGEST ? '' : file}`
  others.sort((a, b) => rank(a).localeCompare(rank(b)))
  const alone = files.filter((file) => file === ALONE)
  const first = new Map([...(await runFiles(alone, 1)), ...(await runFiles(others, SIDE_BY_SIDE))])
  if (first.size === 0) return true
  tell('failed:', first)
  if (first.size > AGAIN_AT_MOST) return false
  process.stdout.write('\nthese files are run once more, alone\n')
  const second = await runFiles([...first.keys()], 1)
  tell('failed at first:', first)
  tell(second.size === 0 ? 'nothing of it failed again' : 'failed again:', second)
  return second.size === 0
}

const passed = await passes(process.argv.slice(2))
for (const message of triedAgain) process.stdout.write(`${message}\n`)
process.exitCode = passed ? 0 : 1
