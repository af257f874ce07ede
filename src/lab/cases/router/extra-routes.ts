import { fipNs, qrouterNs, snatNs } from '../../../model/device-names.js'
import { centralHost, routingNodes } from '../../proof/central-host.js'
import { convertRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  portOn,
} from '../../proof/objects.js'
import { expectAnswers, expectSilence, run as runAt } from '../../proof/places.js'
import { expectRefused } from '../../proof/refused.js'
import { settled } from '../../settled.js'
import { EXTERNAL_HOST } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const HIDDEN = '10.99.0.0/24'
const HOP = '192.168.2.50'
/** a place behind a host of the external network */
const BEYOND = '172.31.0.0/24'

/** A network behind an instance that forwards: the router knows the way because it was told. */
export const extraRoutes: Case = {
  name: 'extra-routes',
  title: 'a router sends to an instance that forwards, on every host; routes are added and removed one by one',
  async run(run) {
    const objects = await run.step('set up a network behind an instance', () => setUp(run))
    const { external, routerId, near, hop, hidden, rightSubnet } = objects
    const change = async (action: 'add' | 'remove', routes: readonly object[]) => {
      await run.demo.network.put(`/v2.0/routers/${routerId}/${action}_extraroutes`, { router: { routes } })
      await settled(run.admin)
    }
    const route = { destination: HIDDEN, nexthop: HOP }
    const outward = { destination: BEYOND, nexthop: EXTERNAL_HOST }
    await run.step('without a route there is no way', () => expectSilence(run, { instance: near.id }, hidden.ip))
    await run.step('add_extraroutes', () => change('add', [route, outward]))
    await run.step('the way there and back', () => bothWays(run, near, hidden))
    await run.step('routes in every namespace of the router', async () => {
      for (const node of [near.host, hop.host, ...routingNodes(run, ['network'])])
        await expectRoutes(run, node, qrouterNs(routerId), [`${HIDDEN} via ${HOP}`])
      await expectRoutes(run, await centralHost(run, routerId), snatNs(routerId), [
        `${HIDDEN} via ${HOP}`,
        `${BEYOND} via ${EXTERNAL_HOST}`,
      ])
    })
    await run.step('a floating IP takes the route outside too', async () => {
      await associateFloatingIp(run, external.id, near.portId)
      const fip = fipNs(external.id)
      const output = await runAt(run, { node: near.host }, ['ip', '-n', fip, '-4', 'route', 'show', 'table', 'all'])
      const found = output.split('\n').filter((line) => line.startsWith(BEYOND))
      expect(found.length === 1 && found[0]!.includes(` via ${EXTERNAL_HOST} `), `${fip} has ${found.join() || 'none'}`)
    })
    await run.step('what is refused', () => refusals(run, routerId, rightSubnet))
    await run.step('remove_extraroutes takes one', async () => {
      await change('remove', [outward])
      await expectRoutes(run, await centralHost(run, routerId), snatNs(routerId), [`${HIDDEN} via ${HOP}`])
      await bothWays(run, near, hidden)
    })
    await run.step('make the router legacy', () => convertRouter(run, routerId, false))
    await run.step('the way over the legacy router', () => bothWays(run, near, hidden))
    await run.step('removed, there is no way', async () => {
      await change('remove', [route, outward])
      await expectSilence(run, { instance: near.id }, hidden.ip)
      await expectAnswers(run, { instance: near.id }, hop.ip)
    })
  },
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'routes-ext')
  const left = await makeNetwork(run, 'routes-1', '192.168.1.0/24')
  const right = await makeNetwork(run, 'routes-2', '192.168.2.0/24')
  // its hosts' gateway is the instance that forwards
  const behind = await makeNetwork(run, 'routes-hidden', HIDDEN)
  const subnets = [left.subnetId, right.subnetId]
  const router = await makeRouter(run, 'routes', { subnets, external: external.id, distributed: true })
  const free = { port_security_enabled: false, security_groups: [] }
  const outer = await portOn(run, right.id, right.subnetId, HOP, free)
  const inner = await portOn(run, behind.id, behind.subnetId, '10.99.0.1', free)
  const [near, hop, hidden] = await bootAll(run, [
    { name: 'routes-near', networkId: left.id, host: 'compute1' },
    {
      name: 'routes-hop',
      portId: outer.id,
      host: 'compute2',
      more: { networks: [{ port: outer.id }, { port: inner.id }] },
    },
    { name: 'routes-hidden', networkId: behind.id, host: 'compute1' },
  ])
  await allow(run, { protocol: 'icmp' })
  await forward(run, hop!, inner.ip)
  return {
    external,
    routerId: router.id,
    near: near!,
    hop: { ...hop!, ip: HOP },
    hidden: hidden!,
    rightSubnet: right.subnetId,
  }
}

/** What comes for others is passed on; what is not for the hidden network goes to the router. */
async function forward(run: CaseRun, { id }: Instance, innerIp: string): Promise<void> {
  const addresses = await runAt(run, { instance: id }, ['ip', '-4', '-o', 'address'])
  expect(addresses.includes(` ${innerIp}/24`), `instance ${id} has no address ${innerIp}: ${addresses}`)
  await runAt(run, { instance: id }, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'])
  await runAt(run, { instance: id }, ['ip', 'route', 'replace', 'default', 'via', '192.168.2.1', 'dev', 'eth0'])
}

async function bothWays(run: CaseRun, near: Instance, hidden: Instance): Promise<void> {
  await expectAnswers(run, { instance: near.id }, hidden.ip)
  await expectAnswers(run, { instance: hidden.id }, near.ip)
}

/** The static routes of a namespace's main table, defaults apart. */
async function expectRoutes(run: CaseRun, node: string, netns: string, wanted: readonly string[]): Promise<void> {
  const output = await runAt(run, { node }, ['ip', '-n', netns, '-j', '-4', 'route', 'show', 'table', 'main'])
  const routes = JSON.parse(output) as { dst: string; gateway?: string }[]
  const found = routes.filter(({ dst, gateway }) => gateway && dst !== 'default')
  const shown = found.map(({ dst, gateway }) => `${dst} via ${gateway}`).sort()
  expect(
    shown.join() === [...wanted].sort().join(),
    `${netns} on ${node} has ${shown.join()}, expected ${wanted.join()}`,
  )
}

async function refusals(run: CaseRun, routerId: string, subnetId: string): Promise<void> {
  const put = (destination: string, nexthop: string) => () =>
    run.demo.network.put(`/v2.0/routers/${routerId}`, { router: { routes: [{ destination, nexthop }] } })
  const invalid = (nexthop: string, reason: string) => ({
    status: 400,
    type: 'InvalidRoutes',
    message: `Invalid format for routes: [{'destination': '10.5.0.0/24', 'nexthop': '${nexthop}'}], ${reason}`,
  })
  await expectRefused(
    put('10.5.0.0/24', '172.16.0.1'),
    invalid('172.16.0.1', 'the nexthop is not connected with router'),
  )
  await expectRefused(put('10.5.0.0/24', '192.168.2.1'), invalid('192.168.2.1', 'the nexthop is used by router'))
  await expectRefused(() => run.demo.network.removeRouterInterface(routerId, { subnet_id: subnetId }), {
    status: 409,
    type: 'RouterInterfaceInUseByRoute',
    message: `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is required by one or more routes.`,
  })
}
