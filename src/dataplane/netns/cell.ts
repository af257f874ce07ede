import { existsSync } from 'node:fs'
import type { Host } from '../command/host.js'
import { ipBatch } from '../ip/batch.js'
import { readNamespace } from '../ip/read.js'
import type { LinkState, NamespaceState } from '../ip/types.js'
import { diffSysctls, isOptionalSysctl, readSysctls, writeSysctls } from '../sysctl/sysctl.js'
import { diffNamespace, NO_STATE, stateOf } from './diff.js'
import { NamespaceLimits } from './namespace-limits.js'
import { NamespaceRules } from './namespace-rules.js'
import type { NamespaceSpec } from './spec.js'

/** A link that has just arrived in a namespace: everything has to be set. */
const BARE_LINK: LinkState = { mac: '', mtu: 0, up: false, addresses: new Set() }

const NEW_DEVICE = 'net.ipv4.conf.default.'

/** One namespace: our copy of what is in it, and the way to write to it. */
export class NamespaceCell {
  readonly name: string
  readonly #host: Host
  readonly #ipv4: NamespaceRules
  readonly #ipv6: NamespaceRules
  readonly #limits: NamespaceLimits
  /** null: has to be read before it can be written */
  #state: NamespaceState | null = null
  #sysctls = new Map<string, string>()
  /** asked for when the namespace was read last, and not there */
  #absent: ReadonlySet<string> = new Set()
  #fresh = false
  readonly #seen = new Set<string>()

  constructor(host: Host, name: string) {
    this.name = name
    this.#host = host
    this.#ipv4 = new NamespaceRules(host, name, 'ipv4')
    this.#ipv6 = new NamespaceRules(host, name, 'ipv6')
    this.#limits = new NamespaceLimits(host, name)
  }

  get known(): boolean {
    return this.#state !== null
  }

  /** Links as specified or read last. */
  get links(): ReadonlyMap<string, LinkState> {
    return this.#state?.links ?? NO_STATE.links
  }

  /** All links that were seen here and not deleted since, wanted or not. */
  leftLinks(): ReadonlySet<string> {
    return this.#seen
  }

  /** The namespace was made a moment ago: nothing is in it. */
  created(): void {
    this.#state = NO_STATE
    this.#fresh = true
    this.#ipv4.created()
    this.#ipv6.created()
  }

