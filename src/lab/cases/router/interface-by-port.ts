import { convertRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import { routerPorts } from '../../proof/macs.js'
import {
  allow,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  makeSubnet,
  portOn,
} from '../../proof/objects.js'
import { expectAnswers, expectSilence, run as runAt } from '../../proof/places.js'
import { badRequest, expectRefused } from '../../proof/refused.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const SECOND_ADDRESS = '192.168.1.254'

/** A second router on a subnet, which comes by a port of an address of its own; and a subnet without a gateway. */
export const interfaceByPort: Case = {
  name: 'interface-by-port',
  title: 'routers joined by a port of a chosen address: two on one subnet with host routes, one where no gateway is',
  async run(run) {
    const { left, right, bare, first, second } = await run.step('two routers on one subnet', () => setUp(run))
    const [a, b, c] = await run.step('instances', () => bootThem(run, [left, right, bare]))
    await run.step('the host route leads to the second router', async () => {
      const route = await runAt(run, { instance: a!.id }, ['ip', 'route', 'get', b!.ip])
      expect(route.includes(`via ${SECOND_ADDRESS} `), `instance ${a!.id} reaches ${b!.ip} by ${route.trim()}`)
    })
    const traffic = async () => {
      await expectAnswers(run, { instance: a!.id }, b!.ip)
      await expectAnswers(run, { instance: b!.id }, a!.ip)
      await expectAnswers(run, { instance: a!.id }, SECOND_ADDRESS)
      await expectAnswers(run, { instance: a!.id }, OPENSTACK_ORG)
      await expectSilence(run, { instance: b!.id }, OPENSTACK_ORG)
      await expectAnswers(run, { instance: c!.id }, b!.ip)
      await expectAnswers(run, { instance: b!.id }, c!.ip)
    }
    await run.step('traffic over both', traffic)
    await run.step('what is refused', () => refusals(run, { first, second, left, bare, a: a! }))
    await run.step('make the second router legacy', () => convertRouter(run, second, false))
    await run.step('traffic over a distributed and a legacy router of one subnet', traffic)
    await run.step('make the first one legacy too', () => convertRouter(run, first, false))
    await run.step('traffic over two legacy routers of one subnet', traffic)
    await run.step('removed by its port: the port is gone, the other router stays', async () => {
      const port = (await routerPorts(run, second)).find(({ ip }) => ip === SECOND_ADDRESS)!
      await run.demo.network.removeRouterInterface(second, { port_id: port.id })
      await settled(run.admin)
      const { ports } = await run.demo.network.get<{ ports: unknown[] }>('/v2.0/ports', { id: port.id })
      expect(ports.length === 0, `port ${port.id} is still there`)
      await expectSilence(run, { instance: a!.id }, b!.ip)
      await expectAnswers(run, { instance: a!.id }, OPENSTACK_ORG)
    })
  },
}

interface Place {
  readonly id: string
  readonly subnetId: string
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'by-port-ext')
  const host_routes = [
    { destination: '192.168.2.0/24', nexthop: SECOND_ADDRESS },
    { destination: '192.168.3.0/24', nexthop: SECOND_ADDRESS },
  ]
  const left = await makeNetwork(run, 'by-port-1', '192.168.1.0/24', { subnet: { host_routes } })
  const right = await makeNetwork(run, 'by-port-2', '192.168.2.0/24')
  const byHand = [{ destination: '192.168.2.0/24', nexthop: '192.168.3.9' }]
  const bare = await makeNetwork(run, 'by-port-3', '192.168.3.0/24', {
    subnet: { gateway_ip: null, host_routes: byHand },
  })
  const first = await makeRouter(run, 'by-port-a', {
    subnets: [left.subnetId],
    external: external.id,
    distributed: true,
  })
  const second = await makeRouter(run, 'by-port-b', { subnets: [right.subnetId], distributed: true })
  for (const [network, ip] of [
    [left, SECOND_ADDRESS],
    [bare, '192.168.3.9'],
  ] as const) {
    const port = await portOn(run, network.id, network.subnetId, ip)
    await run.demo.network.addRouterInterface(second.id, { port_id: port.id })
  }
  return { left, right, bare, first: first.id, second: second.id }
}

async function bootThem(run: CaseRun, [left, right, bare]: readonly Place[]): Promise<Instance[]> {
  const instances = await bootAll(run, [
    { name: 'by-port-a', networkId: left!.id, host: 'compute1' },
    { name: 'by-port-b', networkId: right!.id, host: 'compute2' },
    { name: 'by-port-c', networkId: bare!.id, host: 'compute1' },
  ])
  await allow(run, { protocol: 'icmp' })
  return instances
}

interface Refused {
  readonly first: string
  readonly second: string
  readonly left: Place
  readonly bare: Place
  readonly a: Instance
}

async function refusals(run: CaseRun, { first, second, left, bare, a }: Refused): Promise<void> {
  const add = (router: string, body: object) => () =>
    run.demo.network.put(`/v2.0/routers/${router}/add_router_interface`, body)
  await expectRefused(
    add(second, { subnet_id: left.subnetId }),
    badRequest('router', `Router already has a port on subnet ${left.subnetId}`),
  )
  await expectRefused(
    add(first, { subnet_id: bare.subnetId }),
    badRequest('router', 'Subnet for router interface must have a gateway IP'),
  )
  await expectRefused(add(first, {}), badRequest('router', 'Either subnet_id or port_id must be specified'))
  await expectRefused(
    add(first, { subnet_id: left.subnetId, port_id: a.portId }),
    badRequest('router', 'Cannot specify both subnet-id and port-id'),
  )
  await expectRefused(add(first, { port_id: a.portId }), {
    status: 409,
    type: 'PortInUse',
    message: `Unable to complete operation on port ${a.portId} for network ${left.id}. Port already has an attached device ${a.id}.`,
  })
  const extra = await makeSubnet(run, bare.id, '192.168.4.0/24')
  const fixed_ips = [{ subnet_id: bare.subnetId }, { subnet_id: extra }]
  const { id } = await run.demo.network.create('ports', { network_id: bare.id, fixed_ips })
  await expectRefused(
    add(first, { port_id: id }),
    badRequest('router', 'Cannot have multiple IPv4 subnets on router port'),
  )
}
