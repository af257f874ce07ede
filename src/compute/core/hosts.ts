import { randomUUID } from 'node:crypto'
import type { DesiredInstance, HostFacts, InstanceReport } from '../bus/messages.js'
import type { ComputeBusServer } from '../bus/server.js'
import { hostsOf, type Instance } from './instance.js'
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
  /** by instance and host */
  readonly #reports = new Map<string, Map<string, InstanceReport>>()

  constructor(store: NovaStore, bus: ComputeBusServer) {
    this.#store = store
    this.#bus = bus
    bus.on('joined', (host, facts) => this.#joined(host, facts))
    bus.on('report', (host, report) => {
      const instance = store.instance(report.id)
      if (!instance || !hostsOf(instance).includes(host)) return
      const known = this.#reports.get(report.id)
      if (known) known.set(host, report)
      else this.#reports.set(report.id, new Map([[host, report]]))
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
    const host = this.#store.instance(id)?.host
    return host ? this.reportOf(id, host) : undefined
  }

  /** the same of any host */
  reportOf(id: string, host: string): InstanceReport | undefined {
    return this.#reports.get(id)?.get(host)
  }

  /** The host may have something of the instance. One that is not connected cannot be asked. */
  has(id: string, host: string): boolean {
    if (!this.isUp(host)) return false
    const report = this.reportOf(id, host)
    return report === undefined || (report.state !== 'absent' && report.state !== 'failed')
  }

  /** `host`: only what that host said */
  forget(id: string, host?: string): void {
    if (host === undefined) this.#reports.delete(id)
    else this.#reports.get(id)?.delete(host)
  }

  /** Tells an instance's host what is wanted of it now; while it moves, both hosts. */
  push(instance: Instance): void {
    for (const host of hostsOf(instance)) {
      const desired = desiredOn(instance, host)
      this.#bus.send(host, desired ? { type: 'put', instance: desired } : { type: 'del', id: instance.id })
    }
  }

  /** Tells a host that it should have nothing of an instance. */
  withdraw(id: string, host: string): void {
    this.#bus.send(host, { type: 'del', id })
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
    const instances = this.#store.instances().flatMap((instance) => desiredOn(instance, host) ?? [])
    this.#bus.send(host, { type: 'snapshot', instances })
  }
}

/** What a host should have of an instance; null: nothing. Pure. */
export function desiredOn(instance: Instance, host: string): DesiredInstance | null {
  if (instance.vmState === 'error' || instance.taskState === 'deleting') return null
  const { taskState, migration } = instance
  // cold: it leaves the old host before its ports do
  if (host === instance.host) return taskState === 'resize_migrating' ? null : desiredOf(instance)
  // live: it stands on the new host before its ports come
  if (taskState !== 'migrating' || host !== migration?.to) return null
  return desiredOf({ ...instance, ports: instance.ports.map((port) => ({ ...port, confirmed: false })) })
}

function desiredOf(instance: Instance): DesiredInstance {
  const { id, hostname, power, generation } = instance
  const interfaces = instance.ports.map(({ portId, mac, mtu, hybrid, bridge, datapath, dhcp, dhcp6, confirmed }) => ({
    portId,
    mac,
    mtu,
    hybrid,
    bridge,
    ...(datapath === undefined ? {} : { datapath }),
    dhcp,
    dhcp6: dhcp6 ?? null,
    confirmed,
  }))
  return { id, hostname, power, generation, interfaces }
}
