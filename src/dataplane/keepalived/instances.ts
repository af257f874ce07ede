import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import type { Host } from '../command/host.js'
import { type DaemonProcess, findDaemon, isInNamespace, signal } from '../netns/daemon-process.js'
import { readTextFile, replaceTextFile } from '../netns/text-file.js'
import { keepalivedConfig, type VrrpPaths, type VrrpSpec, vrrpPaths } from './config.js'
import { followFifo, isFifo, makeFifo, type VrrpWord } from './notify-fifo.js'

/** How long keepalived may take to hand over before it is killed. */
const HANDOVER_MS = 1_000
/** How often one looks whether keepalived still runs. */
const LOOK_MS = 1_000

/** It has detached itself before it has written its pid file. */
const START_MS = 1_000
const STEP_MS = 5

/** What is named otherwise is a stranger's. */
const ROUTER_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface Running {
  readonly config: string
  readonly pid: number
}

export interface InstanceEvents {
  /** VRRP has decided something about a router */
  readonly changed: (routerId: string, word: VrrpWord) => void
  /** keepalived does not run any more: `ensure` starts it again */
  readonly died: (routerId: string) => void
}

/**
 * The keepalived processes of an agent, one for each highly available router. They outlive the agent: pid file and command
 * line tell whether one that runs is ours, its configuration file what it does.
 */
export class VrrpInstances {
  readonly #host: Host
  readonly #confs: string
  readonly #events: InstanceEvents
  /** those seen running as wanted, by router id */
  readonly #running = new Map<string, Running>()
  readonly #followed = new Map<string, () => void>()
  /** told when an instance has handed over */
  readonly #stopping = new Map<string, () => void>()
  readonly #timer: NodeJS.Timeout

  /** @param confs directory of the configurations (`ha_confs_path`) */
  constructor(host: Host, confs: string, events: InstanceEvents) {
    this.#host = host
    this.#confs = confs
    this.#events = events
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#timer.unref()
  }

  /** Lets go of everything; the processes go on. */
  close(): void {
    clearInterval(this.#timer)
    for (const end of this.#followed.values()) end()
    this.#followed.clear()
  }

  /**
   * Sees to it that keepalived runs in the namespace with this configuration. A change is told to the running process,
   * which stays active or not as it was.
   * @param check look at the process, also when it ran before
   * @param renewed devices of the instance were made anew: it has to find them
   * @returns number of starts and signals; 0: it ran as wanted
   */
  async ensure(netns: string, spec: VrrpSpec, { check, renewed }: { check: boolean; renewed: boolean }) {
    const { routerId } = spec
    const paths = vrrpPaths(this.#confs, routerId)
    const config = keepalivedConfig(spec, paths)
    if (!check && !renewed && this.#running.get(routerId)?.config === config) return 0
    this.#running.delete(routerId)
    const found = find(paths)
    const isInPlace = found !== null && isInNamespace(found.pid, `${this.#host.paths.netns}/${netns}`)
    const isRight = readTextFile(paths.config) === config && readTextFile(paths.reload) === null && !renewed
    if (found && !isInPlace) await this.#end(routerId, paths, found)
    mkdirSync(paths.directory, { recursive: true, mode: 0o755 })
    await makeFifo(this.#host, paths.notify)
    this.#follow(routerId, paths)
    if (!isInPlace || !isRight) await this.#tell(netns, config, paths, isInPlace ? found : null)
    const { pid } = isInPlace ? found : await started(paths)
    this.#running.set(routerId, { config, pid })
    return isInPlace && isRight ? 0 : 1
  }

  /** Ends all but those of the given routers, which hands over to another host at once, and removes their files. */
  async keepOnly(routerIds: ReadonlySet<string>): Promise<{ writes: number; failed: ReadonlyMap<string, string> }> {
    const unwanted = this.#present().filter((id) => !routerIds.has(id))
    const failed = new Map<string, string>()
    const remove = (id: string) =>
      this.#remove(id).catch((error: unknown) => void failed.set(id, (error as Error).message))
    await Promise.all(unwanted.map(remove))
    return { writes: unwanted.length, failed }
  }

  #present(): string[] {
    try {
      const entries = readdirSync(this.#confs, { withFileTypes: true })
      return entries.filter((entry) => entry.isDirectory() && ROUTER_ID.test(entry.name)).map(({ name }) => name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  async #remove(routerId: string): Promise<void> {
    const paths = vrrpPaths(this.#confs, routerId)
    this.#running.delete(routerId)
    const found = find(paths)
    if (found) await this.#end(routerId, paths, found)
    this.#followed.get(routerId)?.()
    this.#followed.delete(routerId)
    rmSync(paths.directory, { recursive: true, force: true })
    for (const file of [paths.pidFile, paths.vrrpPidFile]) rmSync(file, { force: true })
  }

  async #tell(netns: string, config: string, paths: VrrpPaths, running: DaemonProcess | null): Promise<void> {
    // an agent that is ended between here and the signal leaves the mark for the next one
    replaceTextFile(paths.reload, netns)
    // it may have a password in it
    replaceTextFile(paths.config, config, 0o600)
    if (running) signal(running.pid, 'SIGHUP')
    else {
      const files = ['-f', paths.config, '-p', paths.pidFile, '-r', paths.vrrpPidFile]
      await this.#host.run(['keepalived', '-P', ...files, '-D'], { netns })
    }
    rmSync(paths.reload, { force: true })
  }

  /**
   * keepalived gives its addresses up and tells the others at once, but stays for another second. It is not waited for,
   * and not let go on either: at its end it would remove the pid files, which may be those of its successor by then.
   */
  async #end(routerId: string, paths: VrrpPaths, { pid }: DaemonProcess): Promise<void> {
    this.#follow(routerId, paths)
    const child = findDaemon(paths.vrrpPidFile, (argv) => isOurs(argv, paths))
    const handedOver = new Promise<void>((resolve) => {
      this.#stopping.set(routerId, resolve)
      setTimeout(resolve, HANDOVER_MS).unref()
    })
    if (signal(pid, 'SIGTERM')) await handedOver
    this.#stopping.delete(routerId)
    signal(pid, 'SIGKILL')
    if (child) signal(child.pid, 'SIGKILL')
  }

  #follow(routerId: string, { notify }: VrrpPaths): void {
    if (this.#followed.has(routerId) || !isFifo(notify)) return
    const end = followFifo(notify, (word) => {
      if (word === 'STOP') this.#stopping.get(routerId)?.()
      this.#events.changed(routerId, word)
    })
    this.#followed.set(routerId, end)
  }

  /** One that was killed leaves its addresses where they are, while another host takes them: it is missed soon. */
  #look(): void {
    for (const [routerId, { pid }] of this.#running) {
      if (signal(pid, 0)) continue
      this.#running.delete(routerId)
      this.#events.died(routerId)
    }
  }
}

const isOurs = (argv: readonly string[], { config }: VrrpPaths) => argv[0] === 'keepalived' && argv.includes(config)

function find(paths: VrrpPaths): DaemonProcess | null {
  return findDaemon(paths.pidFile, (argv) => isOurs(argv, paths))
}

/** The process that was just started; throws when there is none: its configuration was not to its liking. */
async function started(paths: VrrpPaths): Promise<DaemonProcess> {
  for (let waited = 0; waited < START_MS; waited += STEP_MS) {
    const found = find(paths)
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
  throw new Error(`it does not run with ${paths.config}`)
}
