import { randomUUID } from 'node:crypto'
import type { Logger } from '../../base/log.js'
import type { Neutron } from '../clients/neutron.js'
import { badRequest, conflict } from './faults.js'
import type { ComputeHosts } from './hosts.js'
import { type Instance, isMigrating, type Migration } from './instance.js'
import { movePort } from './networks.js'
import { stateAtRest } from './progress.js'
import { pickHost } from './scheduler.js'
import type { NovaStore } from './store.js'
import type { Waiters } from './waiters.js'

export interface MigrationParts {
  readonly store: NovaStore
  readonly hosts: ComputeHosts
  readonly neutron: Neutron
  readonly waiters: Waiters
  readonly log: Logger
  /** tells the hosts of a change */
  readonly push: (id: string, changes: Partial<Instance>) => Instance | undefined
  /** waits for the network service to confirm all ports, then for the addresses */
  readonly settle: (id: string) => Promise<void>
}

const LEAVE_MS = 30_000
const PREPARE_MS = 30_000

/**
 * Moves instances between hosts. An instance is processes and interfaces; what makes it itself is its ports, which keep
 * their addresses. Cold: it ends on the old host before the new one starts it. Live: it stands on the new host, its
 * interfaces plugged, before its ports are bound there, so that only the binding's change is felt. (The processes start
 * anew either way: a namespace cannot carry them to another machine.) Every step may be repeated after a restart.
 */
export class Migrations {
  readonly #parts: MigrationParts

  constructor(parts: MigrationParts) {
    this.#parts = parts
  }

  /** `wanted` null: the scheduler's choice. Throws when there is nowhere to go. */
  start(instance: Instance, kind: 'migration' | 'live-migration', wanted: string | null): void {
    const to = this.#destination(instance, wanted)
    this.#begin(instance, kind, to)
  }

  /** Keeps the instance where a cold migration has brought it. */
  confirm(instance: Instance): void {
    requireResized(instance, 'confirmResize')
    this.#finish(instance, 'confirmed')
    this.#parts.store.change(instance.id, { vmState: stateAtRest(instance), migration: null })
  }

  /** Takes it back to where it was. */
  revert(instance: Instance): void {
    requireResized(instance, 'revertResize')
    this.#finish(instance, 'reverted')
    this.#begin(instance, 'revert', instance.migration!.from)
  }

  /** Continues after a restart. */
  resume(instance: Instance): void {
    void this.#run(instance.id)
  }

  #begin(instance: Instance, kind: Migration['kind'], to: string): void {
    const now = new Date().toISOString()
    const migration: Migration = { id: randomUUID(), kind, from: instance.host!, to, created: now }
    // what it said when the instance was there before means nothing now
    this.#parts.hosts.forget(instance.id, to)
    this.#parts.store.recordMigration(migration, instance, kind === 'live-migration' ? 'running' : 'migrating')
    this.#parts.push(instance.id, {
      migration,
      taskState: kind === 'live-migration' ? 'migrating' : 'resize_migrating',
    })
    void this.#run(instance.id)
  }

  #destination(instance: Instance, wanted: string | null): string {
    const hosts = this.#parts.hosts.all()
    if (wanted !== null) {
      const found = hosts.find(({ host }) => host === wanted)
      if (!found) throw badRequest(`Compute host ${wanted} could not be found.`)
      if (wanted === instance.host)
        throw badRequest(`Unable to migrate instance (${instance.id}) to current host (${wanted}).`)
      if (!found.up) throw badRequest(`Compute service of ${wanted} is unavailable at this time.`)
    }
    const others = hosts.filter(({ host }) => host !== instance.host)
    const to = pickHost(others, wanted)
    if (to === null) throw badRequest('No valid host was found. There are not enough hosts available.')
    if (!this.#parts.hosts.isUp(instance.host!))
      throw conflict(`Compute service of ${instance.host} is unavailable at this time.`)
    return to
  }

  async #run(id: string): Promise<void> {
    try {
      if (!this.#current(id)) return
      await this.#ready(id)
      await this.#rebind(id)
    } catch (error) {
      await this.#rollBack(id, error as Error)
    }
  }

  /** What must be before the ports move. */
  async #ready(id: string): Promise<void> {
    const { hosts, waiters, push } = this.#parts
    const { host, migration } = this.#current(id)!
    if (host === migration.to) return
    push(id, {})
    if (migration.kind === 'live-migration') {
      const standing = () => {
        const report = hosts.reportOf(id, migration.to)
        return !this.#current(id) || report?.state === 'running' || report?.state === 'failed'
      }
      await waiters.until(id, standing, PREPARE_MS)
      const report = hosts.reportOf(id, migration.to)
      if (this.#current(id) && report?.state !== 'running')
        throw new Error(report?.fault ?? `host ${migration.to} did not prepare the instance in time`)
    } else {
      const left = await waiters.until(id, () => !this.#current(id) || !hosts.has(id, migration.from), LEAVE_MS)
      if (!left) throw new Error(`host ${migration.from} did not let go of the instance`)
    }
  }

  async #rebind(id: string): Promise<void> {
    const { neutron, push, store, settle } = this.#parts
    const instance = this.#current(id)
    if (!instance) return
    const { to, kind } = instance.migration
    // the network service's word that a port is wired there may come before its answer
    store.change(id, { ports: instance.ports.map((port) => ({ ...port, confirmed: false })) })
    const moved = await Promise.all(instance.ports.map((port) => movePort(neutron, port.portId, to)))
    const now = this.#current(id)
    if (!now) return
    const ports = now.ports.map((port) => {
      const plug = moved.find(({ portId }) => portId === port.portId)
      return plug ? { ...port, ...plug, confirmed: port.confirmed || plug.confirmed } : port
    })
    const next = { migration: 'resize_finish', 'live-migration': 'migrating', revert: 'resize_reverting' } as const
    push(id, { ports, host: to, taskState: next[kind] })
    await settle(id)
  }

  /** The instance goes on where it was. */
  async #rollBack(id: string, error: Error): Promise<void> {
    const { hosts, log, push, neutron, settle } = this.#parts
    const instance = this.#current(id)
    if (!instance) return
    const { from, to } = instance.migration
    log.warn({ instance: id, from, to, err: error.message }, 'migration failed')
    this.#finish(instance, 'error')
    const back = instance.ports.map((port) => movePort(neutron, port.portId, from))
    const failed = (await Promise.allSettled(back)).filter(({ status }) => status === 'rejected').length
    if (failed > 0) log.error({ instance: id, failed }, 'ports could not be brought back')
    const reverted = instance.migration.kind === 'revert'
    hosts.withdraw(id, to)
    push(id, {
      migration: null,
      taskState: null,
      host: from,
      vmState: reverted ? stateAtRest(instance) : instance.vmState,
    })
    await settle(id)
  }

  #finish(instance: Instance, status: string): void {
    if (instance.migration) this.#parts.store.recordMigration(instance.migration, instance, status)
  }

  /** The instance while it is being moved; undefined when it was deleted meanwhile. */
  #current(id: string): (Instance & { readonly migration: Migration }) | undefined {
    const instance = this.#parts.store.instance(id)
    return instance && isMigrating(instance) ? (instance as Instance & { migration: Migration }) : undefined
  }
}

function requireResized(instance: Instance, verb: string): void {
  if (instance.taskState !== null)
    throw conflict(`Cannot '${verb}' instance ${instance.id} while it is in task_state ${instance.taskState}`)
  if (instance.vmState !== 'resized' || !instance.migration)
    throw conflict(`Cannot '${verb}' instance ${instance.id} while it is in vm_state ${instance.vmState}`)
}
