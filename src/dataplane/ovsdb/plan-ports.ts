import { symbol } from './plan-bridges.js'
import { planQos } from './plan-qos.js'
import type { Replica } from './replica.js'
import type { PortChange, PortSpec } from './types.js'
import { containsRecord, mapOf, type Operation, type OvsdbValue, sameRecord, setOf, uuid } from './values.js'

/** VLAN 4095 is not a valid VLAN: a trunk of nothing but 4095 passes no frame. */
export const DEAD_VLAN = 4095

const nameIs = (name: string) => [['name', '==', name]]

/** Operations that add missing ports and correct existing ones; none when all are as specified. */
export function planPorts(replica: Replica, specs: readonly PortSpec[]): Operation[] {
  return specs.flatMap((spec) => {
    if (!replica.bridge(spec.bridge)) return []
    return replica.port(spec.name) ? correct(replica, spec) : create(replica, spec)
  })
}

function create(replica: Replica, spec: PortSpec): Operation[] {
  const { name } = spec
  const dead = spec.dead ? { tag: DEAD_VLAN, vlan_mode: 'trunk', trunks: setOf([DEAD_VLAN]) } : {}
  return [
    {
      op: 'insert',
      table: 'Interface',
      'uuid-name': symbol('if', name),
      row: {
        name,
        type: spec.type,
        options: mapOf(spec.options ?? {}),
        external_ids: mapOf(spec.externalIds ?? {}),
        ...(spec.mtu === undefined ? {} : { mtu_request: spec.mtu }),
      },
    },
    {
      op: 'insert',
      table: 'Port',
      'uuid-name': symbol('port', name),
      row: { name, interfaces: ['named-uuid', symbol('if', name)], ...dead },
    },
    // a mutation, not an update: other programs add ports to the same bridge at the same time
    mutatePorts(replica, spec.bridge, 'insert', ['named-uuid', symbol('port', name)]),
  ]
}

function correct(replica: Replica, spec: PortSpec): Operation[] {
  const port = replica.port(spec.name)!
  const id = uuid(replica.idOf('Port', spec.name)!)
  const moved =
    port.bridge === spec.bridge
      ? []
      : [mutatePorts(replica, port.bridge, 'delete', id), mutatePorts(replica, spec.bridge, 'insert', id)]
  return [...moved, ...correctInterface(replica, spec)]
}

function correctInterface(replica: Replica, spec: PortSpec): Operation[] {
  const actual = replica.interface(spec.name)
  if (!actual) return []
  const row: Record<string, OvsdbValue> = {}
  if (actual.type !== spec.type) row.type = spec.type
  if (spec.options && !sameRecord(actual.options, spec.options)) row.options = mapOf(spec.options)
  if (spec.externalIds && !containsRecord(actual.externalIds, spec.externalIds)) {
    row.external_ids = mapOf({ ...actual.externalIds, ...spec.externalIds })
  }
  if (spec.mtu !== undefined && replica.mtuRequest(spec.name) !== spec.mtu) row.mtu_request = spec.mtu
  return Object.keys(row).length === 0 ? [] : [{ op: 'update', table: 'Interface', where: nameIs(spec.name), row }]
}

/** Operations that set fields of existing ports and their interfaces. Ports that do not exist are passed over. */
export function planPortChanges(replica: Replica, changes: Readonly<Record<string, PortChange>>): Operation[] {
  return Object.entries(changes).flatMap(([name, change]) => {
    const port = replica.port(name)
    if (!port) return []
    const row: Record<string, OvsdbValue> = {}
    if (change.tag !== undefined && change.tag !== port.tag) row.tag = nullable(change.tag)
    if (change.vlanMode !== undefined && change.vlanMode !== port.vlanMode) row.vlan_mode = nullable(change.vlanMode)
    if (change.trunks && !sameNumbers(change.trunks, port.trunks)) row.trunks = setOf(change.trunks)
    if (change.otherConfig && !sameRecord(change.otherConfig, port.otherConfig)) {
      row.other_config = mapOf(change.otherConfig)
    }
    const update: Operation[] =
      Object.keys(row).length === 0 ? [] : [{ op: 'update', table: 'Port', where: nameIs(name), row }]
    const rate = change.rate === undefined ? [] : planQos(replica, name, change.rate)
    return [...update, ...rate, ...changeInterface(replica, name, change)]
  })
}

function changeInterface(replica: Replica, name: string, change: PortChange): Operation[] {
  const actual = replica.interface(name)
  const row: Record<string, OvsdbValue> = {}
  if (actual && change.options && !sameRecord(change.options, actual.options)) row.options = mapOf(change.options)
  if (actual && change.externalIds && !sameRecord(change.externalIds, actual.externalIds)) {
    row.external_ids = mapOf(change.externalIds)
  }
  return Object.keys(row).length === 0 ? [] : [{ op: 'update', table: 'Interface', where: nameIs(name), row }]
}

/** Takes ports out of their bridges; ovsdb-server then removes their rows, vswitchd their devices. */
export function planDeletePorts(replica: Replica, names: readonly string[]): Operation[] {
  return names.flatMap((name) => {
    const port = replica.port(name)
    return port ? [mutatePorts(replica, port.bridge, 'delete', uuid(replica.idOf('Port', name)!))] : []
  })
}

function mutatePorts(
  replica: Replica,
  bridge: string,
  mutator: 'insert' | 'delete',
  port: readonly ['uuid' | 'named-uuid', string],
): Operation {
  const where = [['_uuid', '==', uuid(replica.idOf('Bridge', bridge)!)]]
  return { op: 'mutate', table: 'Bridge', where, mutations: [['ports', mutator, ['set', [port]]]] }
}

const nullable = (value: string | number | null): OvsdbValue => (value === null ? setOf([]) : value)

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number) => b.includes(number))
}
