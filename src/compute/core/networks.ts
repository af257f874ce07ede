import { isIP } from 'node:net'
import type { Dhcp6Mode } from '../bus/messages.js'
import {
  type Neutron,
  NeutronError,
  type NeutronNetwork,
  type NeutronPort,
  type NeutronSubnet,
} from '../clients/neutron.js'
import { badRequest, conflict } from './faults.js'
import type { Instance, InstancePort, RequestedInterface } from './instance.js'

const DEFAULT_MTU = 1500

/** An entry of `networks` in a request to create a server, or of an interface attachment. */
export interface WantedNetwork {
  readonly uuid?: string | null
  readonly port?: string | null
  readonly fixed_ip?: string | null
}

/**
 * Checks with the client's own eyes (`user`) what interfaces were asked for: networks it sees, ports that are free.
 * Nothing asked for: the one network of the project, if there is just one.
 */
export async function resolveInterfaces(
  user: Neutron,
  projectId: string,
  wanted: readonly WantedNetwork[] | 'auto' | 'none',
): Promise<RequestedInterface[]> {
  if (wanted === 'none') return []
  if (wanted === 'auto') return onlyNetwork(user, projectId)
  return Promise.all(wanted.map((one) => (one.port ? givenPort(user, one.port) : newPort(user, one))))
}

async function onlyNetwork(user: Neutron, projectId: string): Promise<RequestedInterface[]> {
  const [own, shared] = await Promise.all([
    user.list('networks', { tenant_id: projectId }),
    user.list('networks', { shared: 'true' }),
  ])
  const networks = new Map(
    [...own, ...shared]
      .filter((network) => !network['router:external'] && network.subnets.length > 0)
      .map((network) => [network.id, network]),
  )
  if (networks.size > 1) throw conflict('Multiple possible networks found, use a Network ID to be more specific.')
  return [...networks.keys()].map((networkId) => ({ networkId, portId: null, fixedIp: null }))
}

async function newPort(user: Neutron, wanted: WantedNetwork): Promise<RequestedInterface> {
  const id = wanted.uuid
  if (!id) throw badRequest("Bad networks format: each network needs 'uuid' or 'port'")
  if (wanted.fixed_ip && isIP(wanted.fixed_ip) === 0) throw badRequest(`Invalid fixed IP address (${wanted.fixed_ip})`)
  const network = await user.get('networks', id).catch(rethrow(`Network ${id} could not be found.`))
  if (network.subnets.length === 0) throw badRequest(`Network ${id} requires a subnet in order to boot instances on.`)
  return { networkId: id, portId: null, fixedIp: wanted.fixed_ip ?? null }
}

async function givenPort(user: Neutron, id: string): Promise<RequestedInterface> {
  const port = await user.get('ports', id).catch(rethrow(`Port ${id} could not be found.`))
  if (port.device_id) throw conflict(`Port ${id} is still in use.`)
  if (port.fixed_ips.length === 0 && port.ip_allocation !== 'deferred')
    throw badRequest(`Port ${id} requires a FixedIP in order to be used.`)
  return { networkId: port.network_id, portId: id, fixedIp: null }
}

function rethrow(notFoundMessage: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof NeutronError && error.status === 404 ? badRequest(notFoundMessage) : error
  }
}

/** Group names or ids of the client's project to ids; null when nothing but `default` is asked for: the network service's default. */
export async function resolveGroups(
  user: Neutron,
  projectId: string,
  names: readonly string[],
): Promise<string[] | null> {
  if (names.every((name) => name === 'default')) return null
  const groups = await user.list('security-groups', { tenant_id: projectId })
  return [...new Set(names)].map((name) => {
    const found = groups.filter((group) => group.id === name || group.name === name)
    if (found.length > 1)
      throw conflict(`Multiple security groups found matching '${name}'. Use an ID to be more specific.`)
    if (!found[0]) throw badRequest(`Security group ${name} not found.`)
    return found[0].id
  })
}

