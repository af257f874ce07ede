import { makeGroup } from '../../proof/groups.js'
import {
  boot,
  type Instance,
  type Json,
  makeExternal,
  makeNetwork,
  makePort,
  makeRouter,
  type Network,
  type Port,
  VXLAN,
} from '../../proof/objects.js'
import { TaggingInstance } from '../../proof/tagging.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import type { CaseRun } from '../case.js'

/** A subport and how its instance has it. */
export interface Subport extends Port {
  readonly vlan: number
  readonly device: string
}

export interface TrunkInstance extends Instance {
  readonly trunkId: string
  readonly inside: TaggingInstance
  readonly blue: Subport
  readonly red: Subport
}

export interface Trunks {
  readonly external: Network
  /** VXLAN */
  readonly blue: Network
  /** VLAN */
  readonly red: Network
  readonly routerId: string
  /** group of blue subports */
  readonly group: string
  readonly first: TrunkInstance
  readonly second: TrunkInstance
  /** an ordinary instance on blue, beside the first */
  readonly plain: Instance
}

/** Two instances with trunks on two hosts; what they call blue and red are the same networks, blue under different tags. */
export async function setUp(run: CaseRun): Promise<Trunks> {
  const external = await makeExternal(run, 'flat', 'trunk-ext')
  const own = await makeNetwork(run, 'trunk-own', '192.168.1.0/24', VXLAN)
  const blue = await makeNetwork(run, 'trunk-blue', '192.168.2.0/24', VXLAN)
  const wire = { 'provider:network_type': 'vlan', 'provider:physical_network': 'vlan', mtu: own.mtu }
  const red = await makeNetwork(run, 'trunk-red', '192.168.3.0/24', { network: wire })
  const { id: routerId } = await makeRouter(run, 'trunk', {
    subnets: [own.subnetId, blue.subnetId],
    external: external.id,
  })
  const group = await makeGroup(run, 'trunk-blue')
  const open = await makeGroup(run, 'trunk-open', { rules: [{ protocol: 'icmp' }, { protocol: 'tcp' }] })
  const trunkOn = async (name: string, host: string, blueVlan: number): Promise<TrunkInstance> => {
    const parent = await makePort(run, own.id, { security_groups: [open] })
    const inBlue = await makePort(run, blue.id, { security_groups: [group] })
    const inRed = await makePort(run, red.id, { security_groups: [open] })
    const trunk = await run.demo.network.create('trunks', {
      name,
      port_id: parent.id,
      sub_ports: [
        { port_id: inBlue.id, segmentation_type: 'vlan', segmentation_id: blueVlan },
        { port_id: inRed.id, segmentation_type: 'inherit' },
      ],
    })
    const instance = await boot(run, { name, portId: parent.id, host })
    await trunkStatus(run, trunk.id, 'ACTIVE')
    await settled(run.admin)
    return {
      ...instance,
      ip: parent.ip,
      trunkId: trunk.id,
      inside: await TaggingInstance.start(run, instance),
      blue: { ...inBlue, vlan: blueVlan, device: 'blue' },
      red: { ...inRed, vlan: red.segmentationId!, device: 'red' },
    }
  }
  const first = await trunkOn('trunk-first', 'compute1', 100)
  const second = await trunkOn('trunk-second', 'compute2', 200)
  const plain = await boot(run, { name: 'trunk-plain', networkId: blue.id, host: 'compute1' })
  return { external, blue, red, routerId, group, first, second, plain }
}

/** Waits until a trunk has a status. */
export async function trunkStatus({ demo }: CaseRun, id: string, status: string): Promise<void> {
  let last: unknown
  await until(`trunk ${id} to be ${status}`, async () => {
    last = (await demo.network.get<{ trunk: Json }>(`/v2.0/trunks/${id}`)).trunk.status
    return last === status
  })
}

/** Adds a subport's device to its instance, with the address that DHCP gives it. */
export async function configure({ inside }: TrunkInstance, subport: Subport, mtu: number): Promise<string> {
  await inside.add(subport.device, subport.vlan, subport.mac, mtu)
  return inside.dhcp(subport.device)
}
