import { readFileSync } from 'node:fs'
import { inNode } from '../../src/lab/node.js'
import {
  allow,
  associateFloatingIp,
  boot,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  VXLAN,
} from '../../src/lab/proof/objects.js'
import { nodeVarLib } from '../../src/lab/state.js'
import type { TestLab } from '../../test/lib/lab.js'
import type { Path } from './measure.js'
import type { Place } from './place.js'

const OUTSIDE = '203.0.113.1'
/** where all paths begin, and where the idle ports are */
const NODE = 'compute1'

/** Instances on two hosts with every kind of way between them. The scheduler takes the hosts in turn. */
export async function makePaths(lab: TestLab): Promise<Path[]> {
  const { id: external } = await makeExternal(lab, 'flat', 'ext-net')
  const nets = await Promise.all([1, 2, 3, 4].map((n) => makeNetwork(lab, `net${n}`, `192.168.${n}.0/24`, VXLAN)))
  const [net1, net2, net3, net4] = nets as [(typeof nets)[0], (typeof nets)[0], (typeof nets)[0], (typeof nets)[0]]
  await makeRouter(lab, 'distributed', { subnets: [net1.subnetId, net2.subnetId], external })
  await makeRouter(lab, 'legacy', { subnets: [net3.subnetId, net4.subnetId], distributed: false })
  for (const protocol of ['tcp', 'udp', 'icmp']) await allow(lab, { protocol })
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const made: Instance[] = []
  for (const [index, net] of [net1, net2, net1, net1, net3, net4].entries())
    made.push(await boot(lab, { name: names[index]!, networkId: net.id }))
  const [a, b, c, d, e, f] = made as [Instance, Instance, Instance, Instance, Instance, Instance]
  const hosts = made.map(({ host }) => host).join()
  if (hosts !== 'compute1,compute2,compute1,compute2,compute1,compute2') throw new Error(`instances are on ${hosts}`)
  const fip = await associateFloatingIp(lab, external, a.portId)
  const outside: Place = async (argv) => inNode(lab.state.inits.outside!, argv)
  const at = (instance: Instance) => inside(lab, instance)
  return [
    { name: 'two instances on one node', from: at(a), to: at(c), address: c.ip },
    { name: 'same network across nodes', from: at(a), to: at(d), address: d.ip },
    { name: 'DVR east-west', from: at(a), to: at(b), address: b.ip },
    { name: 'floating IP in', from: outside, to: at(a), address: fip.ip },
    { name: 'floating IP out', from: at(a), to: outside, address: OUTSIDE },
    { name: 'SNAT', from: at(c), to: outside, address: OUTSIDE },
    { name: 'legacy router', from: at(e), to: at(f), address: f.ip },
  ]
}

/** Without asking the API each time. */
function inside({ state }: TestLab, { id, host }: Instance): Place {
  const pid = readFileSync(`${nodeVarLib(state.spec.name, host)}/nova/instances/${id}/pid`, 'utf8').trim()
  return async (argv) => inNode(state.inits[host]!, ['nsenter', '-t', pid, '-m', '-u', '-n', '-p', '--', ...argv])
}

/** each in a VLAN of its own, far from those that the agent uses */
const FIRST_IDLE_VLAN = 3000

const idleName = (index: number) => `idle${index}`

/** Instances that have nothing to do: to Open vSwitch each is one more port. */
export async function plugIdle(lab: TestLab, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => idleName(index))
  const links = names.flatMap((name) => [
    `link add ${name} type veth peer name ${name}-in`,
    // idle means that the kernel says nothing of its own either
    `link set ${name} addrgenmode none up`,
    `link set ${name}-in addrgenmode none up`,
  ])
  await lab.on(NODE, ['ip', '-batch', '-'], { input: `${links.join('\n')}\n` })
  const ports = names.flatMap((name, index) => ['--', 'add-port', 'br-int', name, `tag=${FIRST_IDLE_VLAN + index}`])
  await lab.on(NODE, ['ovs-vsctl', ...ports])
}

export async function unplugIdle(lab: TestLab, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => idleName(index))
  await lab.on(NODE, ['ovs-vsctl', ...names.flatMap((name) => ['--', 'del-port', 'br-int', name])])
  const links = names.map((name) => `link del ${name}`)
  await lab.on(NODE, ['ip', '-batch', '-'], { input: `${links.join('\n')}\n` })
}
