import type { Route } from '../../model/cloud.js'
import { type Cidr, canonicalIp, cidrOf, formatCidr } from '../../model/ip.js'
import { isRouterInterface, OWNER } from '../../model/owners.js'
import { allocationPools, ipAllocations, ipKey } from '../../store/addresses.js'
import { findPorts, loadPort, loadPorts } from '../../store/ports.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import { loadSubnet, type Pool, type SubnetRecord, subnets, subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { flagOf, listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { findVisible } from '../collection.js'
import type { Core } from '../core.js'
import { gatewayIpInUse, subnetInUse, tooManyHostRoutes, tooManyNameservers } from '../fault-messages.js'
import { releaseAddresses, takeAutomatic } from '../ipam/addresses.js'
import { serves } from '../ipam/service-subnets.js'
import { hasAutoAddresses, isRouterPort } from '../ipam/subnet-facts.js'
import { visibleNetwork } from '../network/collection.js'
import { portChanged } from '../port/changed.js'
import { deletePort } from '../port/delete.js'
import { checkQuota } from '../quota/limits.js'
import { segmentsOnHost } from '../segment/host-segments.js'
import { checkSegmentChange, checkSegmentOfNewSubnet } from '../segment/routed.js'
import type { Attributes, RequestContext, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { takePrefix } from '../subnetpool/allocate.js'
import type { Work } from '../work.js'
import {
  checkCidr,
  checkGateway,
  checkGatewayOutsidePools,
  checkHostRoutes,
  checkIpv6Modes,
  checkOverlap,
  checkPools,
  checkRoomForDhcp,
  defaultGateway,
  defaultPools,
} from './checks.js'
import { subnetCollection } from './collection.js'
import { settlePeerRoutes, withPeerRoutes } from './peer-routes.js'
import { networkChanged, removeSubnet } from './remove.js'
import { showSubnet } from './shape.js'

export function subnetService(core: Core): ResourceService {
  return storedCollection(core, subnetCollection, {
    create: async ({ tx, ctx }, item) => showSubnet(await createSubnet(core, tx, ctx, item)),
    find: findVisible(subnetCollection, loadSubnet),
    update: async (work, before, changes) => showSubnet(await updateSubnet(work, before, changes)),
    delete: deleteSubnet,
  })
}

/** Creates a subnet inside a transaction. */
export async function createSubnet(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  item: Attributes,
): Promise<SubnetRecord> {
  const network = await visibleNetwork(tx.db, ctx, textOf(item, 'network_id'))
  const segmentId = textOf(item, 'segment_id') || null
  await checkSegmentOfNewSubnet(tx.db, network.id, segmentId)
  const projectId = projectOf(item, ctx.projectId)
  await checkQuota(core, tx, projectId, 'subnet')
  const ipVersion = item.ip_version === 6 ? 6 : 4
  const modes = {
    ipVersion,
    enableDhcp: flagOf(item, 'enable_dhcp', true),
    ipv6RaMode: textOf(item, 'ipv6_ra_mode') || null,
    ipv6AddressMode: textOf(item, 'ipv6_address_mode') || null,
  } as const
  const taken = await takePrefix(tx.db, ctx, item, network.id, projectId)
  const cidr = checkCidr(taken ? formatCidr(taken.cidr) : textOf(item, 'cidr'), ipVersion, modes.enableDhcp)
  checkIpv6Modes(modes, cidr)
  checkOverlap(cidr, network.id, await subnetsOfNetwork(tx.db, network.id))
  const gatewayIp = gatewayOf(item, cidr)
  const pools = poolsOf(item, cidr, gatewayIp)
  const standard = newStandard(
    tx.now,
    { projectId, description: textOf(item, 'description'), tags: listOf<string>(item, 'tags') },
    0,
  )
  const hostRoutes = listOf<Route>(item, 'host_routes')
  const dnsNameservers = listOf<string>(item, 'dns_nameservers')
  checkLists(core, standard.id, ipVersion, dnsNameservers, hostRoutes)
  await subnets.insert(tx.db, {
    ...standard,
    ...modes,
    networkId: network.id,
    name: textOf(item, 'name'),
    cidr: formatCidr(cidr),
    gatewayIp,
    dnsNameservers,
    hostRoutes,
    subnetpoolId: taken?.subnetpoolId ?? null,
    serviceTypes: listOf<string>(item, 'service_types'),
    dnsPublishFixedIp: flagOf(item, 'dns_publish_fixed_ip', false),
    segmentId,
  })
  await writePools(tx.db, standard.id, pools)
  tx.touch('subnet', standard.id)
  await networkChanged(tx, network.id)
  if (segmentId !== null) await becameRouted(tx, network.id)
  const subnet = (await loadSubnet(tx.db, standard.id))!
  if (hasAutoAddresses(subnet)) await giveAutomaticAddresses(core, tx, subnet)
  await core.hooks.run('subnet.after-create', { tx, ctx, subnet })
  return subnet
}

/** Hosts are told of segments with their network, and each subnet the way to those on other segments. */
async function becameRouted(tx: Transaction, networkId: string): Promise<void> {
  tx.touch('network', networkId)
  await settlePeerRoutes(tx, networkId)
}

/** Null = none; not given = the first host address. */
function gatewayOf(item: Attributes, cidr: Cidr): string | null {
  if (item.gateway_ip === null) return null
  if (item.gateway_ip === undefined) return defaultGateway(cidr)
  const gateway = canonicalIp(String(item.gateway_ip))
  checkGateway(gateway, cidr)
  return gateway
}

function poolsOf(item: Attributes, cidr: Cidr, gateway: string | null): readonly Pool[] {
  const asked = item.allocation_pools as readonly Pool[] | null | undefined
  if (asked == null) return defaultPools(cidr, gateway)
  const pools = asked.map(({ start, end }) => ({ start: canonicalIp(start), end: canonicalIp(end) }))
  checkPools(pools, cidr, gateway)
  return pools
}

function checkLists(
  core: Core,
  id: string,
  version: 4 | 6,
  nameservers: readonly string[],
  routes: readonly Route[],
): void {
  const { max_dns_nameservers, max_subnet_host_routes } = core.config.DEFAULT
  if (nameservers.length > max_dns_nameservers) throw tooManyNameservers(id, max_dns_nameservers)
  if (routes.length > max_subnet_host_routes) throw tooManyHostRoutes(id, max_subnet_host_routes)
  checkHostRoutes(routes, version)
}

async function writePools(db: Db, subnetId: string, pools: readonly Pool[]): Promise<void> {
  await allocationPools.delete(db, { subnetId })
  await allocationPools.insert(
    db,
    ...pools.map(({ start, end }, position) => ({
      subnetId,
      position,
      first: ipKey(start),
      last: ipKey(end),
      next: ipKey(start),
    })),
  )
}

/** Ports that are there already make themselves an address on the new subnet, too. */
async function giveAutomaticAddresses(core: Core, tx: Transaction, subnet: SubnetRecord): Promise<void> {
  for (const port of await findPorts(tx.db, { networkId: subnet.networkId })) {
    if (isRouterPort(port.deviceOwner) || port.deviceOwner === OWNER.floatingIp) continue
    if (!serves(subnet, port.deviceOwner) || !(await isOnSegment(core, tx.db, subnet, port.hostId))) continue
    await takeAutomatic(tx.db, port, subnet, port.fixedIps.length)
    await portChanged(tx, port)
  }
}

/** Whether a host has the wire that the subnet is on. */
async function isOnSegment(core: Core, db: Db, { networkId, segmentId }: SubnetRecord, host: string): Promise<boolean> {
  return segmentId === null || (await segmentsOnHost(core, db, host, networkId))?.has(segmentId) === true
}

async function updateSubnet({ core, tx, ctx }: Work, before: SubnetRecord, changes: Attributes): Promise<SubnetRecord> {
  const { id } = before
  await core.hooks.run('subnet.before-update', { tx, ctx, subnet: before, changes })
  const patch = patchOf<SubnetRecord>(changes, {
    ...standardChanges,
    gateway_ip: (gatewayIp: string | null) => ({ gatewayIp: gatewayIp === null ? null : canonicalIp(gatewayIp) }),
    enable_dhcp: (enableDhcp: boolean) => ({ enableDhcp }),
    dns_nameservers: (dnsNameservers: readonly string[] | null) => ({ dnsNameservers: dnsNameservers ?? [] }),
    host_routes: (hostRoutes: readonly Route[] | null) => ({ hostRoutes: hostRoutes ?? [] }),
    service_types: (serviceTypes: readonly string[]) => ({ serviceTypes }),
    dns_publish_fixed_ip: (dnsPublishFixedIp: boolean) => ({ dnsPublishFixedIp }),
    segment_id: (segmentId: string | null) => ({ segmentId }),
  })
  await checkUpdate(core, tx, before, { ...before, ...patch }, changes)
  const routes = await peerRoutesAfter(tx.db, before, { ...before, ...patch })
  await revise(tx, subnets, before, { ...patch, ...routes })
  tx.touch('subnet', id)
  if (patch.segmentId) await becameRouted(tx, before.networkId)
  const subnet = (await loadSubnet(tx.db, id))!
  await core.hooks.run('subnet.after-update', { tx, ctx, before, subnet })
  return subnet
}

/** Routes to other segments stay when a client changes the list, and follow the gateway. */
async function peerRoutesAfter(
  db: Db,
  before: SubnetRecord,
  after: SubnetRecord,
): Promise<Partial<Pick<SubnetRecord, 'hostRoutes'>>> {
  if (after.segmentId === null || (after.hostRoutes === before.hostRoutes && after.gatewayIp === before.gatewayIp))
    return {}
  const others = (await subnetsOfNetwork(db, before.networkId)).filter(({ id }) => id !== before.id)
  return { hostRoutes: withPeerRoutes(after, others, { gatewayIp: before.gatewayIp }) }
}

async function checkUpdate(
  core: Core,
  tx: Transaction,
  before: SubnetRecord,
  after: SubnetRecord,
  changes: Attributes,
): Promise<void> {
  const cidr = cidrOf(before.cidr)
  await checkSegmentChange(tx.db, before, after.segmentId)
  checkLists(core, before.id, before.ipVersion, after.dnsNameservers, after.hostRoutes)
  if (after.enableDhcp !== before.enableDhcp) {
    checkIpv6Modes(after, cidr)
    if (after.enableDhcp) checkRoomForDhcp(cidr)
  }
  const newPools = changes.allocation_pools ? poolsOf(changes, cidr, after.gatewayIp) : null
  if (after.gatewayIp !== before.gatewayIp) {
    if (after.gatewayIp !== null) checkGateway(after.gatewayIp, cidr)
    if (before.gatewayIp !== null) await checkGatewayFree(tx.db, before)
    if (after.gatewayIp !== null) checkGatewayOutsidePools(after.gatewayIp, newPools ?? before.pools)
  }
  if (newPools) await writePools(tx.db, before.id, newPools)
}

async function checkGatewayFree(db: Db, subnet: SubnetRecord): Promise<void> {
  const holder = await ipAllocations.findOne(db, { subnetId: subnet.id, key: ipKey(subnet.gatewayIp!) })
  const port = holder && (await loadPort(db, holder.portId))
  if (port && isRouterInterface(port.deviceOwner)) throw gatewayIpInUse(subnet.gatewayIp!, port.id)
}

/** Ports whose address may go away under them. */
const LET_GO: readonly string[] = [OWNER.dhcp, 'network:distributed', OWNER.agentGateway]

async function deleteSubnet({ core, tx, ctx }: Work, subnet: SubnetRecord): Promise<void> {
  const { id } = subnet
  await core.hooks.run('subnet.before-delete', { tx, ctx, subnet })
  const holders = await ipAllocations.find(tx.db, { subnetId: id })
  const users = await loadPorts(tx.db, [...new Set(holders.map(({ portId }) => portId))])
  for (const port of users) {
    const automatic = hasAutoAddresses(subnet) && !isRouterPort(port.deviceOwner)
    if (!automatic && !LET_GO.includes(port.deviceOwner)) throw subnetInUse(id)
  }
  for (const port of users) {
    const own = port.fixedIps.filter(({ subnetId }) => subnetId === id)
    if (own.length === port.fixedIps.length && LET_GO.includes(port.deviceOwner))
      await deletePort(core, tx, ctx, port.id)
    else {
      await releaseAddresses(tx.db, port.id, own)
      await portChanged(tx, port)
    }
  }
  await removeSubnet(core, tx, ctx, subnet)
  if (subnet.segmentId !== null) await settlePeerRoutes(tx, subnet.networkId, subnet.cidr)
}
