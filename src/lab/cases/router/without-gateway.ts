import { qrouterNs } from '../../../model/device-names.js'
import { centralHost, routingNodes } from '../../proof/central-host.js'
import { convertRouter, switchRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import { routerPorts } from '../../proof/macs.js'
import { allow, bootAll, type Instance, makeExternal, makeNetwork, makeRouter } from '../../proof/objects.js'
import { expectMesh, expectSilence, namespacesAt, probe, run as runAt } from '../../proof/places.js'
import { expectRefused } from '../../proof/refused.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { Case, CaseRun } from '../case.js'

const METADATA = 'http://169.254.169.254/openstack/latest/meta_data.json'

/** Between its networks such a router does everything, metadata included; it leads nowhere else. */
export const routerWithoutGateway: Case = {
  name: 'router-without-gateway',
  title: 'a router that leads nowhere outside routes between its networks; switched off it does nothing',
  async run(run) {
    const { external, routerId, subnetId, instances } = await run.step('set up', () => setUp(run))
    const [a] = instances
    const works = async () => {
      await expectMesh(run, instances)
      await Promise.all(instances.map((instance) => expectMetadata(run, instance)))
      await expectUnreachable(run, a!)
    }
    const central = () => routerPorts(run, routerId, 'network:router_centralized_snat')
    const at = async (nodes: readonly string[]) => {
      for (const node of routingNodes(run)) {
        const found = (await namespacesAt(run, node)).filter((name) => name.endsWith(routerId))
        const wanted = nodes.includes(node) ? qrouterNs(routerId) : ''
        expect(found.join() === wanted, `${node} has ${found.join() || 'nothing'} of the router, expected '${wanted}'`)
      }
      expect((await central()).length === 0, 'there are SNAT ports')
    }
    await run.step('east and west, metadata, no way outside', works)
    // the network node has it for the DHCP servers' ports
    await run.step('no snat namespace', () => at([...routingNodes(run, ['network']), 'compute1', 'compute2']))
    await run.step('no floating IP', () => noFloatingIp(run, external.id, a!, subnetId))
    await run.step('switched off, nothing is routed', async () => {
      await switchRouter(run, routerId, false)
      await expectSilence(run, { instance: a!.id }, instances[1]!.ip)
      await at([])
    })
    await run.step('switched on, everything is', async () => {
      await switchRouter(run, routerId, true)
      await works()
    })
    await run.step('make it legacy', () => convertRouter(run, routerId, false))
    await run.step('the same with the legacy router', async () => {
      await works()
      await at([await centralHost(run, routerId)])
    })
    await run.step('switched off and on', async () => {
      await switchRouter(run, routerId, false)
      await expectSilence(run, { instance: a!.id }, instances[1]!.ip)
      await at([])
      await switchRouter(run, routerId, true)
      await works()
    })
  },
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'inner-ext')
  const left = await makeNetwork(run, 'inner-1', '192.168.1.0/24')
  const right = await makeNetwork(run, 'inner-2', '192.168.2.0/24')
  const router = await makeRouter(run, 'inner', { subnets: [left.subnetId, right.subnetId], distributed: true })
  const instances = await bootAll(run, [
    { name: 'inner-a', networkId: left.id, host: 'compute1' },
    { name: 'inner-b', networkId: right.id, host: 'compute2' },
  ])
  await allow(run, { protocol: 'icmp' })
  await settled(run.admin)
  return { external, routerId: router.id, subnetId: left.subnetId, instances }
}

async function expectMetadata(run: CaseRun, { id }: Instance): Promise<void> {
  const { uuid } = JSON.parse(await probe(run, { instance: id }, 'get', METADATA)) as { uuid: string }
  expect(uuid === id, `instance ${id} was told that it is ${uuid}`)
}

/** The router says so, instead of letting the sender wait. */
async function expectUnreachable(run: CaseRun, { id, gateway }: Instance): Promise<void> {
  const output = await runAt(run, { instance: id }, ['ping', '-c', '1', '-W', '1', OPENSTACK_ORG], { okCodes: [0, 1] })
  expect(output.includes(`From ${gateway} `) && /Unreachable/.test(output), `ping outside said: ${output.trim()}`)
}

async function noFloatingIp(run: CaseRun, externalId: string, { portId }: Instance, subnetId: string): Promise<void> {
  const body = { floating_network_id: externalId, port_id: portId }
  await expectRefused(() => run.demo.network.create('floatingips', body), {
    status: 404,
    type: 'ExternalGatewayForFloatingIPNotFound',
    message: `External network ${externalId} is not reachable from subnet ${subnetId}.  Therefore, cannot associate Port ${portId} with a Floating IP.`,
  })
}
