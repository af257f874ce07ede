import { sql } from 'kysely'
import type { AddressPair, CloudPort, ExtraDhcpOpt, FixedIp } from '../model/cloud.js'
import { runCompiled } from './compiled.js'
import type { Schema } from './schema.js'
import { standardColumns } from './standard-attributes.js'
import { type Condition, computed, type Db, flag, json, type RecordOf, Table, text, textOrNull, word } from './table.js'

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
  /** when its addresses were (or are) chosen: with the port, with its host, or never */
  ipAllocation: word<IpAllocation>('ip_allocation'),
})

export type IpAllocation = 'immediate' | 'deferred' | 'none'

export const portSecurityGroups = new Table('port_security_groups', {
  portId: text('port_id'),
  securityGroupId: text('security_group_id'),
})

/** Hosts on which ports are wired, whichever host a port is meant for now. */
export const wiredPorts = new Table('wired_ports', { portId: text('port_id'), host: text('host') })

export type PortRow = RecordOf<typeof ports.columns>

/** Ports with what belongs to them, read by one statement. */
const portRecords = new Table('ports', {
  ...ports.columns,
  fixedIps: computed(
    'fixed_ips',
    sql`select string_agg(a.position || ' ' || a.subnet_id || ' ' || a.ip, ',') from ip_allocations a where a.port_id = ports.id`,
    fixedIpsOf,
  ),
  /** ids, sorted */
  securityGroups: computed(
    'security_groups',
    sql`select string_agg(g.security_group_id, ',') from port_security_groups g where g.port_id = ports.id`,
    (stored): readonly string[] => stored?.split(',').sort() ?? [],
  ),
  /** the network's policy */
  networkQosPolicyId: computed(
    'network_qos_policy_id',
    sql`select n.qos_policy_id from networks n where n.id = ports.network_id`,
    (stored) => stored,
  ),
  /** the trunk that it is the parent of */
  trunkId: computed('trunk_id', sql`select t.id from trunks t where t.port_id = ports.id`, (stored) => stored),
})

export type PortRecord = RecordOf<typeof portRecords.columns>

/** `0 <subnet> <address>,1 <subnet> <address>` in any order. */
function fixedIpsOf(stored: string | null): readonly FixedIp[] {
  if (stored === null) return []
  const placed = stored.split(',').map((entry) => entry.split(' ') as [string, string, string])
  placed.sort(([a], [b]) => Number(a) - Number(b))
  return placed.map(([, subnetId, ip]) => ({ subnetId, ip }))
}

export async function loadPorts(db: Db, ids: readonly string[]): Promise<PortRecord[]> {
  return portRecords.findIn(db, 'id', ids)
}

export async function loadPort(db: Db, id: string): Promise<PortRecord | undefined> {
  return portRecords.findOne(db, { id })
}

/** Ports that meet a condition on their row; `tail`: order and limit. */
export async function selectPorts(db: Db, where: Condition, tail: Condition): Promise<PortRecord[]> {
  return portRecords.select(db, where, tail)
}

/** Ports whose fields equal the given ones, oldest first. */
export async function findPorts(db: Db, fields: Partial<PortRow>): Promise<PortRecord[]> {
  const found = await portRecords.find(db, fields)
  return found.sort((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? -1 : 1))
}

/** Those of `macs` that ports of the network have. */
export async function macsInUse(db: Db, networkId: string, macs: readonly string[]): Promise<string[]> {
  const { rows } = await runCompiled<{ mac_address: string }, Schema>(
    db,
    `ports macs ${macs.length}`,
    [networkId, ...macs],
    () => sql`select mac_address from ports where network_id = ${networkId} and mac_address in (${sql.join(macs)})`,
  )
  return rows.map(({ mac_address }) => mac_address)
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
