import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from '../../base/log.js'
import type { Host } from '../command/host.js'
import { endDaemon, findDaemon, isInNamespace } from '../netns/daemon-process.js'
import { readTextFile, replaceTextFile } from '../netns/text-file.js'
import { type ProxyPaths, type ProxySpec, proxyConfig, proxyPaths } from './config.js'

/** How many proxies start at the same time: one start takes some 30 ms of a processor. */
const STARTS_AT_ONCE = 1

interface Start {
  readonly netns: string
  readonly spec: ProxySpec
}

/**
 * The metadata proxies of an agent's namespaces, one haproxy each. Starting is put into the background and done
 * one after the other, because nothing else waits for it: the data plane of a router is ready without it.
 */
export class MetadataProxies {
  readonly #host: Host
  readonly #log: Logger
  readonly #waiting = new Map<string, Start>()
  /** starts under way, by id */
  readonly #running = new Map<string, Promise<void>>()
  /** those that were found running as wanted, by id, with their configuration */
  readonly #checked = new Map<string, string>()

  constructor(host: Host, log: Logger) {
    this.#host = host
    this.#log = log
  }

  /**
   * Sees to it that the proxy runs with this configuration.
   * @param check look at the process, also when it ran before
   * @returns 1 when it has to be started, 0 when it runs
   */
  ensure(netns: string, spec: ProxySpec, check: boolean): number {
    const paths = proxyPaths(this.#host.paths.state, spec.id)
    const config = proxyConfig(spec, paths)
    if (!check && this.#checked.get(spec.id) === config) return 0
    const isOnItsWay = this.#waiting.has(spec.id) || this.#running.has(spec.id)
    if (isOnItsWay && this.#checked.get(spec.id) === config) return 0
    this.#checked.set(spec.id, config)
    const daemon = find(paths)
    const isInPlace = daemon && isInNamespace(daemon.pid, `${this.#host.paths.netns}/${netns}`)
    if (isInPlace && readTextFile(paths.config) === config) return 0
    this.#waiting.set(spec.id, { netns, spec })
    setImmediate(() => this.#startWaiting())
    return 1
  }

  /** Ends the proxy and removes its files. @returns 1 when there was something to do */
  async remove(id: string): Promise<number> {
    this.#waiting.delete(id)
    this.#checked.delete(id)
    await this.#running.get(id)
    const paths = proxyPaths(this.#host.paths.state, id)
    const daemon = find(paths)
    if (!daemon && readTextFile(paths.config) === null) return 0
    if (daemon) await endDaemon(daemon.pid)
    rmSync(paths.config, { force: true })
    rmSync(paths.pidFile, { force: true })
    return 1
  }

  /** Resolves when no start is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  #startWaiting(): void {
    for (const [id, start] of this.#waiting) {
      if (this.#running.size >= STARTS_AT_ONCE || this.#running.has(id)) return
      this.#waiting.delete(id)
      const run = this.#start(start)
        // not known to run: the next audit looks again
        .catch((error: unknown) => {
          this.#checked.delete(id)
          this.#log.warn({ id, err: error }, 'metadata proxy did not start')
        })
        .finally(() => {
          this.#running.delete(id)
          this.#startWaiting()
        })
      this.#running.set(id, run)
    }
  }

  async #start({ netns, spec }: Start): Promise<void> {
    const paths = proxyPaths(this.#host.paths.state, spec.id)
    const old = find(paths)
    if (old) await endDaemon(old.pid)
    mkdirSync(dirname(paths.pidFile), { recursive: true, mode: 0o755 })
    replaceTextFile(paths.config, proxyConfig(spec, paths))
    await this.#host.run(['haproxy', '-f', paths.config], { netns })
  }
}

function find(paths: ProxyPaths) {
  return findDaemon(paths.pidFile, (argv) => argv[0] === 'haproxy' && argv.includes(paths.config))
}
