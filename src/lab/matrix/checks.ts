import { fipNs, isVxlanDevice, qrouterNs, snatNs } from '../../model/device-names.js'
import type { Cloud } from '../proof/cloud.js'
import { expect } from '../proof/expect.js'
import { allow, associateFloatingIp, type Instance } from '../proof/objects.js'
import { expectSeenAs, OUTSIDE } from '../proof/outside.js'
import { BRIEFLY, expectAnswers, expectSilence, pings, probe, run } from '../proof/places.js'
import { transfer } from '../proof/transfer.js'
import { expectNoWrites } from '../proof/writes.js'
import { OPENSTACK_ORG, type Wire } from '../spec.js'
import type { Objects } from './cloud.js'
import { type Combination, PROJECT_MTU } from './combination.js'

/** What a check works with. */
export interface Context {
  readonly cloud: Cloud
  readonly combination: Combination
  readonly objects: Objects
  /** address of the floating IP of instance a, once there is one */
  floatingIp: string
}

export interface Check {
  readonly name: string
  run(context: Context): Promise<void>
}

const TRANSFER_BYTES = 4 * 1024 * 1024
/** headers of IPv4 and ICMP */
const HEADERS = 28

const everyone = ({ a, b, c }: Objects) => [a, b, c]
const inside = (instance: Instance) => ({ instance: instance.id })

/** In this order; the later ones change the cloud. */
export const CHECKS: readonly Check[] = [
  {
    name: 'DHCP',
    async run({ cloud, combination, objects }) {
      const { network1, network2 } = objects
      const mtu = PROJECT_MTU[combination.project]
      expect(network1.mtu === mtu && network2.mtu === mtu, `the networks have MTU ${network1.mtu}, expected ${mtu}`)
      await Promise.all(everyone(objects).map((instance) => checkLease(cloud, instance, mtu)))
    },
  },
  {
    name: 'metadata',
    async run({ cloud, objects }) {
      await Promise.all(
        everyone(objects).map(async (instance) => {
          const url = 'http://169.254.169.254/openstack/latest/meta_data.json'
          const { uuid } = JSON.parse(await probe(cloud, inside(instance), 'get', url)) as { uuid: string }
          expect(uuid === instance.id, `instance ${instance.id} was told that it is ${uuid}`)
        }),
      )
    },
  },
  {
    name: 'same subnet',
    async run({ cloud, objects: { a, b } }) {
      await expectAnswers(cloud, inside(a), b.ip)
      await expectAnswers(cloud, inside(b), a.ip)
    },
  },
  {
    name: 'two subnets',
    async run({ cloud, objects: { b, c } }) {
      await expectAnswers(cloud, inside(b), c.ip)
      await expectAnswers(cloud, inside(c), b.ip)
    },
  },
  {
    name: 'SNAT',
    async run({ cloud, objects }) {
      const { b, c, router } = objects
      for (const instance of [b, c]) await expectSeenAs(cloud, instance, router.externalIp)
      await expectAnswers(cloud, inside(b), OPENSTACK_ORG)
    },
  },
  {
    name: 'floating IP out',
    async run(context) {
      const { cloud, objects } = context
      context.floatingIp = (await associateFloatingIp(cloud, objects.external.id, objects.a.portId)).ip
      await expectSeenAs(cloud, objects.a, context.floatingIp)
      await expectAnswers(cloud, inside(objects.a), OPENSTACK_ORG)
      await expectSeenAs(cloud, objects.b, objects.router.externalIp)
    },
  },
  {
    name: 'security group',
    async run({ cloud, floatingIp }) {
      expect(floatingIp !== '', 'there is no floating IP')
      // no rule lets it in yet
      await expectSilence(cloud, OUTSIDE, floatingIp)
    },
  },
  {
    name: 'floating IP in',
    async run({ cloud, floatingIp }) {
      expect(floatingIp !== '', 'there is no floating IP')
      await allow(cloud, { protocol: 'icmp' })
      await expectAnswers(cloud, OUTSIDE, floatingIp)
    },
  },
  {
    name: 'full MTU',
    async run({ cloud, combination, objects: { a, b, c } }) {
      const size = PROJECT_MTU[combination.project] - HEADERS
      const whole = ['-M', 'do', '-s']
      await expectAnswers(cloud, inside(a), b.ip, ...whole, String(size))
      await expectAnswers(cloud, inside(b), c.ip, ...whole, String(size))
      const tooBig = await pings(cloud, inside(a), b.ip, 1, ...BRIEFLY, ...whole, String(size + 1))
      expect(tooBig.received === 0, `a packet of ${size + 1 + HEADERS} bytes went through unbroken`)
      await transfer(cloud, a, b, TRANSFER_BYTES)
    },
  },
  {
    name: 'path',
    async run({ cloud, combination, objects: { b, c } }) {
      const wire = combination.project === 'vlan' ? 'vlan' : 'tunnel'
      const arrived = () =>
        Promise.all([
          receivedBytes(cloud, c.host, wire),
          receivedBytes(cloud, 'network1', wire),
          tunnelPorts(cloud, c.host),
        ])
      const [there, onTheWay] = await arrived()
      await transfer(cloud, b, c, TRANSFER_BYTES)
      const [thereNow, onTheWayNow, tunnels] = await arrived()
      expect(thereNow - there > TRANSFER_BYTES, `the ${wire} NIC of ${c.host} received ${thereNow - there} bytes`)
      // a distributed router is where the sender is; a legacy one is on the network node
      const detour = onTheWayNow - onTheWay > TRANSFER_BYTES / 2
      expect(detour === (combination.router === 'legacy'), `network1 received ${onTheWayNow - onTheWay} bytes of it`)
      const wanted = wire === 'tunnel' ? combination.project : ''
      expect(
        tunnels === wanted,
        `${c.host} has tunnel ports of type ${tunnels || 'none'}, expected ${wanted || 'none'}`,
      )
    },
  },
  {
    name: 'placement',
    async run({ cloud, combination, objects }) {
      const { a, b, router, external } = objects
      const distributed = combination.router === 'dvr'
      const central = distributed ? [qrouterNs(router.id), snatNs(router.id)] : [qrouterNs(router.id)]
      await expectRouterAt(cloud, 'network1', router.id, central)
      const onCompute = distributed ? [qrouterNs(router.id)] : []
      await expectRouterAt(cloud, a.host, router.id, distributed ? [...onCompute, fipNs(external.id)] : [])
      await expectRouterAt(cloud, b.host, router.id, onCompute)
    },
  },
  {
    name: 'writes nothing more',
    async run({ cloud }) {
      await expectNoWrites(cloud.state)
    },
  },
]

