import type {
  HostObject,
  NeighbourView,
  NetworkView,
  PeerView,
  PortView,
  SubnetView,
} from '../../../bus/contracts/host-view.js'
import { OWNER } from '../../../model/owners.js'
import { PLAIN_PROFILE } from '../datapath/profile.js'
import type { OvsSettings } from '../settings.js'

/**
 * The constructed cloud of the scenario: demo-net (VXLAN, VNI 1) and ext-net (flat) on compute1, with instance 1 here,
 * instance 3 on compute2, DHCP and centralized SNAT on network1.
 */
export const ID = {
  demoNet: 'ac108952-6096-4243-adf4-bb6615b3de28',
  extNet: '893aebb9-1c1e-48be-8908-6b947f3237b3',
  demoSubnet: '69d38773-794a-4e49-b887-6de6734e792d',
  extSubnet: '9159f0dc-2b63-41cf-bd7a-289309da1391',
  router: '635660ae-a254-4feb-8993-295aa9ec6418',
  qr: 'b1a894fd-aee8-475c-9262-4342afdc1b58',
  fg: '55f69591-06c0-473a-b8d2-087d9afc1393',
  instance1: '05a1b2c3-d4e5-4f60-8712-345678901111',
  instance3: '05a1b2c3-d4e5-4f60-8712-345678901113',
  snat: '0c5a1b2c-0000-4000-8000-000000000202',
  dhcp: '0dc0ffee-0000-4000-8000-000000000d02',
  group: '24602461-5832-42ce-a2d4-1ba901342505',
} as const

export const MAC = {
  tg: 'fa:16:3e:c1:20:55',
  tn: 'fa:16:3e:00:02:02',
  i1: 'fa:16:3e:00:01:11',
  i3: 'fa:16:3e:00:01:13',
  dhcp: 'fa:16:3e:00:0d:02',
  fg: 'fa:16:3e:b7:97:aa',
  d1: 'fa:16:3f:00:00:31',
  d2: 'fa:16:3f:00:00:32',
  dn: 'fa:16:3f:00:00:21',
} as const

export const SETTINGS: OvsSettings = {
  integrationBridge: 'br-int',
  tunnelBridge: 'br-tun',
  localIp: '10.0.1.31',
  bridgeMappings: { vlan: 'br-vlan', external: 'br-ex' },
  tunnelTypes: ['gre', 'vxlan'],
  distributedRouting: true,
  l2Population: true,
  arpResponder: true,
  firewall: 'iptables_hybrid',
  enableIpset: true,
  logLimit: { rate: 100, burst: 25 },
  logFile: null,
  vxlanUdpPort: 4789,
  dontFragment: true,
  tunnelCsum: false,
  datapathType: 'netdev',
  profileWish: 'auto',
  profile: PLAIN_PROFILE,
}

export function subnet(id: string, cidr: string, gatewayIp: string, extra: Partial<SubnetView> = {}): SubnetView {
  return {
    id,
    cidr,
    ipVersion: cidr.includes(':') ? 6 : 4,
    gatewayIp,
    enableDhcp: true,
    dnsNameservers: [],
    hostRoutes: [],
    ipv6RaMode: null,
    ipv6AddressMode: null,
    routed: true,
    ...extra,
  }
}

export function network(id: string, extra: Partial<NetworkView> = {}): NetworkView {
  return {
    kind: 'network',
    id,
    projectId: 'demo',
    name: '',
    adminStateUp: true,
    type: 'vxlan',
    physicalNetwork: null,
    segmentationId: 1,
    mtu: 1450,
    external: false,
    subnets: [],
    peers: [],
    dnsDomain: '',
    dhcpPortId: null,
    ...extra,
  }
}

export function port(id: string, networkId: string, mac: string, extra: Partial<PortView> = {}): PortView {
  return {
    kind: 'port',
    id,
    networkId,
    projectId: 'demo',
    name: '',
    mac,
    fixedIps: [],
    deviceId: '',
    deviceOwner: 'compute:nova',
    adminStateUp: true,
    portSecurityEnabled: true,
    securityGroups: [],
    allowedAddressPairs: [],
    extraDhcpOpts: [],
    dnsName: '',
    ...extra,
  }
}

