import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabState } from '../state.js'
import { type Frame, parsePcap } from './pcap.js'

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
  const running: { tap: Tap; child: ChildProcess; file: string }[] = []
  try {
    for (const [index, tap] of taps.entries())
      running.push({
        tap,
        child: listen(state, tap, filter, join(dir, `${index}.pcap`)),
        file: join(dir, `${index}.pcap`),
      })
    await Promise.all(running.map(({ child, tap }) => listening(child, tap)))
    await action()
    await written(running.map(({ file }) => file))
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

function listening(child: ChildProcess, tap: Tap): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr!.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes('listening on')) resolve()
    })
    child.once('exit', () =>
      reject(new Error(`cannot listen at ${tap.name} (${tap.device} on ${tap.node}): ${said.trim()}`)),
    )
  })
}

/** Until no capture grows any more: tcpdump drops what it has not read yet when it is ended. */
async function written(files: readonly string[]): Promise<void> {
  const sizes = () => files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0).join()
  for (let before = '', now = sizes(); now !== before; now = sizes()) {
    before = now
    await new Promise((resolve) => setTimeout(resolve, 80))
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGINT')
  })
}
