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
    await Promise.all(running.map(({ child, tap, said }) => listening(child, tap, said)))
    await action()
    await Promise.all(running.map(({ child, tap, said }) => written(child, tap, said)))
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

async function listening(child: ChildProcess, tap: Tap, said: () => string): Promise<void> {
  await until(`tcpdump to listen at ${tap.name}`, async () => {
    expectRunning(child, tap, said)
    return said().includes('listening on')
  })
}

/** `5 packets captured, 7 packets received by filter, 0 packets dropped by kernel`, as tcpdump says when it is asked (SIGUSR1). */
const COUNTS = /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped/

/** Until tcpdump has written all that came so far: it drops what it has not read yet when it is ended. */
async function written(child: ChildProcess, tap: Tap, said: () => string): Promise<void> {
  const ask = () => {
    child.kill('SIGUSR1')
    return said().length
  }
  let asked = ask()
  await until(`tcpdump to have read all that came to ${tap.name}`, async () => {
    expectRunning(child, tap, said)
    const [, captured, received, dropped] = said().slice(asked).match(COUNTS)?.map(Number) ?? []
    if (received === undefined) return false
    if (captured! + dropped! >= received) return true
    asked = ask()
    return false
  })
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
