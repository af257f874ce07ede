import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { Logger } from '../../base/log.js'
import type { Host } from '../command/host.js'
import { type DaemonProcess, endDaemon, findDaemon, isInNamespace, signal } from '../netns/daemon-process.js'
import { readTextFile, replaceTextFile } from '../netns/text-file.js'
import { type DnsmasqSettings, dnsmasqArguments } from './arguments.js'
import { conflictingLeases, initialLeases, type Lease, type LeaseHolder, unusedLeases } from './leases.js'
import { type DnsmasqPaths, dnsmasqPaths } from './paths.js'

/** Everything one network's dnsmasq is to know. */
export interface DnsmasqSpec {
  readonly networkId: string
  readonly netns: string
  /** the device in the namespace */
  readonly device: string
  readonly settings: DnsmasqSettings
  /** contents of the three files it re-reads on SIGHUP */
  readonly host: string
  readonly addnHosts: string
  readonly opts: string
  /** IPv4 addresses of the host file with their owners */
  readonly holders: readonly LeaseHolder[]
}

/**
 * One dnsmasq. It outlives the agent: its pid file and command line tell whether the one that runs is the one we want,
 * its files whether it knows what it should.
 */
export class Dnsmasq {
  readonly #host: Host
  readonly #log: Logger
  readonly #paths: DnsmasqPaths
  #releases: boolean | null = null

  constructor(host: Host, networkId: string, log: Logger) {
    this.#host = host
    this.#log = log
    this.#paths = dnsmasqPaths(host.paths.state, networkId)
  }

  /** @returns number of starts, signals and releases; 0: it ran and knew everything */
  async apply(spec: DnsmasqSpec): Promise<number> {
    mkdirSync(this.#paths.directory, { recursive: true, mode: 0o755 })
    const argv = dnsmasqArguments(spec.settings, this.#paths)
    const running = this.#find()
    const isRight = running && running.argv.join('\0') === argv.join('\0') && this.#isInPlace(running, spec.netns)
    if (!isRight) return this.#restart(spec, argv, running)
    if (!this.#writeFiles(spec)) return 0
    const released = await this.#release(spec, running, argv)
    if (released === 'restarted') return 1
    // its main loop looks at signals before it looks at packets: whoever asks from now on is known to it
    signal(running.pid, 'SIGHUP')
    rmSync(this.#paths.reload, { force: true })
    return 1 + released
  }

  /** Ends it and removes its files. @returns 1 when there was something to remove */
  async remove(): Promise<number> {
    const running = this.#find()
    if (running) await endDaemon(running.pid)
    else if (readTextFile(this.#paths.interface) === null) return 0
    rmSync(this.#paths.directory, { recursive: true, force: true })
    return 1
  }

  #find(): DaemonProcess | null {
    return findDaemon(
      this.#paths.pid,
      (argv) => argv[0] === 'dnsmasq' && argv.includes(`--pid-file=${this.#paths.pid}`),
    )
  }

  #isInPlace({ pid }: DaemonProcess, netns: string): boolean {
    return isInNamespace(pid, `${this.#host.paths.netns}/${netns}`)
  }

  async #restart(spec: DnsmasqSpec, argv: readonly string[], running: DaemonProcess | null): Promise<number> {
    if (running) await endDaemon(running.pid)
    this.#writeFiles(spec)
    replaceTextFile(this.#paths.leases, initialLeases(readTextFile(this.#paths.leases) ?? '', spec.holders))
    // it ends its foreground process only when it serves
    await this.#host.run(argv, { netns: spec.netns, env: { NEUTRON_NETWORK_ID: spec.networkId } })
    rmSync(this.#paths.reload, { force: true })
    return 1
  }

  /** @returns whether dnsmasq has to read them again */
  #writeFiles(spec: DnsmasqSpec): boolean {
    replaceTextFile(this.#paths.interface, spec.device)
    const files = [
      [this.#paths.host, spec.host],
      [this.#paths.addnHosts, spec.addnHosts],
      [this.#paths.opts, spec.opts],
    ] as const
    const changed = files.filter(([path, text]) => readTextFile(path) !== text)
    if (changed.length === 0) return readTextFile(this.#paths.reload) !== null
    // an agent that is ended between here and the signal leaves the mark for the next one
    writeFileSync(this.#paths.reload, '')
    for (const [path, text] of changed) replaceTextFile(path, text)
    return true
  }

  /**
   * Gives back leases whose holders are gone: with dhcp_release where that is installed; without it only a restart
   * makes dnsmasq forget, and one is made when a lease stands in the way of an address's new owner.
   */
  async #release(spec: DnsmasqSpec, running: DaemonProcess, argv: readonly string[]): Promise<number | 'restarted'> {
    const text = readTextFile(this.#paths.leases) ?? ''
    const unused = unusedLeases(text, spec.holders)
    if (unused.length === 0) return 0
    if (this.#releases !== false) {
      const count = await this.#dhcpRelease(spec, unused)
      if (count !== null) return count
    }
    if (conflictingLeases(text, spec.holders).length === 0) return 0
    await this.#restart(spec, argv, running)
    return 'restarted'
  }

  /** @returns how many were released; null without dhcp_release */
  async #dhcpRelease({ device, netns }: DnsmasqSpec, leases: readonly Lease[]): Promise<number | null> {
    for (const { ip, mac } of leases) {
      try {
        await this.#host.run(['dhcp_release', device, ip, mac], { netns })
      } catch (error) {
        this.#releases = false
        this.#log.debug({ err: error }, 'dhcp_release cannot be used; leases are dropped by restarts')
        return null
      }
    }
    this.#releases = true
    return leases.length
  }
}
