import type { ObjectError } from '../../bus/contracts/messages.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { Host } from '../../dataplane/command/host.js'
import { VrrpInstances } from '../../dataplane/keepalived/instances.js'
import { holdsPrimary } from '../../dataplane/keepalived/state.js'
import type { NamespaceOutcome } from '../../dataplane/netns/namespaces.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { ApplyReason } from '../common/agent.js'
import { routerParts } from './desired/router-part.js'
import type { L3Namespace } from './desired/types.js'
import { vrrpPlace } from './desired/vrrp.js'
import type { L3Settings } from './settings.js'
import { isWired } from './wired.js'

/** This host's part of highly available routers: which of them it has taken, and the processes that decide it. */
export class Vrrp {
  readonly #host: Host
  readonly #vswitch: Vswitch
  readonly #kick: (reason: ApplyReason) => void
  readonly #instances: VrrpInstances
  /** by router id, of those that have an instance here */
  readonly #states = new Map<string, 'active' | 'standby' | 'unknown'>()
  /** number of events */
  #heard = 0
  /** devices without which no instance can be started yet */
  #unwired: ReadonlySet<string> = new Set()
  readonly #flush = () => {
    if ([...this.#unwired].some((device) => isWired(this.#vswitch, device))) this.#kick('local')
  }

  constructor(host: Host, vswitch: Vswitch, confs: string, kick: (reason: ApplyReason) => void) {
    this.#host = host
    this.#vswitch = vswitch
    this.#kick = kick
    this.#instances = new VrrpInstances(host, confs, {
      changed: (routerId, word) => this.#changed(routerId, word === 'MASTER' ? 'active' : 'standby'),
      died: () => kick('local'),
    })
    vswitch.on('change', this.#flush)
  }

  stop(): void {
    this.#vswitch.off('change', this.#flush)
    this.#instances.close()
  }

  /**
   * Ids of the routers that this host has taken.
   * @param check look at the devices, also of those whose state is known
   */
  async active(view: HostView, settings: L3Settings, check: boolean): Promise<ReadonlySet<string>> {
    const places = new Map(
      routerParts(view, settings).flatMap((part) => {
        const place = vrrpPlace(part)
        return place ? [[part.router.id, place] as const] : []
      }),
    )
    for (const id of this.#states.keys()) if (!places.has(id)) this.#states.delete(id)
    await Promise.all(
      [...places].map(async ([id, place]) => {
        const before = this.#states.get(id) ?? 'unknown'
        this.#states.set(id, before)
        if (!check && before !== 'unknown') return
        const heard = this.#heard
        const holds = await holdsPrimary(this.#host, place)
        // what keepalived said meanwhile is newer than what was seen
        if (holds !== null && heard === this.#heard) this.#states.set(id, holds ? 'active' : 'standby')
      }),
    )
    return new Set([...this.#states].filter(([, state]) => state === 'active').map(([id]) => id))
  }

  /** Ends instances of routers that have none here (any more), before their devices go. */
  async endUnwanted(wanted: readonly L3Namespace[]): Promise<{ writes: number; errors: ObjectError[] }> {
    const kept = new Set(wanted.flatMap(({ vrrp }) => vrrp?.routerId ?? []))
    const { writes, failed } = await this.#instances.keepOnly(kept)
    return { writes, errors: [...failed].map(([routerId, message]) => fault(routerId, message)) }
  }

  /** Starts instances and tells them of changes, once their namespaces are in order. */
  async apply(
    wanted: readonly L3Namespace[],
    outcomes: ReadonlyMap<string, NamespaceOutcome>,
    check: boolean,
  ): Promise<{ writes: number; errors: ObjectError[] }> {
    const errors: ObjectError[] = []
    const unwired = new Set<string>()
    const written = wanted.map(async ({ name, vrrp }) => {
      if (!vrrp) return 0
      const outcome = outcomes.get(name)!
      // one that does not hear the others would think it is alone
      if (!isWired(this.#vswitch, vrrp.device)) {
        unwired.add(vrrp.device)
        return 0
      }
      try {
        const how = { check: check || !outcome.existed, renewed: outcome.existed && outcome.arrived.length > 0 }
        return await this.#instances.ensure(name, vrrp, how)
      } catch (error) {
        errors.push(fault(vrrp.routerId, (error as Error).message))
        return 0
      }
    })
    const writes = (await Promise.all(written)).reduce<number>((sum, each) => sum + each, 0)
    this.#unwired = unwired
    return { writes, errors }
  }

  /** State of every highly available router of the view, as far as it is known; one without an instance here waits. */
  report(view: HostView): Record<string, 'active' | 'standby'> {
    const routers = view.all('router').filter(({ ha }) => ha)
    return Object.fromEntries(
      routers.flatMap(({ id }) => {
        const state = this.#states.get(id) ?? 'standby'
        return state === 'unknown' ? [] : [[id, state] as const]
      }),
    )
  }

  #changed(routerId: string, state: 'active' | 'standby'): void {
    this.#heard++
    if (this.#states.get(routerId) === state) return
    this.#states.set(routerId, state)
    this.#kick('local')
  }
}

const fault = (id: string, message: string): ObjectError => ({ kind: 'router', id, message: `keepalived: ${message}` })
