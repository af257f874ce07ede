import { sql } from 'kysely'
import type { AddressPair, CloudPort, ExtraDhcpOpt, FixedIp } from '../model/cloud.js'
import { ipAllocations } from './addresses.js'
import { standardColumns } from './standard-attributes.js'
import { chunks, type Db, flag, json, type RecordOf, Table, text, textOrNull } from './table.js'

export const ports = new Table('ports', {
  ...standardColumns,
  networkId: text('network_id'),
  name: text('name'),
  mac: text('mac_address'),
  adminStateUp: flag('admin_state_up'),
  status: text('status'),
  deviceId: text('device_id'),
  deviceOwner: text('device_owner'),
  hostId: text('host_id'),
  vnicType: text('vnic_type'),
  profile: json<Readonly<Record<string, unknown>>>('profile'),
  vifType: text('vif_type'),
  vifDetails: json<Readonly<Record<string, unknown>>>('vif_details'),
  portSecurityEnabled: flag('port_security_enabled'),
  allowedAddressPairs: json<readonly AddressPair[]>('allowed_address_pairs'),
  extraDhcpOpts: json<readonly ExtraDhcpOpt[]>('extra_dhcp_opts'),
  dnsName: text('dns_name'),
  dnsDomain: text('dns_domain'),
  propagateUplinkStatus: flag('propagate_uplink_status'),
  dhcpReady: flag('dhcp_ready'),
  numaAffinityPolicy: textOrNull('numa_affinity_policy'),
  deviceProfile: textOrNull('device_profile'),
  qosPolicyId: textOrNull('qos_policy_id'),
})

export const portSecurityGroups = new Table('port_security_groups', {
  portId: text('port_id'),
  securityGroupId: text('security_group_id'),
})

/** Hosts on which ports are wired, whichever host a port is meant for now. */
export const wiredPorts = new Table('wired_ports', { portId: text('port_id'), host: text('host') })

export type PortRow = RecordOf<typeof ports.columns>

export interface PortRecord extends PortRow {
  readonly fixedIps: readonly FixedIp[]
  /** ids, sorted */
  readonly securityGroups: readonly string[]
  /** the network's policy */
  readonly networkQosPolicyId: string | null
}

export async function loadPorts(db: Db, ids: readonly string[]): Promise<PortRecord[]> {
  return withParts(db, await ports.findIn(db, 'id', ids))
}

export async function loadPort(db: Db, id: string): Promise<PortRecord | undefined> {
  return (await loadPorts(db, [id]))[0]
}

/** Ports whose fields equal the given ones, oldest first. */
export async function findPorts(db: Db, fields: Partial<PortRow>): Promise<PortRecord[]> {
  const rows = await ports.find(db, fields)
  rows.sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1))
  return withParts(db, rows)
}

async function withParts(db: Db, rows: readonly PortRow[]): Promise<PortRecord[]> {
  const ids = rows.map(({ id }) => id)
  const fixedIps = new Map<string, { position: number; value: FixedIp }[]>(ids.map((id) => [id, []]))
  for (const { portId, position, subnetId, ip } of await ipAllocations.findIn(db, 'portId', ids)) {
    fixedIps.get(portId)!.push({ position, value: { subnetId, ip } })
  }
  const groups = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const { portId, securityGroupId } of await portSecurityGroups.findIn(db, 'portId', ids)) {
    groups.get(portId)!.push(securityGroupId)
  }
  const policies = await networkPolicies(db, [...new Set(rows.map(({ networkId }) => networkId))])
  return rows.map((row) => ({
    ...row,
    networkQosPolicyId: policies.get(row.networkId) ?? null,
    fixedIps: fixedIps
      .get(row.id)!
      .sort((a, b) => a.position - b.position)
      .map(({ value }) => value),
    securityGroups: groups.get(row.id)!.sort(),
  }))
}

async function networkPolicies(db: Db, networkIds: readonly string[]): Promise<Map<string, string>> {
  const policies = new Map<string, string>()
  for (const part of chunks(networkIds)) {
    const { rows } = await sql<{ id: string; qos_policy_id: string }>`
      select id, qos_policy_id from networks where qos_policy_id is not null and id in (${sql.join(part)})`.execute(db)
    for (const row of rows) policies.set(row.id, row.qos_policy_id)
  }
  return policies
}

export async function renderPorts(db: Db, ids: readonly string[]): Promise<CloudPort[]> {
  return (await loadPorts(db, ids)).map(renderPort)
}

/** A port's value in the change log. */
export function renderPort(port: PortRecord): CloudPort {
  return {
    kind: 'port',
    id: port.id,
    networkId: port.networkId,
    projectId: port.projectId,
    name: port.name,
    mac: port.mac,
    fixedIps: port.fixedIps,
    deviceId: port.deviceId,
    deviceOwner: port.deviceOwner,
    adminStateUp: port.adminStateUp,
    status: port.status,
    host: port.hostId === '' ? null : port.hostId,
    vifType: port.vifType,
    portSecurityEnabled: port.portSecurityEnabled,
    securityGroups: port.securityGroups,
    allowedAddressPairs: port.allowedAddressPairs,
    extraDhcpOpts: port.extraDhcpOpts,
    dnsName: port.dnsName,
    ...(port.qosPolicyId !== null && { qosPolicyId: port.qosPolicyId }),
  }
}
