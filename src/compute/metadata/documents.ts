import { randomBytes } from 'node:crypto'
import { tapName } from '../../model/device-names.js'
import { cidrOf, netmask } from '../../model/ip.js'
import type { NeutronPort, NeutronSubnet } from '../clients/neutron.js'
import { addressesOf, groupsOf, type NetworkInfo } from '../core/addresses.js'
import { findFlavor } from '../core/flavors.js'
import type { Instance } from '../core/instance.js'
import type { KeyPair } from '../core/store.js'
import { LISTED_AS, type MetadataTree } from './tree.js'

export interface MetadataSource {
  readonly instance: Instance
  readonly info: NetworkInfo
  readonly subnets: readonly NeutronSubnet[]
  readonly keyPair: KeyPair | null
  /** domain behind the host name */
  readonly domain: string
}

/** EC2's API versions that Nova serves; the trees are the same here. */
const EC2_VERSIONS = [
  '1.0',
  '2007-01-19',
  '2007-03-01',
  '2007-08-29',
  '2007-10-10',
  '2007-12-15',
  '2008-02-01',
  '2008-09-01',
  '2009-04-04',
  'latest',
]
const OPENSTACK_VERSIONS = [
  '2012-08-10',
  '2013-04-04',
  '2013-10-17',
  '2015-10-15',
  '2016-06-30',
  '2016-10-06',
  '2017-02-22',
  '2018-08-27',
  '2020-10-14',
  'latest',
]

/** Everything an instance can ask for, by path. */
export function metadataTree(source: MetadataSource): MetadataTree {
  const userData = source.instance.userData === null ? undefined : Buffer.from(source.instance.userData, 'base64')
  const ec2 = { 'meta-data': ec2Tree(source), 'user-data': userData }
  const openstack: MetadataTree = {
    'meta_data.json': JSON.stringify(metaData(source)),
    user_data: userData,
    'network_data.json': JSON.stringify(networkData(source)),
    'vendor_data.json': '{}',
    'vendor_data2.json': '{}',
  }
  // versions are listed bare, and a client of EC2 is not told of OpenStack
  return { ...versions(EC2_VERSIONS, ec2), openstack: { ...versions(OPENSTACK_VERSIONS, openstack), [LISTED_AS]: '' } }
}

function versions(names: readonly string[], tree: MetadataTree): MetadataTree {
  return Object.fromEntries(names.map((name) => [name, { ...tree, [LISTED_AS]: name }]))
}

function ec2Tree({ instance, info, keyPair, domain }: MetadataSource): MetadataTree {
  const addresses = Object.values(addressesOf(instance, info))
    .flat()
    .filter((address) => address.version === 4)
  const first = (type: string) => addresses.find((address) => address['OS-EXT-IPS:type'] === type)?.addr ?? ''
  const hostname = `${instance.hostname}.${domain}`
  return {
    'ami-id': `ami-${instance.imageId.slice(0, 8)}`,
    'ami-launch-index': '0',
    'ami-manifest-path': '',
    'block-device-mapping': { ami: 'vda', root: '/dev/vda' },
    hostname,
    'instance-action': 'none',
    'instance-id': `i-${instance.id.slice(0, 8)}`,
    'instance-type': findFlavor(instance.flavorId)?.name ?? '',
    'local-hostname': hostname,
    'local-ipv4': first('fixed'),
    placement: { 'availability-zone': instance.zone },
    'public-hostname': hostname,
    'public-ipv4': first('floating'),
    ...(keyPair
      ? { 'public-keys': { 0: { [LISTED_AS]: `0=${keyPair.name}`, 'openssh-key': keyPair.public_key } } }
      : {}),
    'reservation-id': `r-${instance.id.slice(0, 8)}`,
    'security-groups': groupsOf(instance, info)
      .map((group) => group.name)
      .join('\n'),
  }
}

function metaData({ instance, keyPair, domain }: MetadataSource): Record<string, unknown> {
  return {
    uuid: instance.id,
    name: instance.name,
    hostname: `${instance.hostname}.${domain}`,
    availability_zone: instance.zone,
    launch_index: 0,
    project_id: instance.projectId,
    ...(Object.keys(instance.metadata).length > 0 ? { meta: instance.metadata } : {}),
    ...(keyPair
      ? {
          public_keys: { [keyPair.name]: keyPair.public_key },
          keys: [{ name: keyPair.name, type: keyPair.type, data: keyPair.public_key }],
        }
      : {}),
    random_seed: randomBytes(512).toString('base64'),
    devices: [],
    dedicated_cpus: [],
  }
}

function networkData({ instance, info, subnets }: MetadataSource): Record<string, unknown> {
  const ports = instance.ports.flatMap((known) => info.ports.find((port) => port.id === known.portId) ?? [])
  const links = instance.ports.map((port) => ({
    id: tapName(port.portId),
    vif_id: port.portId,
    type: 'ovs',
    mtu: port.mtu,
    ethernet_mac_address: port.mac,
  }))
  const networks = ports.flatMap((port) => networksOfPort(port, subnets))
  const servers = new Set(subnets.flatMap((subnet) => subnet.dns_nameservers))
  return {
    links,
    networks: networks.map((network, index) => ({ id: `network${index}`, ...network })),
    services: [...servers].map((address) => ({ type: 'dns', address })),
  }
}

function networksOfPort(port: NeutronPort, subnets: readonly NeutronSubnet[]): Record<string, unknown>[] {
  return port.fixed_ips.flatMap((ip) => {
    const subnet = subnets.find((known) => known.id === ip.subnet_id)
    if (!subnet) return []
    const common = { link: tapName(port.id), network_id: port.network_id }
    if (subnet.ipv6_address_mode) return [{ ...common, type: `ipv6_${subnet.ipv6_address_mode}` }]
    if (subnet.enable_dhcp) return [{ ...common, type: subnet.ip_version === 4 ? 'ipv4_dhcp' : 'ipv6_dhcp' }]
    return [
      {
        ...common,
        type: `ipv${subnet.ip_version}`,
        ip_address: ip.ip_address,
        netmask: maskOf(subnet.cidr),
        routes: routesOf(subnet),
      },
    ]
  })
}

function routesOf(subnet: NeutronSubnet): Record<string, string>[] {
  const everything = subnet.ip_version === 4 ? '0.0.0.0/0' : '::/0'
  const gateway = subnet.gateway_ip ? [{ destination: everything, nexthop: subnet.gateway_ip }] : []
  return [...gateway, ...subnet.host_routes].map(({ destination, nexthop }) => ({
    network: destination.split('/')[0]!,
    netmask: maskOf(destination),
    gateway: nexthop,
  }))
}

function maskOf(text: string): string {
  const cidr = cidrOf(text)
  if (cidr.version === 4) return netmask(cidr.prefix)
  // an IPv6 mask in groups, as Nova writes it
  return Array.from({ length: 8 }, (_, i) =>
    ((0xffff << Math.max(0, 16 - Math.max(0, cidr.prefix - 16 * i))) & 0xffff).toString(16),
  ).join(':')
}
