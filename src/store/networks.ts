import { sql } from 'kysely'
import type { CloudNetwork, NetworkType, Segment } from '../model/cloud.js'
import { group } from './group.js'
import { sharedWith } from './rbac-policies.js'
import { remembered } from './session.js'
import { standardColumns } from './standard-attributes.js'
import { chunks, type Db, flag, int, intOrNull, json, type RecordOf, Table, text, textOrNull, word } from './table.js'

export const networks = new Table('networks', {
  ...standardColumns,
  name: text('name'),
  adminStateUp: flag('admin_state_up'),
  status: text('status'),
  external: flag('external'),
  isDefault: flag('is_default'),
  mtu: int('mtu'),
  portSecurityEnabled: flag('port_security_enabled'),
  availabilityZoneHints: json<readonly string[]>('availability_zone_hints'),
  dnsDomain: text('dns_domain'),
  qosPolicyId: textOrNull('qos_policy_id'),
})

export const networkSegments = new Table('network_segments', {
  id: text('id'),
  networkId: text('network_id'),
  position: int('position'),
  networkType: word<NetworkType>('network_type'),
  physicalNetwork: textOrNull('physical_network'),
  segmentationId: intOrNull('segmentation_id'),
  allocation: textOrNull('allocation'),
  name: textOrNull('name'),
  description: text('description'),
  createdAt: text('created_at'),
  updatedAt: text('updated_at'),
  revisionNumber: int('revision_number'),
})

export type SegmentRecord = RecordOf<typeof networkSegments.columns>

/** A segment with the id that subnets name it by. */
export type NetworkSegment = Segment & Pick<SegmentRecord, 'id'>

export type NetworkRow = RecordOf<typeof networks.columns>

/** A network with what belongs to it. */
export interface NetworkRecord extends NetworkRow {
  readonly segments: readonly NetworkSegment[]
  /** its subnets are on one segment each */
  readonly routed: boolean
  /** in order of creation */
  readonly subnetIds: readonly string[]
  /** projects beside the owner that may use the network; `*` is all */
  readonly sharedWith: readonly string[]
  /** the address scope that its subnets of an IP version are in, by the pool they come from */
  readonly ipv4AddressScopeId: string | null
  readonly ipv6AddressScopeId: string | null
  /** hosts whose DHCP agent has the network, sorted */
  readonly dhcpHosts: readonly string[]
  /** those of them whose agent is not switched off */
  readonly servingHosts: readonly string[]
  /** availability zones of those agents, sorted */
  readonly availabilityZones: readonly string[]
}

/** What networks are read from. */
const READ = ['networks', 'network_segments', 'rbac_policies', 'subnets', 'subnetpools', 'dhcp_bindings', 'agents']

export async function loadNetworks(db: Db, ids: readonly string[]): Promise<NetworkRecord[]> {
  if (ids.length !== 1) return readNetworks(db, ids)
  const network = await loadNetwork(db, ids[0]!)
  return network ? [network] : []
}

export async function loadNetwork(db: Db, id: string): Promise<NetworkRecord | undefined> {
  return remembered(db, READ, `network ${id}`, async () => (await readNetworks(db, [id]))[0])
}

async function readNetworks(db: Db, ids: readonly string[]): Promise<NetworkRecord[]> {
  const rows = await networks.findIn(db, 'id', ids)
  const segments = new Map<string, SegmentRecord[]>()
  for (const segment of await networkSegments.findIn(db, 'networkId', ids)) group(segments, segment.networkId, segment)
  const targets = await sharedWith(db, ids)
  const subnets = new Map<string, string[]>()
  const scopes = new Map<string, string>()
  const routed = new Set<string>()
  const agents = new Map<string, { host: string; zone: string | null; up: boolean }[]>()
  for (const part of chunks(ids)) {
    const members = sql.join(part)
    const found = await sql<{
      id: string
      network_id: string
      ip_version: number
      segment_id: string | null
      address_scope_id: string | null
    }>`
      select s.id, s.network_id, s.ip_version, s.segment_id, p.address_scope_id
      from subnets s left join subnetpools p on p.id = s.subnetpool_id
      where s.network_id in (${members}) order by s.created_at, s.id`.execute(db)
    for (const row of found.rows) {
      group(subnets, row.network_id, row.id)
      if (row.segment_id !== null) routed.add(row.network_id)
      if (row.address_scope_id !== null) scopes.set(`${row.network_id}/${row.ip_version}`, row.address_scope_id)
    }
    const bound = await sql<{ network_id: string; host: string; availability_zone: string | null; up: number }>`
      select b.network_id, a.host, a.availability_zone, a.admin_state_up as up from dhcp_bindings b join agents a on a.id = b.agent_id
      where b.network_id in (${members}) order by a.host`.execute(db)
    for (const row of bound.rows) {
      group(agents, row.network_id, { host: row.host, zone: row.availability_zone, up: Number(row.up) === 1 })
    }
  }
  return rows.map((row) => ({
    ...row,
    segments: (segments.get(row.id) ?? [])
      .sort((a, b) => a.position - b.position)
      .map(({ id, networkType, physicalNetwork, segmentationId }) => ({
        id,
        networkType,
        physicalNetwork,
        segmentationId,
      })),
    routed: routed.has(row.id),
    subnetIds: subnets.get(row.id) ?? [],
    sharedWith: targets.get(row.id) ?? [],
    ipv4AddressScopeId: scopes.get(`${row.id}/4`) ?? null,
    ipv6AddressScopeId: scopes.get(`${row.id}/6`) ?? null,
    dhcpHosts: (agents.get(row.id) ?? []).map(({ host }) => host),
    servingHosts: (agents.get(row.id) ?? []).filter(({ up }) => up).map(({ host }) => host),
    availabilityZones: [...new Set((agents.get(row.id) ?? []).flatMap(({ zone }) => zone ?? []))].sort(),
  }))
}

export async function renderNetworks(db: Db, ids: readonly string[]): Promise<CloudNetwork[]> {
  return (await loadNetworks(db, ids)).map((network) => ({
    kind: 'network',
    id: network.id,
    projectId: network.projectId,
    name: network.name,
    adminStateUp: network.adminStateUp,
    external: network.external,
    mtu: network.mtu,
    segments: network.segments,
    dnsDomain: network.dnsDomain,
    dhcpHosts: network.servingHosts,
    ...(network.qosPolicyId !== null && { qosPolicyId: network.qosPolicyId }),
  }))
}
