import { isDeepStrictEqual } from 'node:util'
import { isTrustedOwner } from '../../model/owners.js'
import { loadPort, type PortRecord, type PortRow, ports, renderPort } from '../../store/ports.js'
import { revise } from '../../store/standard-attributes.js'
import type { Transaction } from '../../store/transaction.js'
import { patchOf, standardChanges } from '../attributes.js'
import type { Core } from '../core.js'
import { groupsNeedPortSecurity, portBound, portHasGroups, portNotFound } from '../fault-messages.js'
import { type AskedAddress, allocateAddresses, changeAddresses, followMac } from '../ipam/addresses.js'
import { checkHostFits } from '../ipam/segment-subnets.js'
import type { AllocationChange } from '../qos/allocation-change.js'
import { AllocationOutdated } from '../qos/with-allocation.js'
import type { Attributes, RequestContext } from '../service.js'
import { bindPort, isBound } from './binding.js'
import { deviceMac, givesBackDevice } from './device-mac.js'
import { mergeDhcpOptions } from './dhcp-options.js'
import { chooseMac } from './mac.js'
import { otherPolicy } from './policy.js'
import { addressPairs, checkGroups, writeGroups } from './security.js'
import { settleStatus } from './status.js'

/**
 * Changes a port inside a transaction; what does not change stays untouched. `planned`: what Placement was told of another
 * policy; AllocationOutdated when that is not what it means now.
 */
export async function updatePort(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  id: string,
  changes: Attributes,
  planned: AllocationChange | null = null,
): Promise<PortRecord> {
  const before = await loadPort(tx.db, id)
  if (!before) throw portNotFound(id)
  await core.hooks.run('port.before-update', { tx, ctx, port: before, changes })
  const { qosPolicyId, change } = await otherPolicy(tx.db, ctx, before, changes)
  if (!isDeepStrictEqual(change, planned)) throw new AllocationOutdated(before.deviceId)
  const fields = await fieldsOf(core, tx, before, changes)
  const patch = {
    ...fields,
    ...(qosPolicyId !== undefined && { qosPolicyId }),
    ...(change && { profile: { ...(fields.profile ?? before.profile), allocation: change.allocation } }),
  }
  await revise(tx, ports, before, patch)
  await updateGroups(tx, ctx, before, { ...before, ...patch }, changes)
  if (patch.mac !== undefined) await followMac(tx.db, { ...before, ...patch }, before.mac)
  const { fixedIps } = patch.mac === undefined ? before : (await loadPort(tx.db, id))!
  await readdress(core, tx, before, { ...before, ...patch, fixedIps }, changes)
  tx.touch('port', id)
  const placed = await rebind(core, tx, ctx, before, (await loadPort(tx.db, id))!)
  const port = await settleStatus(core, tx, ctx, placed)
  const { touches } = tx
  await core.hooks.run('port.after-update', { tx, ctx, before, port })
  if (isBound(port) && (!isBound(before) || before.hostId !== port.hostId)) {
    await core.hooks.run('port.bound', { tx, ctx, port, host: port.hostId })
  }
  // a part that took part may have changed the port
  if (tx.touches !== touches) return (await loadPort(tx.db, id))!
  tx.known(renderPort(port))
  return port
}

/**
 * The port's addresses as asked; without a word of them those of a port that waited for its host are chosen now, and
 * others must be of use on the new host. (The service's own ports stay unbound where theirs are not.)
 */
async function readdress(
  core: Core,
  tx: Transaction,
  before: PortRecord,
  port: PortRecord,
  changes: Attributes,
): Promise<void> {
  const asked = changes.fixed_ips as readonly AskedAddress[] | null | undefined
  if (asked !== undefined) await changeAddresses(core, tx.db, port, asked ?? [])
  else if (port.hostId === '' || port.hostId === before.hostId) return
  else if (port.fixedIps.length === 0) {
    if (port.ipAllocation === 'deferred') await allocateAddresses(core, tx.db, port, null)
  } else if (!isTrustedOwner(port.deviceOwner)) await checkHostFits(core, tx.db, port, port.hostId)
}

