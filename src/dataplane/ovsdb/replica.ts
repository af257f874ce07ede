import type { OvsBridge, OvsInterface, OvsPort } from './types.js'
import { type OvsdbValue, optional, type Row, record, references, strings } from './values.js'

/** The columns we follow. Statistics are left out: they would wake every agent every five seconds. */
export const MONITORED = {
  Open_vSwitch: ['bridges', 'cur_cfg', 'datapath_types', 'iface_types'],
  Bridge: ['name', 'datapath_type', 'fail_mode', 'other_config', 'external_ids', 'ports', 'protocols'],
  Port: ['name', 'tag', 'trunks', 'vlan_mode', 'other_config', 'interfaces', 'qos'],
  Interface: ['name', 'type', 'ofport', 'mac_in_use', 'external_ids', 'options', 'error', 'mtu_request'],
  QoS: ['queues', 'other_config', 'external_ids'],
  Queue: ['other_config'],
} as const

export type Table = keyof typeof MONITORED

/** `<table-updates>` of RFC 7047, 4.1.6 (also the reply to `monitor`). */
export type TableUpdates = Partial<Record<Table, Record<string, { readonly old?: Row; readonly new?: Row }>>>

const EMPTY: ReadonlyMap<string, Row> = new Map()

/** A QoS row with its queues. */
export interface QosRows {
  readonly id: string
  readonly otherConfig: Readonly<Record<string, string>>
  readonly externalIds: Readonly<Record<string, string>>
  readonly queues: readonly { readonly id: string; readonly otherConfig: Readonly<Record<string, string>> }[]
}

/** Rows by name, made when first asked for after a change. */
interface Index {
  readonly ids: Readonly<Record<'Bridge' | 'Port' | 'Interface', Map<string, string>>>
  readonly bridges: Map<string, OvsBridge>
  readonly ports: Map<string, OvsPort>
  readonly interfaces: Map<string, OvsInterface>
}

/** A local copy of the monitored rows, by uuid and by name. */
export class Replica {
  readonly #tables = new Map<Table, Map<string, Row>>()
  #index: Index | null = null

  /** Applies an update; returns false when only the progress counter `cur_cfg` moved. */
  apply(updates: TableUpdates): boolean {
    let telling = false
    for (const [table, rows] of Object.entries(updates) as [Table, TableUpdates[Table]][]) {
      for (const [id, change] of Object.entries(rows ?? {})) {
        if (table !== 'Open_vSwitch' || !change.old || Object.keys(change.old).some((key) => key !== 'cur_cfg')) {
          telling = true
        }
        if (change.new) this.#rows(table).set(id, change.new)
        else this.#rows(table).delete(id)
      }
    }
    if (telling) this.#index = null
    return telling
  }

  rows(table: Table): ReadonlyMap<string, Row> {
    return this.#tables.get(table) ?? EMPTY
  }

  /** uuid of the row with this name */
  idOf(table: 'Bridge' | 'Port' | 'Interface', name: string): string | undefined {
    return this.#indexed().ids[table].get(name)
  }

  root(): { readonly id: string; readonly row: Row } | null {
    for (const [id, row] of this.rows('Open_vSwitch')) return { id, row }
    return null
  }

  /** Number of the last configuration that vswitchd has put into effect. */
  currentConfig(): number {
    return Number(this.root()?.row.cur_cfg ?? 0)
  }

  bridges(): OvsBridge[] {
    return [...this.#indexed().bridges.values()]
  }

  bridge(name: string): OvsBridge | undefined {
    return this.#indexed().bridges.get(name)
  }

  protocolsOf(bridge: string): string[] {
    return strings(this.rows('Bridge').get(this.idOf('Bridge', bridge) ?? '')?.protocols)
  }

  port(name: string): OvsPort | undefined {
    return this.#indexed().ports.get(name)
  }

  ports(): OvsPort[] {
    return [...this.#indexed().ports.values()]
  }

  interface(name: string): OvsInterface | undefined {
    return this.#indexed().interfaces.get(name)
  }

  mtuRequest(name: string): number | null {
    return optional<number>(this.rows('Interface').get(this.idOf('Interface', name) ?? '')?.mtu_request)
  }

  /** The QoS row that a port uses. */
  qosOf(port: string): QosRows | null {
    const id = optional<string>(this.rows('Port').get(this.idOf('Port', port) ?? '')?.qos)
    return id === null ? null : this.#qos(id)
  }

  /** QoS rows that no port uses. */
  unusedQos(): QosRows[] {
    const used = new Set([...this.rows('Port').values()].flatMap(({ qos }) => strings(qos)))
    return [...this.rows('QoS').keys()].filter((id) => !used.has(id)).flatMap((id) => this.#qos(id) ?? [])
  }

  #qos(id: string): QosRows | null {
    const row = this.rows('QoS').get(id)
    if (!row) return null
    const queues = references(row.queues).map((queue) => ({
      id: queue,
      otherConfig: record(this.rows('Queue').get(queue)?.other_config),
    }))
    return { id, otherConfig: record(row.other_config), externalIds: record(row.external_ids), queues }
  }

  interfaces(): OvsInterface[] {
    return [...this.#indexed().interfaces.values()]
  }

  #rows(table: Table): Map<string, Row> {
    const found = this.#tables.get(table)
    if (found) return found
    const made = new Map<string, Row>()
    this.#tables.set(table, made)
    return made
  }

  #names(table: Table, ids: OvsdbValue | undefined): string[] {
    const rows = this.rows(table)
    return strings(ids).flatMap((id) => {
      const name = rows.get(id)?.name
      return typeof name === 'string' ? [name] : []
    })
  }

  #bridge(row: Row): OvsBridge {
    return {
      name: String(row.name),
      datapathType: String(row.datapath_type),
      failMode: optional<string>(row.fail_mode),
      otherConfig: record(row.other_config),
      externalIds: record(row.external_ids),
      ports: this.#names('Port', row.ports),
    }
  }

  #indexed(): Index {
    this.#index ??= this.#makeIndex()
    return this.#index
  }

  #makeIndex(): Index {
    const index: Index = {
      ids: { Bridge: new Map(), Port: new Map(), Interface: new Map() },
      bridges: new Map(),
      ports: new Map(),
      interfaces: new Map(),
    }
    for (const [id, row] of this.rows('Interface')) {
      index.ids.Interface.set(String(row.name), id)
      index.interfaces.set(String(row.name), interfaceOf(row))
    }
    for (const [id, row] of this.rows('Bridge')) {
      const bridge = this.#bridge(row)
      index.ids.Bridge.set(bridge.name, id)
      index.bridges.set(bridge.name, bridge)
      for (const portId of strings(row.ports)) {
        const port = this.rows('Port').get(portId)
        if (!port) continue
        index.ids.Port.set(String(port.name), portId)
        index.ports.set(String(port.name), this.#port(port, bridge.name))
      }
    }
    return index
  }

  #port(row: Row, bridge: string): OvsPort {
    return {
      name: String(row.name),
      bridge,
      tag: optional<number>(row.tag),
      trunks: strings(row.trunks).map(Number),
      vlanMode: optional<string>(row.vlan_mode),
      otherConfig: record(row.other_config),
      interfaces: this.#names('Interface', row.interfaces),
    }
  }
}

function interfaceOf(row: Row): OvsInterface {
  return {
    name: String(row.name),
    type: String(row.type),
    ofport: optional<number>(row.ofport),
    mac: optional<string>(row.mac_in_use),
    externalIds: record(row.external_ids),
    options: record(row.options),
    error: optional<string>(row.error),
  }
}
