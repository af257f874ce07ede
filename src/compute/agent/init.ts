import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import type { InstanceDirectory } from './directory.js'
import type { InstanceNetns } from './netns.js'
import { end, isAlive } from './processes.js'

const READY_TIMEOUT_MS = 10_000

/** The first process of an instance, which holds its pid, mount, uts and ipc namespaces. It outlives nova-compute. */
export class InstanceInit {
  readonly #directory: InstanceDirectory
  readonly #netns: InstanceNetns

  constructor(directory: InstanceDirectory, netns: InstanceNetns) {
    this.#directory = directory
    this.#netns = netns
  }

  get alive(): boolean {
    return isAlive(this.#directory.init())
  }

  /** Resolves when it takes orders; `onExit` is called when it ends while this process is there. */
  async start(hostname: string, onExit: () => void): Promise<void> {
    this.#directory.forgetInit()
    const argv = [`--net=${this.#netns.file}`, '--', 'unshare', '--fork', '--pid', '--mount', '--uts', '--ipc', '--']
    const child = spawn('nsenter', [...argv, this.#directory.file('init'), this.#directory.path, hostname], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', TERM: 'linux' },
    })
    await ready(child)
    child.on('exit', onExit)
    child.stdout?.destroy()
    child.unref()
  }

  /** Gives init an order; what was ordered before is not done twice. */
  order(line: string): void {
    const fifo = openSync(this.#directory.file('control'), constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      writeSync(fifo, `${line}\n`)
    } finally {
      closeSync(fifo)
    }
  }

  /** Ends the instance's processes, all of them: they go with the first. */
  async stop(): Promise<void> {
    await end(this.#directory.init())
    this.#directory.forgetInit()
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error('the first process of the instance did not get ready'))
    }, READY_TIMEOUT_MS)
    const settle = (error?: Error) => {
      clearTimeout(timer)
      child.removeAllListeners()
      child.stdout!.removeAllListeners()
      if (error) reject(error)
      else resolve()
    }
    child.stdout!.on('data', (chunk: Buffer) => {
      if (chunk.includes('ready')) settle()
    })
    child.on('error', settle)
    child.on('exit', (code) => settle(new Error(`the first process of the instance ended with ${code}`)))
  })
}
