import { ipVersion } from '../../model/ip.js'
import { isComputeOwner, OWNER } from '../../model/owners.js'
import { type FloatingIpRecord, floatingIps, loadFloatingIp } from '../../store/floating-ips.js'
import { portForwardings } from '../../store/port-forwardings.js'
import { loadPort, loadPorts } from '../../store/ports.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import { subnetsOfNetwork } from '../../store/subnets.js'
import { listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { type Collection, findVisible, visibleOwn } from '../collection.js'
import type { Core } from '../core.js'
import { Fault } from '../faults.js'
import { visibleNetwork } from '../network/collection.js'
import { networkChangedEvent } from '../notifier/hooks.js'
import { floatingIpForwards } from '../port-forwarding/faults.js'
import { askedPolicy } from '../qos/attach.js'
import { checkQuota } from '../quota/limits.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { associate, findTarget } from './association.js'
import {
  externalAddressesExhausted,
  fixedIpNeedsPort,
  floatingIpNotFound,
  noIpv4Subnet,
  notValidExternal,
} from './faults.js'
import { showFloatingIpById, showFloatingIps } from './floating-ip-shape.js'
import { addPort, removePort, type WantedIp } from './system-ports.js'
import type { Work } from './work.js'

const collection: Collection<Resource> = {
  table: floatingIps,
  names: { tenant_id: 'project_id' },
  load: showFloatingIps,
  visible: visibleOwn('floating_ips'),
  notFound: floatingIpNotFound,
}

export function floatingIpService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: createFloatingIp,
    find: findVisible(collection, loadFloatingIp),
    update: async (work, fip, changes) => {
      await updateFloatingIp(work, fip, changes)
      return showFloatingIpById(work.tx.db, fip.id)
    },
    delete: deleteFloatingIp,
  })
}

async function createFloatingIp(work: Work, item: Attributes): Promise<Resource> {
  const { core, tx, ctx } = work
  const networkId = textOf(item, 'floating_network_id')
  checkFixedIp(item)
  await checkExternal(work, networkId)
  const projectId = projectOf(item, ctx.projectId)
  await checkQuota(core, tx, projectId, 'floatingip')
  const standard = newStandard(tx.now, {
    projectId,
    description: textOf(item, 'description'),
    tags: listOf<string>(item, 'tags'),
  })
  const address = await takeAddress(work, standard.id, networkId, item)
  const fip: FloatingIpRecord = {
    ...standard,
    ...address,
    floatingNetworkId: networkId,
    portId: null,
    fixedIp: null,
    routerId: null,
    status: 'DOWN',
    dnsName: textOf(item, 'dns_name'),
    dnsDomain: textOf(item, 'dns_domain'),
    qosPolicyId: null,
    ...(await askedPolicy(tx.db, ctx, item)),
  }
  await floatingIps.insert(tx.db, fip)
  tx.touch('floatingip', fip.id)
  await reach(work, fip, item)
  return showFloatingIpById(tx.db, fip.id)
}

async function checkExternal({ tx, ctx }: Work, networkId: string): Promise<void> {
  const network = await visibleNetwork(tx.db, ctx, networkId)
  if (!network.external) throw notValidExternal(networkId)
  const subnets = await subnetsOfNetwork(tx.db, networkId)
  if (!subnets.some((subnet) => subnet.ipVersion === 4)) throw noIpv4Subnet(networkId)
}

/** The port that holds the address on the external network; nothing is ever plugged there. */
async function takeAddress(work: Work, id: string, networkId: string, item: Attributes) {
  const [ip, subnetId] = [textOf(item, 'floating_ip_address'), textOf(item, 'subnet_id')]
  const wanted: WantedIp = { ...(ip && { ip_address: ip }), ...(subnetId && { subnet_id: subnetId }) }
  const port = await addPort(work, {
    networkId,
    projectId: '',
    deviceId: id,
    deviceOwner: OWNER.floatingIp,
    fixedIps: ip || subnetId ? [wanted] : undefined,
    host: '',
  }).catch((error: unknown) => {
    const exhausted = error instanceof Fault && error.type === 'IpAddressGenerationFailure' && !subnetId
    throw exhausted ? externalAddressesExhausted(networkId) : error
  })
  const ipv4 = port.fixedIps.find((fixed) => ipVersion(fixed.ip) === 4)
  if (!ipv4) throw externalAddressesExhausted(networkId)
  return { floatingIp: ipv4.ip, floatingPortId: port.id }
}

function checkFixedIp(attributes: Attributes): void {
  if (attributes.fixed_ip_address && !attributes.port_id) throw fixedIpNeedsPort()
}

/** Associates as `port_id` and `fixed_ip_address` say; without `port_id` everything stays. */
async function reach(work: Work, fip: FloatingIpRecord, attributes: Attributes): Promise<void> {
  const portId = attributes.port_id as string | null | undefined
  if (portId === undefined || (portId === null && fip.portId === null)) return
  const asked = (attributes.fixed_ip_address as string | null | undefined) ?? null
  await associate(work, fip, portId === null ? null : await findTarget(work, fip, portId, asked))
  await tellNova(work, fip.portId, portId)
}

/** Nova shows an instance's floating IPs from a copy that it renews when it is told to. */
async function tellNova({ core, tx }: Work, ...portIds: readonly (string | null)[]): Promise<void> {
  if (!core.config.DEFAULT.notify_nova_on_port_data_changes) return
  const concerned = await loadPorts(tx.db, [...new Set(portIds.flatMap((id) => id ?? []))])
  for (const port of concerned) {
    if (!isComputeOwner(port.deviceOwner) || port.deviceId === '') continue
    tx.afterCommit(() => core.notifier.notify(networkChangedEvent(port)))
  }
}

async function updateFloatingIp(work: Work, fip: FloatingIpRecord, changes: Attributes): Promise<void> {
  const { tx, ctx } = work
  checkFixedIp(changes)
  const { name: _, ...common } = standardChanges
  const policy = await askedPolicy(tx.db, ctx, changes, fip.qosPolicyId)
  await revise(tx, floatingIps, fip, { ...patchOf<FloatingIpRecord>(changes, common), ...policy })
  // from when an association was all that a floating IP had
  const nothing = Object.keys(changes).length === 0
  await reach(work, fip, nothing ? { port_id: null } : changes)
  tx.touch('floatingip', fip.id)
}

/** Floating IPs that lead nowhere do not keep their external network from being deleted: they go with it. */
export async function deleteUnusedFloatingIps(work: Work, floatingNetworkId: string): Promise<void> {
  const unused = await floatingIps.find(work.tx.db, { floatingNetworkId, portId: null, routerId: null })
  for (const { id } of unused) await deleteFloatingIp(work, (await loadFloatingIp(work.tx.db, id))!)
}

async function deleteFloatingIp(work: Work, fip: FloatingIpRecord): Promise<void> {
  const { tx } = work
  if (await portForwardings.findOne(tx.db, { floatingIpId: fip.id })) throw floatingIpForwards(fip.id)
  if (fip.portId !== null) {
    await associate(work, fip, null)
    await tellNova(work, fip.portId)
  }
  await floatingIps.delete(tx.db, { id: fip.id })
  tx.touch('floatingip', fip.id)
  const port = await loadPort(tx.db, fip.floatingPortId)
  if (port) await removePort(work, port)
}
