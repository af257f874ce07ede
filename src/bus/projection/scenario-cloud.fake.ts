import type { CloudHost, CloudNetwork, CloudObject, CloudPort, CloudRouter, CloudSubnet } from '../../model/cloud.js'
import { OWNER } from '../../model/owners.js'

/** The guide's cloud as objects: two computes, network1, demo-net on demo-router, an external network, a floating IP. */

export const IDS = {
  demoNet: 'ac108952-6096-4243-adf4-bb6615b3de28',
  demoSubnet: '69d38773-794a-4e49-b887-6de6734e792d',
  extNet: '893aebb9-1c1e-48be-8908-6b947f3237b3',
  extSubnet: '9159f0dc-2b63-41cf-bd7a-289309da1391',
  router: '635660ae-a254-4feb-8993-295aa9ec6418',
  group: '11111111-0000-4000-8000-000000000001',
} as const

export function host(name: string, octet: number, l3Mode: CloudHost['l3Mode']): CloudHost {
  return {
    kind: 'host',
    id: name,
    dvrMac: `fa:16:3f:00:00:${octet}`,
    tunnelIp: `10.0.1.${octet}`,
    tunnelMac: `02:00:00:00:00:${octet}`,
    tunnelTypes: ['gre', 'vxlan'],
    bridgeMappings: { external: 'br-ex', vlan: 'br-vlan' },
    l3AgentId: `l3-${name}`,
    l3Mode,
  }
}

export function network(id: string, over: Partial<CloudNetwork> = {}): CloudNetwork {
  return {
    kind: 'network',
    id,
    projectId: 'demo',
    name: '',
    adminStateUp: true,
    external: false,
    mtu: 1450,
    segments: [{ networkType: 'vxlan', physicalNetwork: null, segmentationId: 1 }],
    dnsDomain: '',
    dhcpHosts: [],
    ...over,
  }
}

export function subnet(
  id: string,
  networkId: string,
  cidr: string,
  gatewayIp: string,
  over: Partial<CloudSubnet> = {},
): CloudSubnet {
  return {
    kind: 'subnet',
    id,
    networkId,
    cidr,
    ipVersion: 4,
    gatewayIp,
    enableDhcp: true,
    dnsNameservers: [],
    hostRoutes: [],
    ipv6RaMode: null,
    ipv6AddressMode: null,
    ...over,
  }
}

export function port(
  id: string,
  networkId: string,
  ip: { subnetId: string; ip: string },
  over: Partial<CloudPort>,
): CloudPort {
  const host = over.host ?? null
  return {
    kind: 'port',
    id,
    networkId,
    projectId: 'demo',
    name: '',
    mac: `fa:16:3e:${id.slice(0, 2)}:${id.slice(2, 4)}:${id.slice(4, 6)}`,
    fixedIps: [ip],
    deviceId: '',
    deviceOwner: '',
    adminStateUp: true,
    status: 'ACTIVE',
    host,
    vifType: host ? 'ovs' : 'unbound',
    portSecurityEnabled: false,
    securityGroups: [],
    allowedAddressPairs: [],
    extraDhcpOpts: [],
    dnsName: '',
    ...over,
  }
}

export function instancePort(
  id: string,
  ip: string,
  hostName: string | null,
  over: Partial<CloudPort> = {},
): CloudPort {
  return port(
    id,
    over.networkId ?? IDS.demoNet,
    { subnetId: IDS.demoSubnet, ip },
    {
      deviceOwner: 'compute:nova',
      deviceId: `vm-${id.slice(0, 6)}`,
      host: hostName,
      portSecurityEnabled: true,
      securityGroups: [IDS.group],
      ...over,
    },
  )
}

export const router: CloudRouter = {
  kind: 'router',
  id: IDS.router,
  projectId: 'demo',
  name: 'demo-router',
  adminStateUp: true,
  distributed: true,
  gatewayPortId: 'ff5f93c6-3760-4902-a401-af78ff61ce99',
  externalNetworkId: IDS.extNet,
  enableSnat: true,
  routes: [],
  centralHost: 'network1',
}

/** Everything of the walk-through up to the floating IP. */
export function scenarioCloud(): CloudObject[] {
  const demo = (ip: string) => ({ subnetId: IDS.demoSubnet, ip })
  const ext = (ip: string) => ({ subnetId: IDS.extSubnet, ip })
  const device = { deviceId: IDS.router, projectId: '' }
  return [
    host('network1', 21, 'dvr_snat'),
    host('compute1', 31, 'dvr'),
    host('compute2', 32, 'dvr'),
    network(IDS.demoNet, { name: 'demo-net', dhcpHosts: ['network1'] }),
    network(IDS.extNet, {
      name: 'ext-net',
      external: true,
      mtu: 1500,
      segments: [{ networkType: 'flat', physicalNetwork: 'external', segmentationId: null }],
    }),
    subnet(IDS.demoSubnet, IDS.demoNet, '192.168.1.0/24', '192.168.1.1'),
    subnet(IDS.extSubnet, IDS.extNet, '203.0.113.0/24', '203.0.113.1', { enableDhcp: false }),
    router,
    port('b1a894fd-aee8-475c-9262-4342afdc1b58', IDS.demoNet, demo('192.168.1.1'), {
      ...device,
      deviceOwner: OWNER.distributedRouterInterface,
      vifType: 'distributed',
    }),
    port('5a5a5a5a-0000-4000-8000-000000000002', IDS.demoNet, demo('192.168.1.2'), {
      ...device,
      deviceOwner: OWNER.centralizedSnat,
      host: 'network1',
    }),
    port('ff5f93c6-3760-4902-a401-af78ff61ce99', IDS.extNet, ext('203.0.113.101'), {
      ...device,
      deviceOwner: OWNER.routerGateway,
      host: 'network1',
    }),
    port('f1f1f1f1-0000-4000-8000-000000000003', IDS.extNet, ext('203.0.113.102'), {
      deviceId: 'fip-1',
      deviceOwner: OWNER.floatingIp,
    }),
    port('f9f9f9f9-0000-4000-8000-000000000004', IDS.extNet, ext('203.0.113.103'), {
      deviceId: 'l3-compute1',
      deviceOwner: OWNER.agentGateway,
      host: 'compute1',
    }),
    port('d0d0d0d0-0000-4000-8000-000000000005', IDS.demoNet, demo('192.168.1.4'), {
      deviceId: 'dhcp-1',
      deviceOwner: OWNER.dhcp,
      host: 'network1',
    }),
    instancePort('05a1b2c3-d400-4000-8000-000000000006', '192.168.1.3', 'compute1'),
    {
      kind: 'security_group',
      id: IDS.group,
      projectId: 'demo',
      name: 'default',
      stateful: true,
      rules: [
        {
          id: 'r1',
          direction: 'ingress',
          ethertype: 'IPv4',
          protocol: null,
          portMin: null,
          portMax: null,
          remoteIpPrefix: null,
          remoteGroupId: IDS.group,
        },
      ],
    },
    {
      kind: 'floatingip',
      id: 'fip-1',
      projectId: 'demo',
      floatingNetworkId: IDS.extNet,
      floatingIp: '203.0.113.102',
      fixedIp: '192.168.1.3',
      portId: '05a1b2c3-d400-4000-8000-000000000006',
      routerId: IDS.router,
      status: 'ACTIVE',
    },
  ]
}
