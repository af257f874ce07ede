import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { Host } from '../command/host.js'
import { type DaemonProcess, endDaemon, findDaemon, isInNamespace, signal } from '../netns/daemon-process.js'
import { readTextFile, replaceTextFile } from '../netns/text-file.js'
import { type DnsmasqSettings, dnsmasqArguments } from './arguments.js'
import { conflictingLeases, initialLeases, leases6Of, newlyGiven6 } from './leases.js'
import { type DnsmasqPaths, dnsmasqPaths } from './paths.js'
import { type LeaseSpec, settleLeases } from './settle-leases.js'

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
  readonly leases: LeaseSpec
}

/**
 * One dnsmasq. It outlives the agent: its pid file and command line tell whether the one that runs is the one we want,
 * its files whether it knows what it should.
 */
export class Dnsmasq {
  readonly #host: Host
  readonly #paths: DnsmasqPaths

  constructor(host: Host, networkId: string) {
    this.#host = host
    this.#paths = dnsmasqPaths(host.paths.state, networkId)
  }

  /**
   * @param readBack look at its leases, even if nothing changed
   * @returns number of starts, signals and changes of leases; 0: it ran and knew everything
   */
  async apply(spec: DnsmasqSpec, readBack: boolean): Promise<number> {
    mkdirSync(this.#paths.directory, { recursive: true, mode: 0o755 })
    const argv = dnsmasqArguments(spec.settings, this.#paths)
    const running = this.#find()
    const isRight = running && running.argv.join('\0') === argv.join('\0') && this.#isInPlace(running, spec.netns)
    if (!isRight) return this.#restart(spec, argv, running)
    const mayReload = this.#mayReload()
    const changed = this.#writeFiles(spec)
    if (changed && !mayReload) return this.#restart(spec, argv, running)
    if (changed) {
      // its main loop looks at signals before it looks at packets: whoever asks from now on is known to it
      signal(running.pid, 'SIGHUP')
      rmSync(this.#paths.reload, { force: true })
    }
    if (!changed && !readBack && this.#given6().size === 0) return 0
    const settled = await settleLeases(this.#host, spec.leases, this.#paths.leases)
    // a lease that stands in the way of an address's new owner and cannot be given back: only a restart helps
    const leases = readTextFile(this.#paths.leases) ?? ''
    const conflicts = [...conflictingLeases(leases, spec.leases.holders), ...leases6Of(leases, this.#given6())]
    if (conflicts.length > 0) return this.#restart(spec, argv, running)
    rmSync(this.#paths.given, { force: true })
    return (changed ? 1 : 0) + settled
  }

  /**
   * dnsmasq (2.86 to 2.90 at least) frees the tags of hosts that it has served twice when it reads the host file again, and
   * dies with the next packet. One that has read hosts with tags (or perhaps has: see `reload`) is started anew instead.
   */
  #mayReload(): boolean {
    return !readTextFile(this.#paths.host)?.includes(',set:') && readTextFile(this.#paths.reload) === null
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
    const leases = readTextFile(this.#paths.leases) ?? ''
    const stale = new Set(leases6Of(leases, this.#given6()))
    const others = leases.split('\n').filter((line) => !stale.has(line))
    replaceTextFile(this.#paths.leases, initialLeases(others.join('\n'), spec.leases.holders))
    // it ends its foreground process only when it serves
    await this.#host.run(argv, { netns: spec.netns, env: { NEUTRON_NETWORK_ID: spec.networkId } })
    rmSync(this.#paths.reload, { force: true })
    rmSync(this.#paths.given, { force: true })
    return 1
  }

  /** IPv6 addresses that have got another owner, whose leases have not been looked at since. */
  #given6(): Set<string> {
    return new Set((readTextFile(this.#paths.given) ?? '').split('\n').filter((ip) => ip !== ''))
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
    // an agent that is ended between here and the signal leaves the marks for the next one
    const given = [...this.#given6(), ...newlyGiven6(readTextFile(this.#paths.host) ?? '', spec.host)]
    if (given.length > 0) replaceTextFile(this.#paths.given, given.join('\n'))
    writeFileSync(this.#paths.reload, '')
    for (const [path, text] of changed) replaceTextFile(path, text)
    return true
  }
}
