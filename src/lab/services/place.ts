import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, closeSync, mkdtempSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandResult, type RunOptions, runCommand } from '../../dataplane/command/host.js'

/** A folder of a service: as this process sees it, and as the service does. */
export interface Folder {
  readonly outside: string
  readonly inside: string
}

/** Where a service of the machine's distribution is run, with a folder of its own for all that it writes. */
export interface Place {
  /** argv that runs a command there */
  argv(command: readonly string[]): readonly string[]
  /** a new, empty folder; everybody may pass through it */
  folder(service: string): Folder
  /** address that the service listens on */
  readonly address: string
  /** TCP ports for it to listen on; `usual` is taken where all are free */
  port(usual: number): Promise<number>
}

/** This machine, beside whatever else runs on it: folders under /tmp, loopback, ports that nobody has. */
export const HERE: Place = {
  argv: (command) => command,
  folder: (service) => {
    const path = mkdtempSync(join(tmpdir(), `eastwest-${service}-`))
    chmodSync(path, 0o755)
    return { outside: path, inside: path }
  },
  address: '127.0.0.1',
  port: freePort,
}

/** A TCP port of 127.0.0.1 that nobody has. */
export function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** Runs a command of a service to its end. */
export function runAt(place: Place, command: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return runCommand(place.argv(command), options)
}

/** Starts a service's process, its output in a file of its folder. */
export function startAt(place: Place, command: readonly string[], folder: Folder, log: string): ChildProcess {
  const file = openSync(join(folder.outside, log), 'a', 0o600)
  const [program = '', ...args] = place.argv(command)
  const child = spawn(program, args, { stdio: ['ignore', file, file], detached: true })
  closeSync(file)
  child.unref()
  return child
}

/** Ends a process that was started here, and waits for that. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.ref()
  child.kill(signal)
  await ended
}
