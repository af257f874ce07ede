import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../../base/log.js'
import type { InstanceReport } from '../bus/messages.js'
import type { ComputeBusServer } from '../bus/server.js'
import type { Neutron } from '../clients/neutron.js'
import { conflict, instanceNotFound, NovaFault } from './faults.js'
import type { ComputeHosts } from './hosts.js'
import { hostsOf, type Instance, type InstancePort, isMigrating, type RequestedInterface } from './instance.js'
import { Migrations } from './migrations.js'
import { allocatePort, releaseAll, releasePort } from './networks.js'
import { progress } from './progress.js'
import { pickHost } from './scheduler.js'
import type { NovaStore } from './store.js'
import { Waiters } from './waiters.js'

export interface LifecycleOptions {
  readonly vifPluggingTimeout: number
  readonly vifPluggingIsFatal: boolean
  /** seconds */
  readonly addressWait: number
}

export interface LifecycleParts {
  readonly store: NovaStore
  readonly hosts: ComputeHosts
  readonly bus: ComputeBusServer
  readonly neutron: Neutron
  readonly options: LifecycleOptions
  readonly log: Logger
}

/** The network service's word may get lost (it or we restarted): then its port status says the same. */
const FIRST_PORT_CHECK_MS = 2_000
const PORT_CHECK_MS = 10_000
const HOST_REMOVAL_MS = 10_000
const LONGEST_RETRY_MS = 30_000

/** What happens to instances: boot, power, interfaces, removal. Every step leaves a state from which a restart goes on. */
export class Instances {
  readonly #parts: LifecycleParts
  readonly #boots = new Map<string, Promise<void>>()
  readonly #waiters = new Waiters()
  readonly migrations: Migrations

