/** The scenario's infrastructure as data: who is in the cloud, on which wires, under which addresses. */

export type Role = 'controller' | 'network' | 'compute' | 'outside'
/** A wire that only some of the nodes are on, which is a physical network of the same name. */
export type Rack = `rack${number}`
export type Wire = 'management' | 'tunnel' | 'vlan' | 'external' | Rack

export interface Nic {
  /** device name inside the node */
  readonly name: string
  readonly wire: Wire
  /** address with prefix; null: only a bridge port */
  readonly address: string | null
  /** VLAN of the wire in which the address is; absent: untagged */
  readonly vlan?: number
}

/** What the controller has for database, bus and identity: the product's own, or PostgreSQL, RabbitMQ and Keystone of Debian. */
export type Services = 'embedded' | 'debian'

/** Types of network that projects get, first choice first (`[ml2] tenant_network_types`). */
export type ProjectType = 'vlan' | 'gre' | 'vxlan'

/** As the guide has it. */
export const GUIDE_PROJECT_TYPES: readonly ProjectType[] = ['vlan', 'gre', 'vxlan']

export interface NodeSpec {
  readonly name: string
  readonly role: Role
  readonly nics: readonly Nic[]
}

export interface Ports {
  readonly identity: number
  readonly network: number
  readonly compute: number
}

export interface LabSpec {
  readonly name: string
  readonly nodes: readonly NodeSpec[]
  readonly services: Services
  readonly projectTypes: readonly ProjectType[]
  /** API ports, on the machine's loopback and on the controller */
  readonly ports: Ports
}

export const DEFAULT_PORTS: Ports = { identity: 5000, network: 9696, compute: 8774 }

/** The usual ports, each higher by `offset`: for labs side by side. */
export function portsFrom(offset: number): Ports {
  const { identity, network, compute } = DEFAULT_PORTS
  return { identity: identity + offset, network: network + offset, compute: compute + offset }
}
/** On each node: packets that security groups let through or drop, where logs are. */
export const PACKET_LOG = '/var/log/neutron-packets.log'

export const MAX_COMPUTES = 10

export const CONTROLLER_IP = '10.0.0.11'
export const OUTSIDE_MANAGEMENT_IP = '10.0.0.1'
export const EXTERNAL_GATEWAY = '203.0.113.1'
/** a host on the external network beside the gateway */
export const EXTERNAL_HOST = '203.0.113.50'
/** `openstack.org`, as the outside world's DNS answers */
export const OPENSTACK_ORG = '174.143.194.225'
/** a second external network, on the same wire inside a VLAN; the outside world is its gateway too */
export const EXTERNAL_VLAN = { id: 300, cidr: '198.51.100.0/24', gateway: '198.51.100.1' } as const

/** Racks between which the outside world routes: each is a physical network of its own, with one VLAN in use. */
export const MAX_RACKS = 4

export interface RackNetwork {
  readonly name: Rack
  readonly vlan: number
  readonly cidr: string
  /** the outside world's address in it */
  readonly gateway: string
}

/** The network of a rack; the first is 1. */
export function rackNetwork(number: number): RackNetwork {
  const prefix = `198.18.${number}`
  return { name: `rack${number}`, vlan: 400 + number, cidr: `${prefix}.0/24`, gateway: `${prefix}.1` }
}

/** the external network's IPv6 side: the outside world's address in it, and a host behind that */
export const EXTERNAL_V6 = {
  cidr: '2001:db8:ffff::/64',
  gateway: '2001:db8:ffff::1',
  far: '2001:db8:fffe::225',
} as const

/** Room for VXLAN and GRE around full-size frames (netdev facts: 1600 at least). */
export const UNDERLAY_MTU = 1600

/** `rack`: number of the rack that the node is in; 0: there are none */
function agentNics(lastOctet: number, rack: number): Nic[] {
  return [
    { name: 'eth0', wire: 'management', address: `10.0.0.${lastOctet}/24` },
    { name: 'eth1', wire: 'tunnel', address: `10.0.1.${lastOctet}/24` },
    { name: 'eth2', wire: 'vlan', address: null },
    { name: 'eth3', wire: 'external', address: null },
    ...(rack === 0 ? [] : [{ name: 'eth4', wire: rackNetwork(rack).name, address: null }]),
  ]
}

