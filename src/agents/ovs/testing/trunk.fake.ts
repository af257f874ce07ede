import type { HostObject, TrunkView } from '../../../bus/contracts/host-view.js'
import { OWNER } from '../../../model/owners.js'
import type { LocalState } from '../local.js'
import { exampleObjects, ID, network, port, subnet } from './example.fake.js'
import { exampleLocal } from './local.fake.js'

/** Instance 1 of the constructed cloud with a trunk: behind tag 100 a subport on a VLAN network of its own. */
export const TRUNK = {
  id: '7a0b1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d',
  bridge: 'tbr-7a0b1c2d-3',
  vlan: 100,
  net: '0b10e000-0000-4000-8000-0000000000b1',
  subnet: '0b10e000-0000-4000-8000-0000000000b2',
  subport: '5b5b5b5b-5b5b-4000-8000-000000005b5b',
  mac: 'fa:16:3e:00:02:11',
} as const

/** OpenFlow ports by name, on the trunk's bridge and on br-int. */
export const TRUNK_PORTS: readonly (readonly [name: string, ofport: number])[] = [
  ['qvo05a1b2c3-d4', 1],
  ['tpt-05a1b2c3-d', 2],
  ['spt-5b5b5b5b-5', 3],
]

export function trunkObjects(): HostObject[] {
  const view: TrunkView = {
    kind: 'trunk',
    id: TRUNK.id,
    portId: ID.instance1,
    instanceId: 'vm',
    subports: [{ portId: TRUNK.subport, vlan: TRUNK.vlan }],
  }
  return [
    ...exampleObjects(),
    view,
    network(TRUNK.net, {
      type: 'vlan',
      physicalNetwork: 'vlan',
      segmentationId: 102,
      mtu: 1400,
      subnets: [subnet(TRUNK.subnet, '192.168.2.0/24', '192.168.2.1', { routed: false })],
    }),
    port(TRUNK.subport, TRUNK.net, TRUNK.mac, {
      deviceOwner: OWNER.trunkSubport,
      deviceId: TRUNK.id,
      fixedIps: [{ subnetId: TRUNK.subnet, ip: '192.168.2.11' }],
    }),
  ]
}

/** The instance is plugged into the trunk's bridge, nothing else is there yet. */
export function pluggedTrunk(): LocalState {
  const local = exampleLocal()
  const device = local.devices.find(({ portId }) => portId === ID.instance1)!
  return {
    ...local,
    devices: local.devices.filter((each) => each !== device),
    trunkDevices: [{ ...device, ofport: 1, bridge: TRUNK.bridge }],
    bridges: new Set([...local.bridges, TRUNK.bridge]),
  }
}

/** The agent has joined the trunk's bridge with br-int. */
export function joinedTrunk(): LocalState {
  const local = pluggedTrunk()
  const device = (name: string, portId: string, ofport: number) => {
    return { name, portId, ofport, otherConfig: {}, trunkId: TRUNK.id }
  }
  return {
    ...local,
    devices: [
      ...local.devices,
      device('tpi-05a1b2c3-d', ID.instance1, 11),
      device('qvo5b5b5b5b-5b', TRUNK.subport, 12),
    ],
    ofports: new Map([...local.ofports, ...TRUNK_PORTS]),
  }
}