async function fieldsOf(
  core: Core,
  tx: Transaction,
  before: PortRecord,
  changes: Attributes,
): Promise<Partial<PortRow>> {
  const plain = patchOf<PortRow>(changes, {
    ...standardChanges,
    admin_state_up: (adminStateUp: boolean) => ({ adminStateUp }),
    device_id: (deviceId: string | null) => ({ deviceId: deviceId ?? '' }),
    device_owner: (deviceOwner: string | null) => ({ deviceOwner: deviceOwner ?? '' }),
    'binding:host_id': (hostId: string | null) => ({ hostId: hostId ?? '' }),
    'binding:vnic_type': (vnicType: string) => ({ vnicType }),
    'binding:profile': (profile: Record<string, unknown> | null) => ({ profile: profile ?? {} }),
    port_security_enabled: (portSecurityEnabled: boolean) => ({ portSecurityEnabled }),
    dns_name: (dnsName: string | null) => ({ dnsName: dnsName ?? '' }),
    dns_domain: (dnsDomain: string | null) => ({ dnsDomain: dnsDomain ?? '' }),
    propagate_uplink_status: (propagateUplinkStatus: boolean) => ({ propagateUplinkStatus }),
    numa_affinity_policy: (numaAffinityPolicy: string | null) => ({ numaAffinityPolicy }),
    extra_dhcp_opts: (asked: never[] | null) => ({
      extraDhcpOpts: mergeDhcpOptions(before.extraDhcpOpts, asked ?? []),
    }),
  })
  const mac = await newMac(core, tx, before, plain, changes)
  const secured = plain.portSecurityEnabled ?? before.portSecurityEnabled
  const pairs = changes.allowed_address_pairs as never[] | null | undefined
  const allowedAddressPairs =
    pairs === undefined
      ? pairsAfter(core, before, secured, mac)
      : addressPairs(core, pairs ?? [], mac ?? before.mac, secured)
  return { ...plain, ...(mac === undefined ? {} : { mac }), ...(allowedAddressPairs ? { allowedAddressPairs } : {}) }
}

/** Pairs that stay must still be allowed, and follow the port's MAC. */
function pairsAfter(
  core: Core,
  before: PortRecord,
  secured: boolean,
  mac: string | undefined,
): PortRow['allowedAddressPairs'] | undefined {
  if (!secured || mac !== undefined) {
    const asked = before.allowedAddressPairs.map((pair) => ({
      ip_address: pair.ip,
      mac_address: pair.mac === before.mac ? (mac ?? pair.mac) : pair.mac,
    }))
    return addressPairs(core, asked, mac ?? before.mac, secured)
  }
  return undefined
}

/** A wired port keeps its MAC, unless it is that of a device; null asks for a new one. */
async function newMac(
  core: Core,
  tx: Transaction,
  before: PortRecord,
  plain: Partial<PortRow>,
  changes: Attributes,
): Promise<string | undefined> {
  if (givesBackDevice(before, changes)) return chooseMac(core, tx.db, before.networkId, null)
  // only what names it anew: a port that was given back keeps its own, whatever its profile still says
  const device = plain.profile || plain.vnicType ? deviceMac({ ...before, ...plain }) : null
  if (device !== null) return device === before.mac ? undefined : chooseMac(core, tx.db, before.networkId, device)
  const asked = changes.mac_address as string | null | undefined
  if (asked === undefined || asked?.toLowerCase() === before.mac) return undefined
  const moves = plain.hostId !== undefined && plain.hostId !== before.hostId
  if (isBound(before) && !moves) throw portBound(before.id, before.vifType, before.mac, String(asked))
  return chooseMac(core, tx.db, before.networkId, asked)
}

async function updateGroups(
  tx: Transaction,
  ctx: RequestContext,
  before: PortRecord,
  after: PortRow,
  changes: Attributes,
): Promise<void> {
  const asked = changes.security_groups as readonly string[] | null | undefined
  const secured = after.portSecurityEnabled && !isTrustedOwner(after.deviceOwner)
  if (asked === undefined) {
    if (changes.port_security_enabled === false && before.securityGroups.length > 0) throw portHasGroups()
    return
  }
  if ((asked ?? []).length > 0 && !secured) throw groupsNeedPortSecurity()
  await writeGroups(tx.db, before.id, await checkGroups(tx.db, ctx, before.projectId, asked ?? []))
}

/** Binds anew when the host or the kind of device changed, or when the last attempt failed. Resolves to the port as it is then. */
async function rebind(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  before: PortRecord,
  port: PortRecord,
): Promise<PortRecord> {
  const left = port.hostId !== before.hostId
  const moved = left || port.vnicType !== before.vnicType || port.deviceOwner !== before.deviceOwner
  if (!moved && (isBound(port) || port.hostId === '')) return port
  const binding = await bindPort(core, tx.db, port)
  await ports.update(tx.db, { id: port.id }, binding)
  if (!left || !isBound(before)) return { ...port, ...binding }
  await core.hooks.run('port.unbound', { tx, ctx, port, host: before.hostId })
  return (await loadPort(tx.db, port.id))!
}
