import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askAgent } from '../agent-socket.js'
import { startDaemon } from '../daemons.js'
import { isRunning, type LabState, nodeEtc, type ProcessMark, startTime } from '../state.js'
import type { Cloud } from './cloud.js'
import { until } from './until.js'

/** A daemon's process on a node, by its script; throws when it does not run. */
export function daemonOf(state: LabState, node: string, daemon: string): ProcessMark {
  const namespace = readlinkSync(`/proc/${state.inits[node]!.pid}/ns/pid`)
  const isOurs = (pid: string) => {
    try {
      if (readlinkSync(`/proc/${pid}/ns/pid`) !== namespace) return false
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1]?.endsWith(`/${daemon}.js`) === true
    } catch {
      // it ended while we looked
      return false
    }
  }
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isOurs(name))
  if (pid === undefined) throw new Error(`${daemon} does not run on ${node}`)
  return { pid: Number(pid), startTime: startTime(Number(pid))! }
}

/** Kills a daemon of a node as a crash would. */
export async function killDaemon(state: LabState, node: string, daemon: string): Promise<void> {
  const mark = daemonOf(state, node, daemon)
  process.kill(mark.pid, 'SIGKILL')
  await until(`${daemon} on ${node} to end`, async () => !isRunning(mark))
}

/** Starts an agent that was killed; resolves when it has applied its first view. */
export async function startAgent(state: LabState, node: string, daemon: string): Promise<void> {
  const spec = state.spec.nodes.find(({ name }) => name === node)!
  startDaemon(state.spec.name, spec, state.inits[node]!, daemon)
  await until(`${daemon} on ${node}`, async () => (await askAgent(state, node, daemon, 'GET', '/status')).applied > 0)
}

/**
 * Runs `action` with further `[DEFAULT]` options of an agent on all nodes that have it, as an operator would set them: in
 * the file, with a restart. Afterwards the files are as before, the agents restarted.
 */
export async function withOptions<T>(
  { state }: Cloud,
  daemon: string,
  file: string,
  options: Readonly<Record<string, string>>,
  action: () => Promise<T>,
): Promise<T> {
  const paths = state.spec.nodes
    .map(({ name }) => ({ node: name, path: join(nodeEtc(state.spec.name, name), file) }))
    .filter(({ path }) => existsSync(path))
    .map(({ node, path }) => ({ node, path, text: readFileSync(path, 'utf8') }))
  const restart = (change: (text: string) => string) =>
    Promise.all(
      paths.map(async ({ node, path, text }) => {
        writeFileSync(path, change(text))
        await killDaemon(state, node, daemon)
        await startAgent(state, node, daemon)
      }),
    )
  await restart((text) => withValues(text, options))
  try {
    return await action()
  } finally {
    await restart((text) => text)
  }
}

/** A file with these values in its section `[DEFAULT]`, in place of those it had. */
function withValues(text: string, options: Readonly<Record<string, string>>): string {
  const others = text.split('\n').filter((line) => !Object.hasOwn(options, line.split('=')[0]!.trim()))
  const lines = Object.entries(options).map(([name, value]) => `${name} = ${value}`)
  return others.join('\n').replace('[DEFAULT]\n', `[DEFAULT]\n${lines.join('\n')}\n`)
}