  constructor(parts: LifecycleParts) {
    this.#parts = parts
    this.migrations = new Migrations({
      ...parts,
      waiters: this.#waiters,
      push: (id, changes) => this.#push(id, changes),
      settle: (id) => this.#confirmPorts(id),
    })
    parts.bus.on('report', (_host, report) => this.#reported(report))
    parts.bus.on('left', () => this.#waiters.wakeAll())
  }

  /** Continues what an earlier life of this process had begun. */
  resume(): void {
    for (const instance of this.#parts.store.instances()) {
      if (instance.taskState === 'deleting') void this.#removal(instance.id)
      else if (isMigrating(instance)) this.migrations.resume(instance)
      else if (instance.taskState === 'scheduling' || instance.taskState === 'networking')
        this.#startBoot(instance.id, true)
      else if (instance.taskState === 'spawning' || unconfirmed(instance).length > 0)
        void this.#confirmPorts(instance.id)
      else if (instance.taskState !== null) void this.#advanceLater(instance.id)
    }
  }

  boot(instance: Instance): void {
    this.#parts.store.add(instance)
    this.#startBoot(instance.id, false)
  }

  start(instance: Instance): void {
    this.#require(instance, ['stopped'], 'start')
    this.#push(instance.id, { power: 'running', taskState: 'powering-on' })
    void this.#advanceLater(instance.id)
  }

  stop(instance: Instance): void {
    this.#require(instance, ['active'], 'stop')
    this.#push(instance.id, { power: 'stopped', taskState: 'powering-off' })
  }

  reboot(instance: Instance, hard: boolean): void {
    this.#require(instance, hard ? ['active', 'stopped', 'error'] : ['active'], 'reboot')
    const taskState = hard ? 'rebooting_hard' : 'rebooting'
    const vmState = instance.vmState === 'error' ? 'active' : instance.vmState
    this.#push(instance.id, { power: 'running', taskState, vmState, fault: null, generation: instance.generation + 1 })
    void this.#advanceLater(instance.id)
  }

  /** Resolves when the removal is under way; it goes on until nothing is left. */
  delete(instance: Instance): void {
    if (instance.taskState === 'deleting') return
    this.#parts.store.change(instance.id, { taskState: 'deleting' })
    void this.#removal(instance.id)
  }

  /** Live: it must be running. */
  migrate(instance: Instance, live: boolean, host: string | null): void {
    this.#require(instance, live ? ['active'] : ['active', 'stopped'], live ? 'os-migrateLive' : 'migrate')
    this.migrations.start(instance, live ? 'live-migration' : 'migration', host)
  }

  async attach(instance: Instance, wanted: RequestedInterface): Promise<InstancePort> {
    this.#require(instance, ['active', 'stopped'], 'attach_interface')
    const port = await allocatePort(this.#parts.neutron, instance, wanted)
    const current = this.#parts.store.instance(instance.id)
    if (!current || current.taskState === 'deleting') {
      await releasePort(this.#parts.neutron, port.portId, port.owned)
      throw instanceNotFound(instance.id)
    }
    this.#push(instance.id, { ports: [...current.ports, port] })
    void this.#confirmPorts(instance.id)
    return port
  }

  async detach(instance: Instance, portId: string): Promise<void> {
    this.#require(instance, ['active', 'stopped'], 'detach_interface')
    const port = instance.ports.find((known) => known.portId === portId)
    if (!port) throw new NovaFault(404, `Port id ${portId} could not be found.`)
    const left = this.#push(instance.id, { ports: instance.ports.filter((known) => known !== port) })
    await this.#waiters.until(instance.id, () => !this.#hostHasPort(left, portId), HOST_REMOVAL_MS)
    await releasePort(this.#parts.neutron, portId, port.owned)
  }

  /** `network-vif-plugged` of the network service. False when the instance has no such port. */
  portPlugged(id: string, portId: string): boolean {
    const instance = this.#parts.store.instance(id)
    const port = instance?.ports.find((known) => known.portId === portId)
    if (!instance || !port) return false
    if (!port.confirmed) this.#confirm(instance, new Set([portId]))
    return true
  }

  /** `network-vif-deleted`: the port is gone. */
  portDeleted(id: string, portId: string): boolean {
    const instance = this.#parts.store.instance(id)
    if (!instance?.ports.some((port) => port.portId === portId)) return false
    this.#push(id, { ports: instance.ports.filter((port) => port.portId !== portId) })
    return true
  }

  // ── boot ────────────────────────────────────────────────────────────────────────

  #startBoot(id: string, afresh: boolean): void {
    const boot = this.#boot(id, afresh)
      .catch((error: Error) => this.#fail(id, error.message))
      .finally(() => this.#boots.delete(id))
    this.#boots.set(id, boot)
  }

  async #boot(id: string, afresh: boolean): Promise<void> {
    const { store, hosts, neutron } = this.#parts
    const instance = store.instance(id)!
    // a boot that was cut short may have made ports that were not recorded any more
    if (afresh) await releaseAll(neutron, instance)
    const host = pickHost(hosts.all(), instance.forcedHost)
    if (!host) throw new Error('No valid host was found. There are not enough hosts available.')
    const placed = this.#push(id, { host, taskState: 'networking', ports: [] })
    if (!placed) return
    const ports = await allSettled(placed.requested.map((wanted) => allocatePort(neutron, placed, wanted)))
    if (store.instance(id)?.taskState !== 'networking') return
    this.#push(id, { ports, taskState: 'spawning' })
    void this.#confirmPorts(id)
    this.#advance(id)
  }

  /** A boot that failed leaves the instance in ERROR with the reason, and nothing else. */
  async #fail(id: string, message: string): Promise<void> {
    const { store, hosts, neutron, log } = this.#parts
    const instance = store.instance(id)
    if (!instance || instance.taskState === 'deleting') return
    log.warn({ instance: id, message }, 'instance failed')
    const fault = { code: 500, message, created: new Date().toISOString() }
    const failed = store.change(id, { vmState: 'error', taskState: null, fault })!
    hosts.push(failed)
    if (instance.vmState !== 'building') return
    await this.#waiters.until(id, () => !this.#hostHas(failed), HOST_REMOVAL_MS)
    await this.#insist(id, () => releaseAll(neutron, failed))
    const current = store.instance(id)
    if (current && current.taskState !== 'deleting') store.change(id, { ports: [], host: null })
  }

  // ── ports ───────────────────────────────────────────────────────────────────────

  #confirm(instance: Instance, ports: ReadonlySet<string>): void {
    const confirmed = instance.ports.map((port) => (ports.has(port.portId) ? { ...port, confirmed: true } : port))
    this.#push(instance.id, { ports: confirmed })
    this.#advance(instance.id)
  }

  /** Waits for all of the instance's ports to be confirmed; looks for itself now and then. */
  async #confirmPorts(id: string): Promise<void> {
    const { options, store, log } = this.#parts
    const deadline = Date.now() + options.vifPluggingTimeout * 1000
    for (let wait = FIRST_PORT_CHECK_MS; ; wait = PORT_CHECK_MS) {
      const left = deadline - Date.now()
      await this.#waiters.until(
        id,
        () => unconfirmed(store.instance(id)).length === 0,
        Math.max(0, Math.min(wait, left)),
      )
      if (unconfirmed(store.instance(id)).length === 0) break
      await this.#lookAtPorts(id).catch((error: Error) =>
        log.warn({ err: error.message, instance: id }, 'cannot look at ports'),
      )
      if (Date.now() >= deadline) break
    }
    await this.#plugged(id)
  }