  /** `name` was moved here, or created with this MAC and MTU. */
  arrived(name: string, link: Partial<LinkState> = {}): void {
    const state = this.#state
    if (!state) return
    this.#seen.add(name)
    this.#limits.forget()
    this.#state = { ...state, links: new Map([...state.links, [name, { ...BARE_LINK, ...link }]]) }
    this.#absent = new Set([...this.#absent].filter((key) => !key.includes(`.${name}.`)))
    for (const key of [...this.#sysctls.keys()]) if (key.includes(`.${name}.`)) this.#sysctls.delete(key)
    for (const [key, value] of [...this.#sysctls]) {
      // a device takes over what is set for new ones when it arrives
      if (key.startsWith(NEW_DEVICE)) this.#sysctls.set(`net.ipv4.conf.${name}.${key.slice(NEW_DEVICE.length)}`, value)
    }
  }

  /** Forgets the copy: the next apply reads. */
  forget(): void {
    this.#state = null
    this.#sysctls.clear()
    this.#limits.forget()
  }

  async read(sysctlKeys: readonly string[]): Promise<void> {
    this.#state = null
    const [state, sysctls] = await Promise.all([
      readNamespace(this.#host, this.name),
      readSysctls(this.#host, this.name, sysctlKeys),
    ])
    this.#state = state
    this.#sysctls = sysctls
    this.#absent = new Set(sysctlKeys.filter((key) => isOptionalSysctl(key) && !sysctls.has(key)))
    this.#seen.clear()
    for (const name of state.links.keys()) this.#seen.add(name)
    this.#limits.linksRead(state.links.keys())
    this.#fresh = false
  }

  /** Deletes links, and with them what was bound to them. */
  async deleteLinks(names: readonly string[]): Promise<void> {
    await ipBatch(
      this.#host,
      names.map((name) => `link del ${name}`),
      { netns: this.name },
    )
    for (const name of names) this.#seen.delete(name)
    this.#limits.forget()
    const state = this.#state
    if (!state) return
    const stays = ({ device }: { device: string }) => !names.includes(device)
    this.#state = {
      links: new Map([...state.links].filter(([name]) => !names.includes(name))),
      // rules that name the device stay, as rules do
      rules: state.rules,
      routes: new Map([...state.routes].filter(([, route]) => stays(route))),
      neighbours: new Map([...state.neighbours].filter(([, entry]) => stays(entry))),
      proxies: new Map([...state.proxies].filter(([, entry]) => stays(entry))),
    }
  }

  /**
   * First half of bringing the namespace to `spec`: iptables. NAT stands before routes send connections through it,
   * and rules may name devices that are still on their way.
   * @param readBack compare with the kernel, not with our own copy
   * @returns number of commands that changed something
   */
  writeRules({ iptables }: NamespaceSpec, readBack: boolean): Promise<Written> {
    const read = readBack && !this.#fresh
    return collect([
      this.#ipv4.apply(iptables.ipv4, read),
      ...(HAS_IPV6 ? [this.#ipv6.apply(iptables.ipv6, read)] : []),
    ])
  }

  /** Second half: settings, addresses, neighbours, routes. All devices of `spec` are here. */
  async writeRoutes(spec: NamespaceSpec): Promise<Written> {
    const faults: string[] = []
    const diff = diffNamespace(this.#state ?? NO_STATE, spec)
    const settings = this.#setSysctls(spec.sysctls)
    // a device that comes up would give itself an address before it is told not to
    if (spec.devices.some(({ shared }) => shared)) await settings.catch(() => {})
    const { writes, problems } = await collect([
      settings,
      this.#batch(diff.lines, faults),
      this.#batch(diff.lines6, faults, 6),
    ])
    this.#settled(spec, problems.length + faults.length === 0)
    return { writes, problems: [...problems, ...faults] }
  }

  /** Last: rates of single addresses. All devices of `spec` are here. */
  writeLimits({ limits }: NamespaceSpec, readBack: boolean): Promise<Written> {
    return collect([this.#limits.apply(limits, readBack)])
  }

  async #batch(lines: readonly string[], problems: string[], family: 4 | 6 = 4): Promise<number> {
    const faults = await ipBatch(this.#host, lines, { netns: this.name, family })
    problems.push(...faults.map(({ line, message }) => `ip ${line}: ${message}`))
    return lines.length > 0 ? 1 : 0
  }

  async #setSysctls(desired: Readonly<Record<string, string>>): Promise<number> {
    const values = diffSysctls(this.#withoutAbsent(desired), desired)
    await writeSysctls(this.#host, this.name, values)
    return Object.keys(values).length > 0 ? 1 : 0
  }

  #settled(spec: NamespaceSpec, complete: boolean): void {
    this.#fresh = false
    if (complete) {
      this.#state = stateOf(spec)
      this.#sysctls = new Map(Object.entries(spec.sysctls))
    } else this.forget()
  }

  /** Keys of a module that is not loaded cannot be set; they count as set. */
  #withoutAbsent(desired: Readonly<Record<string, string>>): Map<string, string> {
    const absent = Object.entries(desired).filter(([key]) => this.#absent.has(key))
    return new Map([...this.#sysctls, ...absent])
  }
}

/** What one step did, and what it could not do. */
export interface Written {
  readonly writes: number
  readonly problems: readonly string[]
}

async function collect(steps: readonly Promise<number>[]): Promise<Written> {
  const results = await Promise.allSettled(steps)
  return {
    writes: results.reduce((sum, result) => sum + (result.status === 'fulfilled' ? result.value : 0), 0),
    problems: results.flatMap((result) =>
      result.status === 'rejected' ? [String(result.reason?.message ?? result.reason)] : [],
    ),
  }
}

const HAS_IPV6 = existsSync('/proc/sys/net/ipv6')
