import { spawn } from 'node:child_process'
import { hostname } from 'node:os'
import type { Readable } from 'node:stream'
import { CommandError } from './command-error.js'

/** Result of a command that ended with an accepted code. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export interface RunOptions {
  /** network namespace by name; null or absent: the host's own */
  readonly netns?: string | null
  /** standard input */
  readonly input?: string
  /** exit codes that are not an error; default [0] */
  readonly okCodes?: readonly number[]
  /** milliseconds until the command is ended; default 30,000 */
  readonly timeout?: number
  readonly env?: Readonly<Record<string, string>>
}

export interface HostPaths {
  /** where named network namespaces are, `/run/netns` */
  readonly netns: string
  /** sockets of Open vSwitch, `/run/openvswitch` */
  readonly ovsRun: string
  /** `state_path` of the agents, `/var/lib/neutron` */
  readonly state: string
  /** control sockets of the agents, `/run/neutron` */
  readonly run: string
}

/**
 * The machine an agent works on, as a value: every command and every socket goes through it, so that the same
 * agent runs on a real machine and on a node that is a set of namespaces.
 */
export interface Host {
  readonly name: string
  readonly paths: HostPaths
  /** Runs argv without a shell; rejects with `CommandError` on any other exit code. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>
}

/** A host on which programs can be started that go on until they are ended. */
export interface ProgramHost extends Host {
  /** in the host's own network namespace */
  start(argv: readonly string[]): RunningCommand
}

export interface RunningCommand {
  /** undefined: it could not be started, as `ended` tells */
  readonly pid: number | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  /** resolves to why it ended; never rejects */
  readonly ended: Promise<string>
  end(): void
}

export const DEFAULT_PATHS: HostPaths = {
  netns: '/run/netns',
  ovsRun: '/run/openvswitch',
  state: '/var/lib/neutron',
  run: '/run/neutron',
}

/** The machine (or lab node) that this process runs on. */
export class LocalHost implements ProgramHost {
  readonly name: string
  readonly paths: HostPaths

  constructor(options: { name?: string; paths?: Partial<HostPaths> } = {}) {
    this.name = options.name ?? hostname()
    this.paths = { ...DEFAULT_PATHS, ...options.paths }
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
    return runCommand(this.#inNamespace(argv, options.netns), options)
  }

  start(argv: readonly string[]): RunningCommand {
    return startCommand(argv)
  }

  #inNamespace(argv: readonly string[], netns: string | null | undefined): readonly string[] {
    // nsenter instead of `ip netns exec`: no new mount namespace and no remount of /sys for every command
    return netns ? ['nsenter', `--net=${this.paths.netns}/${netns}`, '--', ...argv] : argv
  }
}

function startCommand([file = '', ...args]: readonly string[]): RunningCommand {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(`${file} ended ${signal ? `by ${signal}` : `with ${code}`}`))
  })
  return { pid: child.pid, stdout: child.stdout, stderr: child.stderr, ended, end: () => void child.kill() }
}

/** Runs argv to its end, collecting its output. */
export function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const { input, okCodes = [0], timeout = 30_000 } = options
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = argv
    const child = spawn(file, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
      env: options.env ? { ...process.env, ...options.env } : process.env,
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout!.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr!.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (error) => reject(new CommandError(argv, null, error.message)))
    child.on('close', (code, signal) => {
      const result = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
      if (code !== null && okCodes.includes(code)) resolve({ ...result, code })
      else reject(new CommandError(argv, code, result.stderr || result.stdout || `ended by ${signal}`))
    })
    if (input !== undefined) {
      // a command that ends before reading everything reports by its exit code
      child.stdin!.on('error', () => {})
      child.stdin!.end(input)
    }
  })
}