function outsideNics(racks: number): Nic[] {
  return [
    { name: 'eth0', wire: 'management', address: `${OUTSIDE_MANAGEMENT_IP}/24` },
    { name: 'eth3', wire: 'external', address: `${EXTERNAL_GATEWAY}/24` },
    { name: 'eth4', wire: 'external', address: `${EXTERNAL_VLAN.gateway}/24`, vlan: EXTERNAL_VLAN.id },
    ...Array.from({ length: racks }, (_, i): Nic => {
      const { name, gateway, vlan } = rackNetwork(i + 1)
      return { name: `eth${5 + i}`, wire: name, address: `${gateway}/24`, vlan }
    }),
  ]
}

/** What a lab may have in another way than usual. */
export interface LabChoices {
  readonly networks?: number
  readonly racks?: number
  readonly services?: Services
  readonly projectTypes?: readonly ProjectType[]
}

/**
 * controller 10.0.0.11, network1 .21 …, compute1 .31, compute2 .32 … and the outside world. With racks, network nodes and
 * compute nodes are in them in turn.
 */
export function labSpec(name: string, computes: number, ports: Ports, choices: LabChoices = {}): LabSpec {
  const { networks = 1, racks = 0, services = 'embedded', projectTypes = GUIDE_PROJECT_TYPES } = choices
  const rackOf = (i: number) => (racks === 0 ? 0 : (i % racks) + 1)
  const nodes: NodeSpec[] = [
    {
      name: 'controller',
      role: 'controller',
      nics: [{ name: 'eth0', wire: 'management', address: `${CONTROLLER_IP}/24` }],
    },
    ...Array.from({ length: networks }, (_, i): NodeSpec => {
      return { name: `network${i + 1}`, role: 'network', nics: agentNics(21 + i, rackOf(i)) }
    }),
    ...Array.from({ length: computes }, (_, i): NodeSpec => {
      return { name: `compute${i + 1}`, role: 'compute', nics: agentNics(31 + i, rackOf(i)) }
    }),
    {
      name: 'outside',
      role: 'outside',
      nics: outsideNics(racks),
    },
  ]
  return { name, nodes, ports, services, projectTypes }
}

/** Address of a node on the tunnel network; null for nodes without one. */
export function tunnelIp(node: NodeSpec): string | null {
  const nic = node.nics.find(({ wire }) => wire === 'tunnel')
  return nic?.address?.split('/')[0] ?? null
}

export function managementIp(node: NodeSpec): string {
  return node.nics.find(({ wire }) => wire === 'management')!.address!.split('/')[0]!
}

/** The rack that a node is in; null: none. */
export function rackOf({ role, nics }: NodeSpec): Rack | null {
  const wire = role === 'outside' ? undefined : nics.find((nic) => nic.wire.startsWith('rack'))?.wire
  return (wire as Rack | undefined) ?? null
}

/** All racks of a lab, sorted. */
export function racksOf({ nodes }: LabSpec): Rack[] {
  return [...new Set(nodes.flatMap((node) => rackOf(node) ?? []))].sort()
}

/** The product's daemons on a node, in the order in which they are started. */
export function daemonsOf(node: NodeSpec, services: Services = 'embedded'): readonly string[] {
  switch (node.role) {
    case 'controller':
      return [...(services === 'embedded' ? ['keystone'] : []), 'neutron-server', 'nova-api']
    case 'network':
      return [
        'neutron-openvswitch-agent',
        'neutron-l3-agent',
        'neutron-dhcp-agent',
        'neutron-metadata-agent',
        'neutron-metering-agent',
      ]
    case 'compute':
      return [
        'neutron-openvswitch-agent',
        'neutron-l3-agent',
        'neutron-metadata-agent',
        'neutron-metering-agent',
        'nova-compute',
      ]
    case 'outside':
      return []
  }
}
