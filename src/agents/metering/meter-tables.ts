import { existsSync, readdirSync } from 'node:fs'
import type { Host } from '../../dataplane/command/host.js'
import { type Counters, readCounters } from '../../dataplane/iptables/counters.js'
import type { Family } from '../../dataplane/iptables/types.js'
import { namespaceIdentity } from '../../dataplane/netns/follow-namespaces.js'
import { NamespaceRules } from '../../dataplane/netns/namespace-rules.js'
import type { MeteredNamespace } from './desired.js'
import type { Reading } from './meters.js'
import { labelChain, NO_METERS } from './rules.js'

const ROUTER_NAMESPACE = /^(qrouter|snat)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const FAMILIES: readonly Family[] = existsSync('/proc/sys/net/ipv6') ? ['ipv4', 'ipv6'] : ['ipv4']

/** A namespace that has our chains, as far as we know. */
interface Held {
  readonly spec: MeteredNamespace
  readonly rules: ReadonlyMap<Family, NamespaceRules>
}

/** Our chains in the routers' namespaces of this host. The namespaces are the L3 agent's: it makes and deletes them. */
export class MeterTables {
  readonly #host: Host
  /** by namespace and identity */
  readonly #held = new Map<string, Held>()

  constructor(host: Host) {
    this.#host = host
  }

  /** Whether there is anything of ours. */
  get isEmpty(): boolean {
    return this.#held.size === 0
  }

  /** What counts now. */
  get counting(): readonly MeteredNamespace[] {
    return [...this.#held.values()].map(({ spec }) => spec)
  }

  /** Whether `wanted` means other rules, or other namespaces, than there are. */
  differs(wanted: readonly MeteredNamespace[]): boolean {
    const text = (specs: readonly MeteredNamespace[], keys: readonly string[]) => JSON.stringify([specs, keys])
    const present = this.#present(wanted)
    return text(this.counting, [...this.#held.keys()]) !== text([...present.values()], [...present.keys()])
  }

  /** @param readBack compare with the kernel, and look for what an earlier process left */
  async apply(
    wanted: readonly MeteredNamespace[],
    readBack: boolean,
  ): Promise<{ writes: number; problems: Problem[] }> {
    const present = this.#present(wanted)
    const result = { writes: 0, problems: [] as Problem[] }
    const others = readBack ? this.#routerNamespaces() : []
    for (const key of new Set([...this.#held.keys(), ...others])) if (!present.has(key)) await this.#clear(key, result)
    for (const [key, spec] of present) {
      const rules = this.#held.get(key)?.rules ?? this.#rulesOf(spec.name)
      try {
        for (const [family, table] of rules) result.writes += await table.apply(spec[family], readBack)
        this.#held.set(key, { spec, rules })
      } catch (error) {
        this.#held.delete(key)
        result.problems.push({ routerId: spec.routerId, message: (error as Error).message })
      }
    }
    return result
  }

  /** Where all counters stand, and the namespaces that could not be read. */
  async read(): Promise<{ readings: Reading[]; unread: Set<string> }> {
    const readings: Reading[] = []
    const unread = new Set<string>()
    for (const [namespace, { spec }] of this.#held) {
      try {
        for (const family of FAMILIES) readings.push(...(await this.#readOne(namespace, spec, family)))
      } catch {
        if (namespaceKey(this.#host, spec.name) === namespace) unread.add(namespace)
      }
    }
    return { readings, unread }
  }

  async #readOne(namespace: string, spec: MeteredNamespace, family: Family): Promise<Reading[]> {
    if (spec[family] === NO_METERS) return []
    const counters = await readCounters(this.#host, spec.name, family)
    return spec.labels.flatMap(({ id, projectId }): Reading[] => {
      const found: Counters | undefined = counters.get(labelChain(id))
      return found ? [{ namespace, family, labelId: id, projectId, routerId: spec.routerId, ...found }] : []
    })
  }

  /** Those of `wanted` whose namespaces are there, by namespace and number. */
  #present(wanted: readonly MeteredNamespace[]): Map<string, MeteredNamespace> {
    return new Map(
      wanted.flatMap((spec) => {
        const key = namespaceKey(this.#host, spec.name)
        return key === null ? [] : [[key, spec] as const]
      }),
    )
  }

  #routerNamespaces(): string[] {
    if (!existsSync(this.#host.paths.netns)) return []
    const names = readdirSync(this.#host.paths.netns).filter((name) => ROUTER_NAMESPACE.test(name))
    return names.flatMap((name) => namespaceKey(this.#host, name) ?? [])
  }

  #rulesOf(name: string): ReadonlyMap<Family, NamespaceRules> {
    return new Map(FAMILIES.map((family) => [family, new NamespaceRules(this.#host, name, family)]))
  }

  /** Takes our chains out of a namespace, if it is still there. */
  async #clear(key: string, result: { writes: number; problems: Problem[] }): Promise<void> {
    const name = key.slice(0, key.lastIndexOf('@'))
    const rules = this.#held.get(key)?.rules ?? this.#rulesOf(name)
    this.#held.delete(key)
    if (namespaceKey(this.#host, name) !== key) return
    try {
      for (const table of rules.values()) result.writes += await table.apply(NO_METERS, true)
    } catch (error) {
      // it may be going away at this moment
      if (namespaceKey(this.#host, name) !== key) return
      result.problems.push({ routerId: name.slice(name.indexOf('-') + 1), message: (error as Error).message })
    }
  }
}

export interface Problem {
  readonly routerId: string
  readonly message: string
}

function namespaceKey(host: Host, name: string): string | null {
  const identity = namespaceIdentity(host, name)
  return identity === null ? null : `${name}@${identity}`
}
