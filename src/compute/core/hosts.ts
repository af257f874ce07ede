import { randomUUID } from 'node:crypto'
import type { DesiredInstance, HostFacts, InstanceReport } from '../bus/messages.js'
import type { ComputeBusServer } from '../bus/server.js'
import type { Instance } from './instance.js'
import type { HostState } from './scheduler.js'
import type { NovaStore } from './store.js'

export interface ComputeHost extends HostState {
  readonly id: string
  readonly reason: string | null
  readonly facts: HostFacts
  readonly seen: string
}

interface Row {
  readonly id: string
  readonly host: string
  readonly enabled: number
  readonly reason: string | null
  readonly facts: string
  readonly seen: string
}

/** The compute hosts: which there are, what each should have, what each reported last. */
export class ComputeHosts {
  readonly #store: NovaStore
  readonly #bus: ComputeBusServer
  readonly #reports = new Map<string, InstanceReport>()

  constructor(store: NovaStore, bus: ComputeBusServer) {
    this.#store = store
    this.#bus = bus
    bus.on('joined', (host, facts) => this.#joined(host, facts))
    bus.on('report', (host, report) => {
      if (store.instance(report.id)?.host === host) this.#reports.set(report.id, report)
    })
  }

  all(): ComputeHost[] {
    const placed = this.#store.instances().map((instance) => instance.host)
    return this.#store.database.all<Row>('SELECT * FROM compute_host ORDER BY host').map((row) => ({
      id: row.id,
      host: row.host,
      up: this.#bus.isConnected(row.host),
      enabled: row.enabled === 1,
      reason: row.reason,
      facts: JSON.parse(row.facts) as HostFacts,
      seen: row.seen,
      instances: placed.filter((host) => host === row.host).length,
    }))
  }

  isUp(host: string): boolean {
    return this.#bus.isConnected(host)
  }

  /** false when there is no such host */
  setEnabled(host: string, enabled: boolean, reason: string | null): boolean {
    return (
      this.#store.database.run(
        'UPDATE compute_host SET enabled = ?, reason = ? WHERE host = ?',
        enabled ? 1 : 0,
        reason,
        host,
      ) > 0
    )
  }

  /** what the instance's host said of it last, in this life of nova-api */
  report(id: string): InstanceReport | undefined {
    return this.#reports.get(id)
  }

  forget(id: string): void {
    this.#reports.delete(id)
  }

  /** Tells an instance's host what is wanted of it now. */
  push(instance: Instance): void {
    if (!instance.host) return
    const desired = desiredOf(instance)
    this.#bus.send(instance.host, desired ? { type: 'put', instance: desired } : { type: 'del', id: instance.id })
  }

  #joined(host: string, facts: HostFacts): void {
    this.#store.database.run(
      `INSERT INTO compute_host (id, host, facts, seen) VALUES (?, ?, ?, ?)
       ON CONFLICT (host) DO UPDATE SET facts = excluded.facts, seen = excluded.seen`,
      randomUUID(),
      host,
      JSON.stringify(facts),
      new Date().toISOString(),
    )
    const own = this.#store.instances().filter((instance) => instance.host === host)
    this.#bus.send(host, { type: 'snapshot', instances: own.flatMap((instance) => desiredOf(instance) ?? []) })
  }
}

/** What a host should have of an instance; null: nothing. Pure. */
export function desiredOf(instance: Instance): DesiredInstance | null {
  if (instance.vmState === 'error' || instance.taskState === 'deleting') return null
  const { id, hostname, power, generation } = instance
  const interfaces = instance.ports.map(({ portId, mac, mtu, hybrid, bridge, dhcp, confirmed }) => ({
    portId,
    mac,
    mtu,
    hybrid,
    bridge,
    dhcp,
    confirmed,
  }))
  return { id, hostname, power, generation, interfaces }
}
