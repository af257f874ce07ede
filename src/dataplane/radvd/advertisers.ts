import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Host } from '../command/host.js'
import { type DaemonProcess, endDaemon, findDaemon, isInNamespace, signal } from '../netns/daemon-process.js'
import { readTextFile, replaceTextFile } from '../netns/text-file.js'
import { type AdvertiserPaths, type AdvertiserSpec, advertiserConfig, advertiserPaths } from './config.js'

/**
 * The router advertisements of an agent's namespaces, one radvd per router. It outlives the agent: its pid file and
 * command line tell whether the one that runs is ours, its configuration file what it announces.
 */
export class Advertisers {
  readonly #host: Host
  /** configuration with which each was last seen running, by router id; '' for one seen not to run */
  readonly #checked = new Map<string, string>()

  constructor(host: Host) {
    this.#host = host
  }

  /**
   * Sees to it that radvd runs in the namespace with this configuration. A change is told to the running process, so
   * that no advertisement says that the router is going away.
   * @param check look at the process, also when it ran before
   * @returns number of starts and signals; 0: it ran as wanted
   */
  async ensure(netns: string, spec: AdvertiserSpec, check: boolean): Promise<number> {
    const paths = advertiserPaths(this.#host.paths.state, spec.routerId)
    const config = advertiserConfig(spec)
    if (!check && this.#checked.get(spec.routerId) === config) return 0
    this.#checked.delete(spec.routerId)
    const running = find(paths)
    const isInPlace = running !== null && isInNamespace(running.pid, `${this.#host.paths.netns}/${netns}`)
    const isRight = readTextFile(paths.config) === config && readTextFile(paths.reload) === null
    if (!isInPlace || !isRight) {
      if (running && !isInPlace) await endDaemon(running.pid)
      await this.#announce(netns, config, paths, isInPlace ? running : null)
    }
    this.#checked.set(spec.routerId, config)
    return isInPlace && isRight ? 0 : 1
  }

  /**
   * Ends radvd, which takes back what it announced, and removes its files.
   * @param check look for it, also when it was not there before
   * @returns 1 when there was something to do
   */
  async remove(routerId: string, check: boolean): Promise<number> {
    if (!check && this.#checked.get(routerId) === '') return 0
    this.#checked.set(routerId, '')
    const paths = advertiserPaths(this.#host.paths.state, routerId)
    const running = find(paths)
    if (!running && readTextFile(paths.config) === null) return 0
    if (running) await endDaemon(running.pid)
    for (const file of Object.values(paths)) rmSync(file, { force: true })
    return 1
  }

  async #announce(netns: string, config: string, paths: AdvertiserPaths, running: DaemonProcess | null): Promise<void> {
    mkdirSync(dirname(paths.pidFile), { recursive: true, mode: 0o755 })
    // an agent that is ended between here and the signal leaves the mark for the next one
    replaceTextFile(paths.reload, netns)
    replaceTextFile(paths.config, config)
    if (running) signal(running.pid, 'SIGHUP')
    else await this.#host.run(['radvd', '-C', paths.config, '-p', paths.pidFile, '-m', 'syslog'], { netns })
    rmSync(paths.reload, { force: true })
  }
}

function find({ config, pidFile }: AdvertiserPaths): DaemonProcess | null {
  return findDaemon(pidFile, (argv) => argv[0] === 'radvd' && argv.includes(config))
}