export function neighbour(
  id: string,
  networkId: string,
  host: string,
  mac: string,
  extra: Partial<NeighbourView> = {},
): NeighbourView {
  const {
    kind: _,
    name: __,
    adminStateUp: ___,
    portSecurityEnabled: ____,
    securityGroups: _____,
    ...rest
  } = port(id, networkId, mac)
  return { ...rest, kind: 'neighbour', host, ...extra }
}

export function peer(id: string, tunnelIp: string, dvrMac: string, extra: Partial<PeerView> = {}): PeerView {
  return { kind: 'peer', id, dvrMac, tunnelIp, tunnelMac: null, tunnelTypes: ['gre', 'vxlan'], ...extra }
}

const address = (ip: string) => [{ subnetId: ID.demoSubnet, ip }]

/** compute1's view of the cloud. */
export function exampleObjects(): HostObject[] {
  return [
    { kind: 'self', id: 'compute1', dvrMac: MAC.d1, l3AgentId: null },
    peer('network1', '10.0.1.21', MAC.dn),
    peer('compute2', '10.0.1.32', MAC.d2),
    network(ID.demoNet, {
      subnets: [subnet(ID.demoSubnet, '192.168.1.0/24', '192.168.1.1')],
      peers: ['compute2', 'network1'],
    }),
    network(ID.extNet, {
      type: 'flat',
      physicalNetwork: 'external',
      segmentationId: null,
      external: true,
      subnets: [subnet(ID.extSubnet, '203.0.113.0/24', '203.0.113.1', { enableDhcp: false, routed: false })],
    }),
    port(ID.instance1, ID.demoNet, MAC.i1, { fixedIps: address('192.168.1.11'), securityGroups: [ID.group] }),
    port(ID.qr, ID.demoNet, MAC.tg, {
      fixedIps: address('192.168.1.1'),
      deviceOwner: OWNER.distributedRouterInterface,
      deviceId: ID.router,
    }),
    port(ID.fg, ID.extNet, MAC.fg, {
      fixedIps: [{ subnetId: ID.extSubnet, ip: '203.0.113.103' }],
      deviceOwner: OWNER.agentGateway,
    }),
    neighbour(ID.snat, ID.demoNet, 'network1', MAC.tn, {
      deviceOwner: OWNER.centralizedSnat,
      fixedIps: address('192.168.1.2'),
    }),
    neighbour(ID.dhcp, ID.demoNet, 'network1', MAC.dhcp, {
      deviceOwner: OWNER.dhcp,
      fixedIps: address('192.168.1.4'),
    }),
    neighbour(ID.instance3, ID.demoNet, 'compute2', MAC.i3, { fixedIps: address('192.168.1.13') }),
    {
      kind: 'security_group',
      id: ID.group,
      stateful: true,
      rules: [
        rule('1', { direction: 'egress' }),
        rule('2', { direction: 'egress', ethertype: 'IPv6' }),
        rule('3', { remoteGroupId: ID.group }),
        rule('4', { remoteGroupId: ID.group, ethertype: 'IPv6' }),
        rule('5', { protocol: 'icmp' }),
        rule('6', { protocol: 'tcp', portMin: 22, portMax: 22 }),
      ],
    },
    { kind: 'group_members', id: ID.group, ipv4: ['192.168.1.11', '192.168.1.13'], ipv6: [] },
  ]
}

type Rule = Extract<HostObject, { kind: 'security_group' }>['rules'][number]

export function rule(id: string, extra: Partial<Rule> = {}): Rule {
  return {
    id,
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: null,
    portMin: null,
    portMax: null,
    remoteIpPrefix: null,
    remoteGroupId: null,
    ...extra,
  }
}

/** The same host, its project network a VLAN (101) of a physical network. */
export function exampleOnVlan(): HostObject[] {
  return exampleObjects().map((object) =>
    object.kind === 'network' && object.id === ID.demoNet
      ? network(ID.demoNet, {
          type: 'vlan',
          physicalNetwork: 'vlan',
          segmentationId: 101,
          subnets: [subnet(ID.demoSubnet, '192.168.1.0/24', '192.168.1.1')],
        })
      : object,
  )
}
