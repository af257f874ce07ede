import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../../dataplane/command/command-error.js'
import { type RunOptions, runCommand } from '../../dataplane/command/host.js'
import { inInstance } from '../instance.js'
import { inNode } from '../node.js'
import type { Cloud } from './cloud.js'
import { CommandFailed, expect } from './expect.js'
import { until } from './until.js'

const PATIENCE_MS = 10_000
const PROBE = fileURLToPath(new URL('./probe.js', import.meta.url))
const ASK = fileURLToPath(new URL('./ask.js', import.meta.url))

/** Where a command can be run: a node, or an instance by its id. */
export type Place = { readonly node: string } | { readonly instance: string }

export async function argvAt(cloud: Cloud, place: Place, argv: readonly string[]): Promise<string[]> {
  if ('instance' in place) return inInstance(cloud.state, cloud.admin, place.instance, argv)
  return inNode(cloud.state.inits[place.node]!, argv)
}

/** stdout of a command at a place. */
export async function run(
  cloud: Cloud,
  place: Place,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const whole = await argvAt(cloud, place, argv)
  try {
    return (await runCommand(whole, { timeout: 20_000, ...options })).stdout
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const lastLine = error.stderr.trim().split('\n').at(-1)
    throw new CommandFailed(`'${shown(argv)}' at ${named(place)} failed: ${lastLine || `exit code ${error.code}`}`)
  }
}

function shown(argv: readonly string[]): string {
  return (argv[1] === PROBE ? ['probe', ...argv.slice(2)] : argv).join(' ')
}

/** stdout of one of the small programs of `probe.ts`. */
export function probe(cloud: Cloud, place: Place, ...args: string[]): Promise<string> {
  return run(cloud, place, [process.execPath, PROBE, ...args])
}

/** The answer to a question of `ask.ts`. */
export async function ask<T>(cloud: Cloud, place: Place, ...args: string[]): Promise<T> {
  return JSON.parse(await run(cloud, place, [process.execPath, ASK, ...args])) as T
}

/** Starts a server of `probe.ts`; resolves when it listens, to what ends it. */
export async function serve(cloud: Cloud, place: Place, ...args: string[]): Promise<() => void> {
  const [file = '', ...rest] = await argvAt(cloud, place, [process.execPath, PROBE, ...args])
  const child = spawn(file, rest, { stdio: 'pipe' })
  await new Promise<void>((resolve, reject) => {
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    child.stdout.once('data', () => resolve())
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended (${code}): ${errors.trim()}`)))
  })
  return () => child.stdin.end()
}

/** Starts a program of `probe.ts` that goes on until it is told to end; `onLine` gets what it prints. */
export async function follow(
  cloud: Cloud,
  place: Place,
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<() => Promise<void>> {
  const [file = '', ...rest] = await argvAt(cloud, place, [process.execPath, PROBE, ...args])
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  createInterface({ input: child.stdout }).on('line', onLine)
  return async () => {
    child.stdin.end()
    await exited
  }
}

/**
 * One TCP connection to an `echo` server of `probe.ts` that goes on while `action` runs. Throws when nothing is answered in it
 * afterwards, otherwise resolves to its longest silence in milliseconds.
 */
export async function talkDuring(
  cloud: Cloud,
  place: Place,
  address: string,
  port: string,
  action: () => Promise<unknown>,
): Promise<number> {
  const answers: number[] = []
  const answered = (what: string, count: number) =>
    until(`${what} of ${address} to ${named(place)}`, async () => answers.length >= count, PATIENCE_MS)
  const end = await follow(cloud, place, ['talk', address, port], () => answers.push(performance.now()))
  try {
    await answered('the first answer', 1)
    await action()
    await answered('further answers', answers.length + 2)
  } finally {
    await end()
  }
  return Math.round(Math.max(...answers.slice(1).map((at, i) => at - answers[i]!)))
}

/** For pings that nobody is expected to answer: where somebody did, the answer would be there long before. */
export const BRIEFLY = ['-W', '0.3'] as const

export interface PingResult {
  readonly received: number
  /** answers that came twice: a frame was delivered, or routed, twice */
  readonly duplicates: number
  /** which were answered, after how many milliseconds, as `icmp_seq=1 0.5` */
  readonly answers: string
}

/** `count` pings. A busy machine may take seconds (unless `more` says otherwise) for an answer: what is lost is never answered. */
export async function pings(
  cloud: Cloud,
  place: Place,
  address: string,
  count: number,
  ...more: string[]
): Promise<PingResult> {
  const argv = ['ping', '-n', '-c', String(count), '-i', '0.05', '-W', '3', ...more, address]
  const output = await run(cloud, place, argv, { okCodes: [0, 1] })
  const number = (pattern: RegExp) => Number(output.match(pattern)?.[1] ?? 0)
  const answers = [...output.matchAll(/(icmp_seq=\d+) .*time=([\d.]+)/g)].map(([, seq, ms]) => `${seq} ${ms}`)
  return {
    received: number(/(\d+) received/),
    duplicates: number(/\+(\d+) duplicates/),
    answers: answers.join(', '),
  }
}

/** Once something is answered `-W` holds no longer, ping ends after an interval: only a deadline bears a late answer. */
const PATIENTLY = ['-w', '3'] as const

/** Two pings, the first of a conversation included, are answered once each. */
export async function expectAnswers(cloud: Cloud, place: Place, address: string, ...more: string[]): Promise<void> {
  const { duplicates, answers } = await pings(cloud, place, address, 2, ...PATIENTLY, ...more)
  // until the deadline ping sends more of them, which do not make up for one that is lost
  const received = [1, 2].filter((seq) =>
    answers.split(', ').some((each) => each.startsWith(`icmp_seq=${seq} `)),
  ).length
  const what = `pings from ${named(place)} to ${address} ${more.join(' ')}`
  expect(received === 2, `${received} of 2 ${what} were answered (${answers || 'none'})`)
  expect(duplicates === 0, `${duplicates} of 2 ${what} were answered twice`)
}

function named(place: Place): string {
  return 'node' in place ? place.node : `instance ${place.instance}`
}

/** Names of the network namespaces on a node, sorted. */
export async function namespacesAt(cloud: Cloud, node: string): Promise<string[]> {
  const output = await run(cloud, { node }, ['ip', 'netns'])
  return output
    .split('\n')
    .map((line) => line.split(' ')[0]!)
    .filter((name) => name !== '')
    .sort()
}

/** No ping is answered. */
export async function expectSilence(cloud: Cloud, place: Place, address: string, ...more: string[]): Promise<void> {
  const { received } = await pings(cloud, place, address, 2, ...BRIEFLY, ...more)
  expect(received === 0, `${received} of 2 pings from ${named(place)} to ${address} ${more.join(' ')} were answered`)
}

/** Every one of the instances reaches every other one. */
export async function expectMesh(
  cloud: Cloud,
  instances: readonly { readonly id: string; readonly ip: string }[],
): Promise<void> {
  const pairs = instances.flatMap((from) => instances.filter((to) => to !== from).map((to) => [from, to] as const))
  await Promise.all(pairs.map(([from, to]) => expectAnswers(cloud, { instance: from.id }, to.ip)))
}
