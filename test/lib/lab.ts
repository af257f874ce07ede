import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CommandError } from '../../src/dataplane/command/command-error.js'
import { type CommandResult, type RunOptions, runCommand } from '../../src/dataplane/command/host.js'
import type { DatapathChoice } from '../../src/lab/datapath.js'
import type { Cloud } from '../../src/lab/proof/cloud.js'
import type { LabChoices } from '../../src/lab/spec.js'
import type { LabState } from '../../src/lab/state.js'

/** Why lab tests cannot run here; false when they can. For the `skip` option of a suite. */
export const SKIP: string | false =
  process.getuid?.() !== 0
    ? 'needs root, for network namespaces'
    : existsSync(resolve(import.meta.dirname, '../../dist/lab/up.js'))
      ? false
      : 'needs the build (npm run build)'

/** A module of the built product: its daemons are started from the build, as users start them. */
export async function built<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(resolve(import.meta.dirname, '../../dist', path)).href)) as T
}

export const CLI = (program: string) => resolve(import.meta.dirname, `../../dist/cli/${program}.js`)

/** Handles of a running lab for tests. */
export interface TestLab extends Cloud {
  /** runs a command on a node */
  on(node: string, argv: readonly string[], options?: RunOptions): Promise<CommandResult>
  /** runs a command in an instance */
  in(instance: string, argv: readonly string[], options?: RunOptions): Promise<CommandResult>
  /** stdout of a command on a node */
  read(node: string, ...argv: string[]): Promise<string>
  settled(): Promise<void>
  down(): Promise<void>
}

export async function startLab(
  name: string,
  portOffset: number,
  computes = 2,
  networks = 1,
  choices: Omit<LabChoices, 'networks'> & { readonly datapath?: DatapathChoice } = {},
): Promise<TestLab> {
  const { up } = await built<typeof import('../../src/lab/up.js')>('lab/up.js')
  const { down } = await built<typeof import('../../src/lab/down.js')>('lab/down.js')
  const { labSpec, portsFrom } = await built<typeof import('../../src/lab/spec.js')>('lab/spec.js')
  await down(name, () => {})
  const spec = labSpec(name, computes, portsFrom(portOffset), { ...choices, networks })
  const { state } = await up(spec, () => {}, choices.datapath)
  return handles(state)
}

export async function handles(state: LabState): Promise<TestLab> {
  const { labSession } = await built<typeof import('../../src/lab/alive.js')>('lab/alive.js')
  const { settled } = await built<typeof import('../../src/lab/settled.js')>('lab/settled.js')
  const { runInNode } = await built<typeof import('../../src/lab/node.js')>('lab/node.js')
  const { inInstance } = await built<typeof import('../../src/lab/instance.js')>('lab/instance.js')
  const { down } = await built<typeof import('../../src/lab/down.js')>('lab/down.js')
  const admin = labSession(state, 'admin')
  const demo = labSession(state, 'demo')
  const adminInDemo = labSession(state, 'admin', 'demo')
  return {
    state,
    admin,
    demo,
    adminInDemo,
    on: (node, argv, options) => runInNode(state.inits[node]!, argv, options),
    in: async (instance, argv, options) => runCommand(await inInstance(state, admin, instance, argv), options),
    read: async (node, ...argv) => (await runInNode(state.inits[node]!, argv)).stdout,
    settled: () => settled(admin),
    down: async () => {
      for (const session of [admin, demo, adminInDemo]) session.close()
      await down(state.spec.name, () => {})
    },
  }
}

/** Runs a command that is expected to fail; resolves to its error. */
export async function failing(run: Promise<unknown>): Promise<CommandError> {
  try {
    await run
  } catch (error) {
    // the build has a class of its own
    if ((error as Error).name === 'CommandError') return error as CommandError
    throw error
  }
  throw new Error('the command succeeded; it should have failed')
}

/** A long-running command inside something: its output as it comes, and its end. `env`: beside what is set here. */
export function start(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): {
  stop(): Promise<void>
  output(): string
  exited: Promise<number | null>
} {
  const [file = '', ...args] = argv
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    text += String(chunk)
  })
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  return {
    output: () => text,
    exited,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