  async #lookAtPorts(id: string): Promise<void> {
    const ports = await this.#parts.neutron.list('ports', { device_id: id })
    const active = new Set(ports.filter((port) => port.status === 'ACTIVE').map((port) => port.id))
    const instance = this.#parts.store.instance(id)
    if (instance && unconfirmed(instance).some((port) => active.has(port.portId))) this.#confirm(instance, active)
  }

  async #plugged(id: string): Promise<void> {
    const { options, store } = this.#parts
    const instance = store.instance(id)
    const missing = unconfirmed(instance)
    if (instance && missing.length > 0) {
      const fatal = options.vifPluggingIsFatal && options.vifPluggingTimeout > 0
      if (fatal && instance.taskState === 'spawning')
        return this.#fail(id, 'Virtual Interface creation failed: the ports were not confirmed in time')
      this.#confirm(instance, new Set(missing.map((port) => port.portId)))
    }
    await this.#advanceLater(id)
  }

  // ── reports ─────────────────────────────────────────────────────────────────────

  #reported(report: InstanceReport): void {
    this.#advance(report.id)
    this.#waiters.wake(report.id)
  }

  #advance(id: string, addressesOverdue = false): void {
    const instance = this.#parts.store.instance(id)
    const report = this.#parts.hosts.report(id)
    if (!instance || !report) return
    const step = progress(instance, report, addressesOverdue)
    if (step.kind === 'failed') void this.#fail(id, step.message)
    if (step.kind !== 'reached') return
    const launched = instance.launched ?? new Date().toISOString()
    const { vmState, taskState } = step
    const migration = vmState === 'resized' ? instance.migration : null
    if (isMigrating(instance))
      this.#parts.store.recordMigration(instance.migration!, instance, migration ? 'finished' : 'completed')
    this.#parts.store.change(id, { vmState, taskState, launched, migration: migration ?? null })
  }

  /** An instance that gets no address is not kept waiting for ever. */
  async #advanceLater(id: string): Promise<void> {
    await delay(this.#parts.options.addressWait * 1000, undefined, { ref: false })
    this.#advance(id, true)
  }

  // ── removal ─────────────────────────────────────────────────────────────────────

  async #removal(id: string): Promise<void> {
    const { store, hosts, neutron } = this.#parts
    await this.#boots.get(id)
    const instance = store.instance(id)
    if (!instance) return
    hosts.push(instance)
    // the instance goes before its ports: nobody else may get its addresses while it can use them
    await this.#waiters.until(id, () => !this.#hostHas(instance), HOST_REMOVAL_MS)
    await this.#insist(id, () => releaseAll(neutron, instance))
    store.remove(id)
    hosts.forget(id)
    this.#waiters.wake(id)
  }

  #hostHas(instance: Instance): boolean {
    return hostsOf(instance).some((host) => this.#parts.hosts.has(instance.id, host))
  }

  #hostHasPort(instance: Instance | undefined, portId: string): boolean {
    if (!instance || !this.#hostHas(instance)) return false
    return this.#parts.hosts.report(instance.id)?.interfaces.some((port) => port.portId === portId) ?? false
  }

  /** Repeats until it works. */
  async #insist(id: string, work: () => Promise<void>): Promise<void> {
    for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      try {
        return await work()
      } catch (error) {
        this.#parts.log.warn({ err: error, instance: id }, 'could not release ports, will try again')
        await delay(wait, undefined, { ref: false })
      }
    }
  }

  // ── small things ────────────────────────────────────────────────────────────────

  #push(id: string, changes: Partial<Instance>): Instance | undefined {
    const changed = this.#parts.store.change(id, changes)
    if (changed) this.#parts.hosts.push(changed)
    this.#waiters.wake(id)
    return changed
  }

  #require(instance: Instance, states: readonly string[], verb: string): void {
    if (instance.taskState !== null)
      throw conflict(`Cannot '${verb}' instance ${instance.id} while it is in task_state ${instance.taskState}`)
    // a boot that failed has no host: only deleting is left
    if (!states.includes(instance.vmState) || instance.host === null)
      throw conflict(`Cannot '${verb}' instance ${instance.id} while it is in vm_state ${instance.vmState}`)
  }
}

function unconfirmed(instance: Instance | undefined): InstancePort[] {
  return instance?.ports.filter((port) => !port.confirmed) ?? []
}

/** As Promise.all, but waits for all of them: what was made must be known before it is cleaned up. */
async function allSettled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}
