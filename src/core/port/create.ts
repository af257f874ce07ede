import { isTrustedOwner } from '../../model/owners.js'
import { loadPort, type PortRecord, type PortRow, portSecurityGroups, ports, renderPort } from '../../store/ports.js'
import { newStandard } from '../../store/standard-attributes.js'
import type { Transaction } from '../../store/transaction.js'
import { flagOf, listOf, projectOf, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import { type AskedAddress, allocateAddresses } from '../ipam/addresses.js'
import { visibleNetwork } from '../network/collection.js'
import { askedPolicy } from '../qos/attach.js'
import { checkPolicyFits } from '../qos/fits.js'
import type { Attributes, RequestContext } from '../service.js'
import { bindPort, isBound } from './binding.js'
import { deviceMac } from './device-mac.js'
import { mergeDhcpOptions } from './dhcp-options.js'
import { chooseMac } from './mac.js'
import { addressPairs, groupsOfNewPort } from './security.js'
import { firstStatus } from './status.js'

/**
 * Creates a port inside a transaction: MAC, groups, addresses, binding. No quota is taken: that is for requests,
 * not for ports the service makes for itself. A given `id` is used.
 */
export async function createPort(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  item: Attributes,
): Promise<PortRecord> {
  const network = await visibleNetwork(tx.db, ctx, textOf(item, 'network_id'))
  await core.hooks.run('port.before-create', { tx, ctx, attributes: item, network })
  const deviceOwner = textOf(item, 'device_owner')
  const vnicType = textOf(item, 'binding:vnic_type', 'normal')
  const profile = (item['binding:profile'] as PortRow['profile'] | null | undefined) ?? {}
  const mac = await chooseMac(
    core,
    tx.db,
    network.id,
    deviceMac({ vnicType, profile }) ?? (textOf(item, 'mac_address') || null),
  )
  const portSecurityEnabled =
    !isTrustedOwner(deviceOwner) && flagOf(item, 'port_security_enabled', network.portSecurityEnabled)
  const standard = newStandard(tx.now, {
    id: item.id as string | undefined,
    projectId: projectOf(item, ctx.projectId),
    description: textOf(item, 'description'),
    tags: listOf<string>(item, 'tags'),
  })
  const groups = await groupsOfNewPort(
    tx,
    ctx,
    { ...standard, deviceOwner, portSecurityEnabled },
    item.security_groups as readonly string[] | null | undefined,
  )
  const row: PortRow = {
    ...standard,
    networkId: network.id,
    name: textOf(item, 'name'),
    mac,
    adminStateUp: flagOf(item, 'admin_state_up', true),
    status: firstStatus(deviceOwner),
    deviceId: textOf(item, 'device_id'),
    deviceOwner,
    hostId: textOf(item, 'binding:host_id'),
    vnicType,
    profile,
    vifType: 'unbound',
    vifDetails: {},
    portSecurityEnabled,
    allowedAddressPairs: addressPairs(core, listOf(item, 'allowed_address_pairs'), mac, portSecurityEnabled),
    extraDhcpOpts: mergeDhcpOptions([], listOf(item, 'extra_dhcp_opts')),
    dnsName: textOf(item, 'dns_name'),
    dnsDomain: textOf(item, 'dns_domain'),
    propagateUplinkStatus: flagOf(item, 'propagate_uplink_status', true),
    dhcpReady: false,
    numaAffinityPolicy: textOf(item, 'numa_affinity_policy') || null,
    deviceProfile: textOf(item, 'device_profile') || null,
    qosPolicyId: (await askedPolicy(tx.db, ctx, item)).qosPolicyId ?? null,
    ipAllocation: 'immediate',
  }
  await checkPolicyFits(tx.db, row.qosPolicyId, { networkId: network.id, portId: row.id })
  await ports.insert(tx.db, row)
  await portSecurityGroups.insert(tx.db, ...groups.map((id) => ({ portId: row.id, securityGroupId: id })))
  const asked = (item.fixed_ips as readonly AskedAddress[] | null | undefined) ?? null
  const allocated = await allocateAddresses(core, tx.db, row, asked)
  const fixedIps = allocated ?? []
  const ipAllocation = allocated === null ? 'deferred' : asked?.length === 0 ? 'none' : 'immediate'
  if (ipAllocation !== row.ipAllocation) await ports.update(tx.db, { id: row.id }, { ipAllocation })
  const unbound: PortRecord = {
    ...row,
    ipAllocation,
    fixedIps,
    securityGroups: [...groups].sort(),
    networkQosPolicyId: network.qosPolicyId,
    trunkId: null,
  }
  const binding = await bindPort(core, tx.db, unbound)
  if (binding.vifType !== unbound.vifType) await ports.update(tx.db, { id: row.id }, binding)
  const port: PortRecord = { ...unbound, ...binding }
  tx.touchNew('port', port.id)
  const { touches } = tx
  await core.hooks.run('port.after-create', { tx, ctx, port, network })
  if (isBound(port)) await core.hooks.run('port.bound', { tx, ctx, port, host: port.hostId })
  // a part that took part may have changed the port
  if (tx.touches !== touches) return (await loadPort(tx.db, port.id))!
  tx.known(renderPort(port))
  return port
}