/** Makes the port, or takes the given one, for the instance on its host. Throws when the network service cannot bind it. */
export async function allocatePort(
  neutron: Neutron,
  instance: Instance,
  wanted: RequestedInterface,
): Promise<InstancePort> {
  const [port, network, subnets] = await Promise.all([
    bindPort(neutron, instance, wanted),
    neutron.get('networks', wanted.networkId),
    neutron.list('subnets', { network_id: wanted.networkId }),
  ])
  if (port['binding:vif_type'] === 'binding_failed') {
    throw new Error(`Binding failed for port ${port.id}, please check neutron logs for more information.`)
  }
  const served = new Set(
    subnets.filter((subnet) => subnet.enable_dhcp && subnet.ip_version === 4).map((subnet) => subnet.id),
  )
  return toInstancePort(port, network, {
    owned: wanted.portId === null,
    dhcp: port.fixed_ips.some((ip) => served.has(ip.subnet_id)),
    dhcp6: dhcp6Mode(subnets.filter((subnet) => port.fixed_ips.some((ip) => ip.subnet_id === subnet.id))),
  })
}

/** What DHCPv6 has for a port on these subnets, as an image learns it from its metadata. */
export function dhcp6Mode(subnets: readonly NeutronSubnet[]): Dhcp6Mode | null {
  const served = subnets.filter((subnet) => subnet.ip_version === 6 && subnet.enable_dhcp)
  const modes = served.map(({ ipv6_address_mode, ipv6_ra_mode }) => ipv6_address_mode ?? ipv6_ra_mode)
  if (modes.some((mode) => mode === null || mode === 'dhcpv6-stateful')) return 'stateful'
  return modes.includes('dhcpv6-stateless') ? 'stateless' : null
}

function bindPort(neutron: Neutron, instance: Instance, wanted: RequestedInterface): Promise<NeutronPort> {
  const binding = { device_id: instance.id, device_owner: `compute:${instance.zone}`, 'binding:host_id': instance.host }
  if (wanted.portId) return neutron.update('ports', wanted.portId, binding)
  return neutron.create('ports', {
    ...binding,
    network_id: wanted.networkId,
    tenant_id: instance.projectId,
    admin_state_up: true,
    ...(wanted.fixedIp ? { fixed_ips: [{ ip_address: wanted.fixedIp }] } : {}),
    ...(instance.securityGroups ? { security_groups: instance.securityGroups } : {}),
  })
}

function toInstancePort(
  port: NeutronPort,
  network: NeutronNetwork,
  about: Pick<InstancePort, 'owned' | 'dhcp' | 'dhcp6'>,
): InstancePort {
  return {
    portId: port.id,
    networkId: port.network_id,
    mac: port.mac_address,
    mtu: network.mtu || DEFAULT_MTU,
    ...plugOf(port),
    ...about,
    confirmed: port.status === 'ACTIVE',
  }
}

/** Binds an instance's port to another host; how it is to be plugged there. It keeps its addresses. */
export async function movePort(
  neutron: Neutron,
  portId: string,
  host: string,
): Promise<Pick<InstancePort, 'portId' | 'hybrid' | 'bridge' | 'datapath' | 'confirmed'>> {
  const port = await neutron.update('ports', portId, { 'binding:host_id': host })
  if (port['binding:vif_type'] === 'binding_failed') throw new Error(`Binding failed for port ${portId} on ${host}`)
  return { portId, ...plugOf(port), confirmed: port.status === 'ACTIVE' }
}

function plugOf(port: NeutronPort): Pick<InstancePort, 'hybrid' | 'bridge' | 'datapath'> {
  const details = port['binding:vif_details'] ?? {}
  return {
    hybrid: details.ovs_hybrid_plug === true,
    bridge: details.bridge_name || 'br-int',
    ...(details.datapath_type === undefined ? {} : { datapath: details.datapath_type }),
  }
}

/** Deletes a port that was made for an instance; gives back one that was given. One that is gone already is fine. */
export async function releasePort(neutron: Neutron, portId: string, owned: boolean): Promise<void> {
  try {
    if (owned) await neutron.delete('ports', portId)
    else await neutron.update('ports', portId, { device_id: '', device_owner: '', 'binding:host_id': '' })
  } catch (error) {
    if (!(error instanceof NeutronError && error.status === 404)) throw error
  }
}

/** Releases whatever the network service has for an instance, recorded here or not (a boot may have been cut short). */
export async function releaseAll(neutron: Neutron, instance: Instance): Promise<void> {
  const given = new Set([
    ...instance.requested.flatMap((wanted) => wanted.portId ?? []),
    ...instance.ports.flatMap((port) => (port.owned ? [] : port.portId)),
  ])
  const ports = await neutron.list('ports', { device_id: instance.id })
  await Promise.all(ports.map((port) => releasePort(neutron, port.id, !given.has(port.id))))
}
