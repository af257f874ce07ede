import { OWNER } from '../../model/owners.js'
import { loadNetwork, type NetworkRecord, networks } from '../../store/networks.js'
import { findPorts, ports } from '../../store/ports.js'
import { EVERYBODY, rbacPolicies } from '../../store/rbac-policies.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import { subnetsOfNetwork } from '../../store/subnets.js'
import type { Transaction } from '../../store/transaction.js'
import { checkZoneHints } from '../agent/availability-zones.js'
import { flagOf, listOf, numberOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import {
  defaultExternalNetworkExists,
  externalNetworkInUse,
  invalidInput,
  invalidSharedSetting,
  networkInUse,
} from '../fault-messages.js'
import { deletePort } from '../port/delete.js'
import { askedPolicy, policyOfNewNetwork } from '../qos/attach.js'
import { checkPolicyFits } from '../qos/fits.js'
import { followNetworkPolicy } from '../qos/network-policy.js'
import { checkQuota } from '../quota/limits.js'
import { portsOfOthers } from '../rbac/in-use.js'
import { closeCompletely, closeToAll, openToAll } from '../rbac/sharing.js'
import { defaultGroup } from '../security-group/default-group.js'
import type { Attributes, RequestContext, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { removeSubnet } from '../subnet/remove.js'
import type { Work } from '../work.js'
import { networkCollection, visibleNetwork } from './collection.js'
import { createSegments, isProviderAttribute } from './segments.js'
import { largestMtu, showNetwork } from './shape.js'

export function networkService(core: Core): ResourceService {
  return storedCollection(core, networkCollection, {
    create: async ({ tx, ctx }, item) => showNetwork(await createNetwork(core, tx, ctx, item), ctx),
    find: visibleNetwork,
    update: async (work, before, changes) => showNetwork(await updateNetwork(work, before, changes), work.ctx),
    updated: (ctx, before, after) => followNetworkPolicy(core, ctx, before, after.qos_policy_id as string | null),
    delete: deleteNetwork,
  })
}

/** Creates a network inside a transaction; segments are allocated with it. */
export async function createNetwork(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  item: Attributes,
): Promise<NetworkRecord> {
  const projectId = projectOf(item, ctx.projectId)
  if (projectId !== '') await defaultGroup(tx, projectId)
  await checkQuota(core, tx, projectId, 'network')
  const external = flagOf(item, 'router:external', false)
  const availabilityZoneHints = listOf<string>(item, 'availability_zone_hints')
  await checkZoneHints(tx.db, 'network', availabilityZoneHints)
  const standard = newStandard(tx.now, {
    projectId,
    description: textOf(item, 'description'),
    tags: listOf<string>(item, 'tags'),
  })
  await networks.insert(tx.db, {
    ...standard,
    name: textOf(item, 'name'),
    adminStateUp: flagOf(item, 'admin_state_up', true),
    status: 'ACTIVE',
    external,
    isDefault: external && flagOf(item, 'is_default', false),
    mtu: 0,
    portSecurityEnabled: flagOf(item, 'port_security_enabled', true),
    availabilityZoneHints,
    dnsDomain: textOf(item, 'dns_domain'),
    qosPolicyId: await policyOfNewNetwork(tx.db, ctx, projectId, item),
  })
  if (external && flagOf(item, 'is_default', false)) await checkNoDefault(tx, standard.id)
  if (flagOf(item, 'shared', false)) await openToAll(tx.db, 'network', standard)
  if (external) await openToAll(tx.db, 'network', standard, 'access_as_external')
  const segments = await createSegments({ core, tx }, standard, item, external)
  await networks.update(tx.db, { id: standard.id }, { mtu: mtuOf(core, segments, numberOf(item, 'mtu')) })
  tx.touch('network', standard.id)
  const network = (await loadNetwork(tx.db, standard.id))!
  await checkPolicyFits(tx.db, network.qosPolicyId, { networkId: network.id })
  await core.hooks.run('network.after-create', { tx, ctx, network })
  return network
}

/** Null or 0: as large as the segments allow. */
function mtuOf(core: Core, segments: NetworkRecord['segments'], asked: number | null): number {
  const largest = largestMtu(core, segments)
  if (asked === null || asked === 0) return largest
  if (asked > largest) throw invalidInput(`Requested MTU is too big, maximum is ${largest}`)
  return asked
}

async function updateNetwork(
  { core, tx, ctx }: Work,
  before: NetworkRecord,
  changes: Attributes,
): Promise<NetworkRecord> {
  const { id } = before
  checkProviderUnchanged(before, changes, ctx)
  if (typeof changes.shared === 'boolean') await reshare(tx, before, changes.shared)
  if (changes['router:external'] === false && before.external) await makeInternal(tx, id)
  if (changes['router:external'] === true && !before.external) await makeExternal(tx, before)
  await core.hooks.run('network.before-update', { tx, ctx, network: before, changes })
  const patch = patchOf<NetworkRecord>(changes, {
    ...standardChanges,
    admin_state_up: (adminStateUp: boolean) => ({ adminStateUp }),
    'router:external': (external: boolean) => ({ external }),
    mtu: (mtu: number | null) => ({ mtu: mtuOf(core, before.segments, mtu) }),
    port_security_enabled: (portSecurityEnabled: boolean) => ({ portSecurityEnabled }),
    dns_domain: (dnsDomain: string) => ({ dnsDomain }),
  })
  const isDefault = await defaultAfter(tx, { ...before, ...patch }, changes)
  const qos = await askedPolicy(tx.db, ctx, changes, before.qosPolicyId)
  await checkPolicyFits(tx.db, qos.qosPolicyId, { networkId: id })
  await revise(tx, networks, before, { ...patch, ...qos, isDefault })
  tx.touch('network', id)
  const network = (await loadNetwork(tx.db, id))!
  await core.hooks.run('network.after-update', { tx, ctx, before, network })
  return network
}

/** A network stays on its segment for life; repeating its own values is allowed. */
function checkProviderUnchanged(network: NetworkRecord, changes: Attributes, ctx: RequestContext): void {
  const shown = showNetwork(network, ctx)
  for (const [name, value] of Object.entries(changes)) {
    if ((isProviderAttribute(name) || name === 'segments') && (shown[name] ?? null) !== (value ?? null)) {
      throw invalidInput('Plugin does not support updating provider attributes')
    }
  }
}

/** Shared with everybody or no longer; projects that have a policy of their own keep their access. */
async function reshare(tx: Transaction, network: NetworkRecord, shared: boolean): Promise<void> {
  if (shared === network.sharedWith.includes(EVERYBODY)) return
  if (shared) return openToAll(tx.db, 'network', network)
  if (await portsOfOthers(tx.db, network, EVERYBODY)) throw invalidSharedSetting(network.name)
  await closeToAll(tx.db, 'network', network.id)
}

/** Whether the network is the one that auto-allocated routers lead to; only an external network can be. */
async function defaultAfter(tx: Transaction, after: NetworkRecord, changes: Attributes): Promise<boolean> {
  const isDefault = after.external && flagOf(changes, 'is_default', after.isDefault)
  if (isDefault) await checkNoDefault(tx, after.id)
  return isDefault
}

async function checkNoDefault(tx: Transaction, id: string): Promise<void> {
  const known = (await networks.find(tx.db, { isDefault: true })).find((other) => other.id !== id)
  if (known) throw defaultExternalNetworkExists(known.id)
}

async function makeExternal(tx: Transaction, network: NetworkRecord): Promise<void> {
  await openToAll(tx.db, 'network', network, 'access_as_external')
}

/** A network that leads nowhere outside is opened to nobody for that. */
async function makeInternal(tx: Transaction, id: string): Promise<void> {
  await checkNoExternalPorts(tx, id)
  await rbacPolicies.delete(tx.db, { objectType: 'network', objectId: id, action: 'access_as_external' })
}

async function checkNoExternalPorts(tx: Transaction, id: string): Promise<void> {
  for (const deviceOwner of [OWNER.routerGateway, OWNER.floatingIp]) {
    if (await ports.findOne(tx.db, { networkId: id, deviceOwner })) throw externalNetworkInUse(id)
  }
}

/** Ports that exist for the network's own sake and go with it. */
const DELETED_WITH_NETWORK: readonly string[] = [OWNER.dhcp, OWNER.agentGateway, 'network:distributed']

/** Deletes a network that only the service's own ports are on; subnets go with it. */
export async function deleteNetwork({ core, tx, ctx }: Work, network: NetworkRecord): Promise<void> {
  const { id } = network
  await core.hooks.run('network.before-delete', { tx, ctx, network })
  const left = await findPorts(tx.db, { networkId: id })
  if (left.some(({ deviceOwner }) => !DELETED_WITH_NETWORK.includes(deviceOwner))) throw networkInUse(id)
  for (const port of left) await deletePort(core, tx, ctx, port.id)
  for (const subnet of await subnetsOfNetwork(tx.db, id)) await removeSubnet(core, tx, ctx, subnet)
  await closeCompletely(tx.db, 'network', id)
  await networks.delete(tx.db, { id })
  tx.touch('network', id)
  await core.hooks.run('network.after-delete', { tx, ctx, network })
}
