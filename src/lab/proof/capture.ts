import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabState } from '../state.js'
import { expect } from './expect.js'
import { type Frame, parsePcap } from './pcap.js'
import { until } from './until.js'

/** A place to listen at: a device of a node, in the node itself or in one of its network namespaces. */
export interface Tap {
  /** how the proof calls this hop */
  readonly name: string
  readonly node: string
  readonly device: string
  readonly netns?: string
}

/** Listens at all taps while `action` runs; resolves to the frames of each tap, by its name. */
export async function capture(
  state: LabState,
  taps: readonly Tap[],
  filter: string,
  action: () => Promise<unknown>,
): Promise<Map<string, Frame[]>> {
  const dir = mkdtempSync(join(tmpdir(), 'eastwest-capture-'))
  const running: { tap: Tap; child: ChildProcess; file: string; said: () => string }[] = []
  try {
    for (const [index, tap] of taps.entries()) {
      const file = join(dir, `${index}.pcap`)
      const child = listen(state, tap, filter, file)
      running.push({ tap, child, file, said: heard(child) })
    }
    const never = await Promise.all(running.map(({ child, tap, said }) => listening(child, tap, said)))
    await action()
    await Promise.all(running.map(({ child, tap, said }, i) => written(child, tap, said, never[i]!)))
    await Promise.all(running.map(({ child }) => stop(child)))
    return new Map(running.map(({ tap, file }) => [tap.name, parsePcap(readFileSync(file))]))
  } finally {
    for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  }
}

function listen(state: LabState, tap: Tap, filter: string, file: string): ChildProcess {
  // without -p: no fork, so that the child's pid is tcpdump's own
  const enter = ['-t', String(state.inits[tap.node]!.pid), '-m', '-n', '--']
  const inside = tap.netns ? ['nsenter', `--net=/run/netns/${tap.netns}`, '--'] : []
  const dump = [
    'tcpdump',
    '-i',
    tap.device,
    '-U',
    '--immediate-mode',
    '-Z',
    'root',
    '-s',
    '200',
    '-w',
    file,
    ...(filter ? [filter] : []),
  ]
  return spawn('nsenter', [...enter, ...inside, ...dump], { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** What a program has said on its standard error so far. */
function heard(child: ChildProcess): () => string {
  let said = ''
  child.stderr!.on('data', (chunk) => {
    said += String(chunk)
  })
  return () => said
}

/** Resolves to how many packets it will never read. */
async function listening(child: ChildProcess, tap: Tap, said: () => string): Promise<number> {
  await until(`tcpdump to listen at ${tap.name}`, async () => {
    expectRunning(child, tap, said)
    return said().includes('listening on')
  })
  return neverRead(child, tap, said)
}

/** `5 packets captured, 7 packets received by filter, 0 packets dropped by kernel`, as tcpdump says when it is asked (SIGUSR1). */
const COUNTS = /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped/

/** How many packets tcpdump has not read of those that came. */
async function unread(child: ChildProcess, tap: Tap, said: () => string): Promise<number> {
  const asked = said().length
  child.kill('SIGUSR1')
  return until(`tcpdump to count at ${tap.name}`, async () => {
    expectRunning(child, tap, said)
    const counts = said().slice(asked).match(COUNTS)?.slice(1).map(Number)
    return counts ? { waiting: counts[1]! - counts[0]! - counts[2]! } : null
  }).then(({ waiting }) => waiting)
}

/** How many it will never read: those that came before its filter was in place. Twice the same: none is on its way. */
async function neverRead(child: ChildProcess, tap: Tap, said: () => string): Promise<number> {
  let last = Number.NaN
  return until(`tcpdump to begin at ${tap.name}`, async () => {
    const now = await unread(child, tap, said)
    const found = now === last ? { now } : null
    last = now
    return found
  }).then(({ now }) => now)
}

/** Until tcpdump has written all that came so far: it drops what it has not read yet when it is ended. */
async function written(child: ChildProcess, tap: Tap, said: () => string, never: number): Promise<void> {
  await until(
    `tcpdump to have read all that came to ${tap.name}`,
    async () => (await unread(child, tap, said)) <= never,
  )
}

function expectRunning(child: ChildProcess, tap: Tap, said: () => string): void {
  const runs = child.exitCode === null && child.signalCode === null
  expect(runs, `cannot listen at ${tap.name} (${tap.device} on ${tap.node}): ${said().trim()}`)
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGINT')
  })
}
