import type { HostObject, NeighbourView, NetworkView, PortView, SubnetView } from '../../bus/contracts/host-view.js'
import { HostView } from '../../bus/contracts/view.js'
import { OWNER } from '../../model/owners.js'

export const DEMO = {
  network: 'ac108952-6096-4243-adf4-bb6615b3de28',
  subnet: '69d38773-794a-4e49-b887-6de6734e792d',
  dhcpPort: '8c979f59-7042-4d2a-8b51-3cf04dbb4cbc',
  tap: 'tap8c979f59-70',
  instance: '3e9a08d4-0d86-4dd7-8dae-05075d14195c',
} as const

export function demoSubnet(changes: Partial<SubnetView> = {}): SubnetView {
  return {
    id: DEMO.subnet,
    cidr: '192.168.1.0/24',
    ipVersion: 4,
    gatewayIp: '192.168.1.1',
    enableDhcp: true,
    dnsNameservers: [],
    hostRoutes: [],
    ipv6RaMode: null,
    ipv6AddressMode: null,
    routed: true,
    ...changes,
  }
}

export function demoNetwork(changes: Partial<NetworkView> = {}): NetworkView {
  return {
    kind: 'network',
    id: DEMO.network,
    projectId: 'demo',
    name: 'demo-net',
    adminStateUp: true,
    type: 'vxlan',
    physicalNetwork: null,
    segmentationId: 1,
    mtu: 1450,
    external: false,
    dnsDomain: '',
    subnets: [demoSubnet()],
    peers: [],
    dhcpPortId: DEMO.dhcpPort,
    ...changes,
  }
}

export function dhcpPort(changes: Partial<PortView> = {}): PortView {
  return {
    kind: 'port',
    id: DEMO.dhcpPort,
    networkId: DEMO.network,
    projectId: 'demo',
    name: '',
    mac: 'fa:16:3e:00:00:04',
    fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.4' }],
    deviceId: 'dhcp-id',
    deviceOwner: OWNER.dhcp,
    adminStateUp: true,
    portSecurityEnabled: false,
    securityGroups: [],
    allowedAddressPairs: [],
    extraDhcpOpts: [],
    dnsName: '',
    ...changes,
  }
}

export function instance(changes: Partial<NeighbourView> = {}): NeighbourView {
  return {
    kind: 'neighbour',
    id: DEMO.instance,
    networkId: DEMO.network,
    projectId: 'demo',
    host: 'compute1',
    mac: 'fa:16:3e:00:00:03',
    fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.3' }],
    allowedAddressPairs: [],
    deviceId: '05682b91-81a1-464c-8f40-8b3da7ee92c5',
    deviceOwner: 'compute:nova',
    extraDhcpOpts: [],
    dnsName: '',
    ...changes,
  }
}

export function demoView(...more: readonly HostObject[]): HostView {
  return HostView.of([demoNetwork(), dhcpPort(), instance(), ...more], 1)
}
