import type { CloudSubnet, Route } from '../model/cloud.js'
import { allocationPools, keyToIp } from './addresses.js'
import { group } from './group.js'
import { remembered } from './session.js'
import { standardColumns } from './standard-attributes.js'
import { type Column, type Db, flag, int, json, type RecordOf, Table, text, textOrNull } from './table.js'

const ipVersionColumn: Column<4 | 6> = { ...int('ip_version'), decode: (stored) => (Number(stored) === 6 ? 6 : 4) }

export const subnets = new Table('subnets', {
  ...standardColumns,
  networkId: text('network_id'),
  name: text('name'),
  cidr: text('cidr'),
  ipVersion: ipVersionColumn,
  gatewayIp: textOrNull('gateway_ip'),
  enableDhcp: flag('enable_dhcp'),
  dnsNameservers: json<readonly string[]>('dns_nameservers'),
  hostRoutes: json<readonly Route[]>('host_routes'),
  ipv6RaMode: textOrNull('ipv6_ra_mode'),
  ipv6AddressMode: textOrNull('ipv6_address_mode'),
  subnetpoolId: textOrNull('subnetpool_id'),
  serviceTypes: json<readonly string[]>('service_types'),
  dnsPublishFixedIp: flag('dns_publish_fixed_ip'),
  segmentId: textOrNull('segment_id'),
})

export type SubnetRow = RecordOf<typeof subnets.columns>

export interface Pool {
  readonly start: string
  readonly end: string
}

export interface SubnetRecord extends SubnetRow {
  readonly pools: readonly Pool[]
}

/** What subnets are read from. */
const READ = ['subnets', 'allocation_pools']

export async function loadSubnets(db: Db, ids: readonly string[]): Promise<readonly SubnetRecord[]> {
  if (ids.length !== 1) return withPools(db, await subnets.findIn(db, 'id', ids))
  return remembered(db, READ, `subnet ${ids[0]}`, async () => withPools(db, await subnets.findIn(db, 'id', ids)))
}

export async function loadSubnet(db: Db, id: string): Promise<SubnetRecord | undefined> {
  return (await loadSubnets(db, [id]))[0]
}

/** Subnets of a network, oldest first. */
export async function subnetsOfNetwork(db: Db, networkId: string): Promise<readonly SubnetRecord[]> {
  return remembered(db, READ, `subnets of ${networkId}`, () => readSubnetsOf(db, networkId))
}

async function readSubnetsOf(db: Db, networkId: string): Promise<SubnetRecord[]> {
  const rows = await subnets.find(db, { networkId })
  rows.sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1))
  return withPools(db, rows)
}

async function withPools(db: Db, rows: readonly SubnetRow[]): Promise<SubnetRecord[]> {
  const ids = rows.map(({ id }) => id)
  const pools = new Map<string, RecordOf<typeof allocationPools.columns>[]>()
  for (const pool of await allocationPools.findIn(db, 'subnetId', ids)) group(pools, pool.subnetId, pool)
  return rows.map((row) => ({
    ...row,
    pools: (pools.get(row.id) ?? [])
      .sort((a, b) => (a.first < b.first ? -1 : 1))
      .map(({ first, last }) => ({ start: keyToIp(first), end: keyToIp(last) })),
  }))
}

export async function renderSubnets(db: Db, ids: readonly string[]): Promise<CloudSubnet[]> {
  return (await subnets.findIn(db, 'id', ids)).map((subnet) => ({
    kind: 'subnet',
    id: subnet.id,
    networkId: subnet.networkId,
    cidr: subnet.cidr,
    ipVersion: subnet.ipVersion,
    gatewayIp: subnet.gatewayIp,
    enableDhcp: subnet.enableDhcp,
    dnsNameservers: subnet.dnsNameservers,
    hostRoutes: subnet.hostRoutes,
    ipv6RaMode: subnet.ipv6RaMode,
    ipv6AddressMode: subnet.ipv6AddressMode,
    ...(subnet.segmentId !== null && { segmentId: subnet.segmentId }),
  }))
}
