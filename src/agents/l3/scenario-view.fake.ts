import type { HostObject, NeighbourView, PortView, RouterAddress, RouterView } from '../../bus/contracts/host-view.js'
import { HostView } from '../../bus/contracts/view.js'
import { OWNER } from '../../model/owners.js'

/** The scenario's router as its hosts see it, with the ids and addresses that the guide prints. */
export const IDS = {
  router: '635660ae-a254-4feb-8993-295aa9ec6418',
  demoNet: 'ac108952-6096-4243-adf4-bb6615b3de28',
  demoSubnet: '69d38773-794a-4e49-b887-6de6734e792d',
  extNet: '893aebb9-1c1e-48be-8908-6b947f3237b3',
  extSubnet: '9159f0dc-2b63-41cf-bd7a-289309da1391',
  interface: 'b1a894fd-aee8-475c-9262-4342afdc1b58',
  gateway: 'ff5f93c6-3760-4902-a401-af78ff61ce99',
  snatPort: '0b5d3c27-61c2-4f53-8df8-8f8bdbd7a4f1',
  agentGateway: '1f6c2f6a-9a0e-4c0c-9f39-5d0c5d8a1c11',
  instance: '3e9a08d4-0d86-4dd7-8dae-05075d14195c',
  dhcp: '8c979f59-7042-4d2a-8b51-3cf04dbb4cbc',
  floatingIp: '05e36754-e7f3-46bb-9eaa-3521623b3722',
} as const

const demo = (ip: string): RouterAddress => ({
  subnetId: IDS.demoSubnet,
  ip,
  prefixLength: 24,
  cidr: '192.168.1.0/24',
  ipVersion: 4,
  gatewayIp: '192.168.1.1',
  ipv6RaMode: null,
})

const external = (ip: string): RouterAddress => ({
  subnetId: IDS.extSubnet,
  ip,
  prefixLength: 24,
  cidr: '203.0.113.0/24',
  ipVersion: 4,
  gatewayIp: '203.0.113.1',
  ipv6RaMode: null,
})

/** The distributed router with interface and gateway, as a host without floating IPs sees it. */
export function scenarioRouter(changes: Partial<RouterView> = {}): RouterView {
  return {
    kind: 'router',
    id: IDS.router,
    projectId: 'demo',
    name: 'demo-router',
    adminStateUp: true,
    distributed: true,
    central: false,
    interfaces: [
      {
        portId: IDS.interface,
        networkId: IDS.demoNet,
        mac: 'fa:16:3e:c1:20:55',
        mtu: 1450,
        addresses: [demo('192.168.1.1')],
      },
    ],
    snatPorts: [
      {
        portId: IDS.snatPort,
        networkId: IDS.demoNet,
        mac: 'fa:16:3e:00:00:02',
        mtu: 1450,
        addresses: [demo('192.168.1.2')],
      },
    ],
    gateway: {
      portId: IDS.gateway,
      networkId: IDS.extNet,
      mac: 'fa:16:3e:54:d7:8c',
      mtu: 1500,
      addresses: [external('203.0.113.101')],
    },
    externalNetworkId: IDS.extNet,
    enableSnat: true,
    floatingIps: [],
    centralFloatingIps: [],
    agentGateway: null,
    routes: [],
    ...changes,
  }
}

/** The same after the floating IP was associated with the instance, on the instance's host. */
export function routerWithFloatingIp(changes: Partial<RouterView> = {}): RouterView {
  return scenarioRouter({
    floatingIps: [{ id: IDS.floatingIp, floatingIp: '203.0.113.102', fixedIp: '192.168.1.3', portId: IDS.instance }],
    agentGateway: {
      portId: IDS.agentGateway,
      networkId: IDS.extNet,
      mac: 'fa:16:3e:00:00:67',
      mtu: 1500,
      addresses: [external('203.0.113.103')],
    },
    ...changes,
  })
}

export function instancePort(changes: Partial<PortView> = {}): PortView {
  return {
    kind: 'port',
    id: IDS.instance,
    networkId: IDS.demoNet,
    projectId: 'demo',
    name: '',
    mac: 'fa:16:3e:00:00:03',
    fixedIps: [{ subnetId: IDS.demoSubnet, ip: '192.168.1.3' }],
    deviceId: '05682b91-81a1-464c-8f40-8b3da7ee92c5',
    deviceOwner: 'compute:nova',
    adminStateUp: true,
    portSecurityEnabled: true,
    securityGroups: [],
    allowedAddressPairs: [],
    extraDhcpOpts: [],
    dnsName: '',
    ...changes,
  }
}

export function dhcpNeighbour(changes: Partial<NeighbourView> = {}): NeighbourView {
  return {
    kind: 'neighbour',
    id: IDS.dhcp,
    networkId: IDS.demoNet,
    projectId: 'demo',
    host: 'network1',
    mac: 'fa:16:3e:00:00:04',
    fixedIps: [{ subnetId: IDS.demoSubnet, ip: '192.168.1.4' }],
    allowedAddressPairs: [],
    deviceId: 'dhcp-id',
    deviceOwner: OWNER.dhcp,
    extraDhcpOpts: [],
    dnsName: '',
    ...changes,
  }
}

/** compute1 of the scenario: the router, the instance, the DHCP port elsewhere, the router's own interface. */
export function computeView(router: RouterView = routerWithFloatingIp(), more: readonly HostObject[] = []): HostView {
  const interfacePort = instancePort({
    id: IDS.interface,
    mac: 'fa:16:3e:c1:20:55',
    fixedIps: [{ subnetId: IDS.demoSubnet, ip: '192.168.1.1' }],
    deviceOwner: OWNER.distributedRouterInterface,
    deviceId: IDS.router,
  })
  return HostView.of([router, instancePort(), dhcpNeighbour(), interfacePort, ...more], 1)
}