async function checkLease(cloud: Cloud, { id, ip, gateway }: Instance, mtu: number): Promise<void> {
  const place = { instance: id }
  const [device] = JSON.parse(await run(cloud, place, ['ip', '-j', '-4', 'address', 'show', 'dev', 'eth0'])) as {
    mtu: number
    addr_info: { local: string; prefixlen: number }[]
  }[]
  const has = device?.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`).join()
  expect(has === `${ip}/24`, `instance ${id} has ${has || 'no address'}, expected ${ip}/24`)
  expect(device?.mtu === mtu, `instance ${id} has MTU ${device?.mtu}, expected ${mtu}`)
  const routes = JSON.parse(await run(cloud, place, ['ip', '-j', '-4', 'route', 'show', 'default']))
  const via = (routes as { gateway: string }[])[0]?.gateway
  expect(via === gateway, `instance ${id} has default route ${via}, expected ${gateway}`)
}

/** Bytes that a node's NIC on a wire has received so far. */
async function receivedBytes(cloud: Cloud, node: string, wire: Wire): Promise<number> {
  const nic = cloud.state.spec.nodes.find(({ name }) => name === node)!.nics.find((one) => one.wire === wire)!
  return Number(await run(cloud, { node }, ['cat', `/sys/class/net/${nic.name}/statistics/rx_bytes`]))
}

/** Types of the tunnel ports that a node has, each once. A VXLAN device of the kernel is a port like any other device. */
async function tunnelPorts(cloud: Cloud, node: string): Promise<string> {
  const list = ['ovs-vsctl', '--bare', '--columns=type,name', 'list', 'Interface']
  const words = (await run(cloud, { node }, list)).split('\n').map((word) => (isVxlanDevice(word) ? 'vxlan' : word))
  const tunnels = words.filter((type) => ['vxlan', 'gre', 'geneve'].includes(type))
  return [...new Set(tunnels)].sort().join()
}

/** The router's namespaces (and all fip namespaces) on a node are these. */
async function expectRouterAt(cloud: Cloud, node: string, router: string, wanted: readonly string[]): Promise<void> {
  const names = (await run(cloud, { node }, ['ip', 'netns'])).split('\n').map((line) => line.split(' ')[0]!)
  const found = names.filter((name) => name.endsWith(router) || name.startsWith('fip-')).sort()
  expect(
    found.join() === [...wanted].sort().join(),
    `${node} has ${found.join(', ') || 'no namespace'} of the router, expected ${wanted.join(', ') || 'none'}`,
  )
}
