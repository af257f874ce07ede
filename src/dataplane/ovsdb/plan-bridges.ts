import type { Replica } from './replica.js'
import type { BridgeSpec } from './types.js'
import { containsRecord, mapOf, type Operation, type OvsdbValue, setOf, uuid } from './values.js'

const nameIs = (name: string) => [['name', '==', name]]

/** Row names inside one transaction: a letter and characters that OVSDB allows in an identifier. */
export const symbol = (kind: string, name: string) => `${kind}_${name.replaceAll(/[^A-Za-z0-9]/g, '_')}`

/** Operations that make the bridges as specified; none when they already are. Ports are untouched. */
export function planBridges(replica: Replica, specs: readonly BridgeSpec[]): Operation[] {
  return specs.flatMap((spec) => (replica.bridge(spec.name) ? correct(replica, spec) : create(replica, spec)))
}

function create(replica: Replica, spec: BridgeSpec): Operation[] {
  const { name } = spec
  const row: Record<string, unknown> = {
    name,
    datapath_type: spec.datapathType ?? '',
    ports: setOf([['named-uuid', symbol('port', name)]]),
    other_config: mapOf(spec.otherConfig ?? {}),
    external_ids: mapOf(spec.externalIds ?? {}),
    protocols: setOf(spec.protocols ?? []),
    ...(spec.failMode ? { fail_mode: spec.failMode } : {}),
  }
  return [
    // the bridge's own port and device
    { op: 'insert', table: 'Interface', 'uuid-name': symbol('if', name), row: { name, type: 'internal' } },
    {
      op: 'insert',
      table: 'Port',
      'uuid-name': symbol('port', name),
      row: { name, interfaces: ['named-uuid', symbol('if', name)] },
    },
    { op: 'insert', table: 'Bridge', 'uuid-name': symbol('bridge', name), row },
    mutateRoot(replica, 'insert', [['named-uuid', symbol('bridge', name)]]),
  ]
}

/** '' is the kernel's datapath. */
const kind = (datapathType: string) => datapathType || 'system'

function correct(replica: Replica, spec: BridgeSpec): Operation[] {
  const actual = replica.bridge(spec.name)!
  const row: Record<string, OvsdbValue> = {}
  if (spec.datapathType !== undefined && kind(spec.datapathType) !== kind(actual.datapathType)) {
    row.datapath_type = spec.datapathType
  }
  if (spec.failMode !== undefined && spec.failMode !== actual.failMode) row.fail_mode = spec.failMode
  if (spec.otherConfig && !containsRecord(actual.otherConfig, spec.otherConfig)) {
    row.other_config = mapOf({ ...actual.otherConfig, ...spec.otherConfig })
  }
  if (spec.externalIds && !containsRecord(actual.externalIds, spec.externalIds)) {
    row.external_ids = mapOf({ ...actual.externalIds, ...spec.externalIds })
  }
  const protocols = replica.protocolsOf(spec.name)
  if (!(spec.protocols ?? []).every((protocol) => protocols.includes(protocol))) {
    row.protocols = setOf([...new Set([...protocols, ...(spec.protocols ?? [])])])
  }
  return Object.keys(row).length === 0 ? [] : [{ op: 'update', table: 'Bridge', where: nameIs(spec.name), row }]
}

/** Takes bridges out of the root set; ovsdb-server then removes their rows and ports. */
export function planDeleteBridges(replica: Replica, names: readonly string[]): Operation[] {
  const ids = names.flatMap((name) => replica.idOf('Bridge', name) ?? [])
  return ids.length === 0 ? [] : [mutateRoot(replica, 'delete', ids.map(uuid))]
}

function mutateRoot(
  replica: Replica,
  mutator: 'insert' | 'delete',
  ids: readonly (readonly ['uuid' | 'named-uuid', string])[],
): Operation {
  const where = [['_uuid', '==', uuid(replica.root()?.id ?? '')]]
  return { op: 'mutate', table: 'Open_vSwitch', where, mutations: [['bridges', mutator, ['set', ids]]] }
}
