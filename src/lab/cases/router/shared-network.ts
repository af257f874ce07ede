import { convertRouter } from '../../proof/convert.js'
import { expect } from '../../proof/expect.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  demoProject,
  madeNetwork,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
} from '../../proof/objects.js'
import { expectSeenAs, OUTSIDE, withWhoami } from '../../proof/outside.js'
import { expectAnswers, expectMesh } from '../../proof/places.js'
import { expectRefused } from '../../proof/refused.js'
import type { Case, CaseRun } from '../case.js'

/** A network of another project, opened to this one, is as good as an own one, but for changing it. */
export const sharedNetwork: Case = {
  name: 'shared-network',
  title: 'instances and a router of one project on networks of another: shared with all, and with this project alone',
  async run(run) {
    const { routerId, routerIp, forAll, forDemo, instances, externalId } = await run.step('set up', () => setUp(run))
    const [a, b, c] = instances
    const floatingIp = await run.step('a floating IP for an instance on it', () =>
      associateFloatingIp(run, externalId, b!.portId),
    )
    const traffic = async () => {
      await expectMesh(run, instances)
      await withWhoami(run, () =>
        Promise.all([
          expectSeenAs(run, a!, routerIp),
          expectSeenAs(run, b!, floatingIp.ip),
          expectSeenAs(run, c!, routerIp),
        ]),
      )
      await expectAnswers(run, OUTSIDE, floatingIp.ip)
    }
    await run.step('traffic between the projects’ networks and outside', traffic)
    await run.step('what its users may not do', () => refusals(run, forAll, forDemo))
    await run.step('make the router legacy', () => convertRouter(run, routerId, false))
    await run.step('traffic over the legacy router', traffic)
  },
}

async function setUp(run: CaseRun) {
  const external = await makeExternal(run, 'flat', 'shared-ext')
  const forAll = await ofAdmin(run, 'shared-all', '192.168.1.0/24', { shared: true })
  const forDemo = await ofAdmin(run, 'shared-demo', '192.168.2.0/24')
  const target = { object_type: 'network', object_id: forDemo.id, target_tenant: await demoProject(run) }
  const policy = await run.admin.network.post<{ rbac_policy: { id: string } }>('/v2.0/rbac-policies', {
    rbac_policy: { ...target, action: 'access_as_shared' },
  })
  const own = await makeNetwork(run, 'shared-own', '192.168.3.0/24')
  const subnets = [forAll.subnetId, forDemo.subnetId, own.subnetId]
  const router = await makeRouter(run, 'shared', { subnets, external: external.id, distributed: true })
  const instances = await bootAll(run, [
    { name: 'shared-a', networkId: forAll.id, host: 'compute1' },
    { name: 'shared-b', networkId: forDemo.id, host: 'compute2' },
    { name: 'shared-c', networkId: own.id, host: 'compute1' },
  ])
  await allow(run, { protocol: 'icmp' })
  return {
    externalId: external.id,
    routerId: router.id,
    routerIp: router.externalIp,
    forAll,
    forDemo: { ...forDemo, policyId: policy.rbac_policy.id },
    instances,
  }
}

async function ofAdmin(run: CaseRun, name: string, cidr: string, more = {}): Promise<Network> {
  const network = await run.admin.network.create('networks', { name, ...more })
  const subnet = await run.admin.network.create('subnets', { network_id: network.id, ip_version: 4, cidr })
  return madeNetwork(network, subnet.id)
}

async function refusals(
  run: CaseRun,
  forAll: Network,
  forDemo: Network & { readonly policyId: string },
): Promise<void> {
  const denied = (rule: string) => ({
    status: 403,
    type: 'PolicyNotAuthorized',
    message: `${rule} is disallowed by policy`,
  })
  for (const { id } of [forAll, forDemo]) {
    const update = () => run.demo.network.update('networks', id, { name: 'mine' })
    await expectRefused(update, denied('rule:update_network'))
    await expectRefused(() => run.demo.network.remove('networks', id), denied('rule:delete_network'))
  }
  const { status } = await answerOf(() => run.admin.network.delete(`/v2.0/rbac-policies/${forDemo.policyId}`))
  expect(status === 409, `taking the network away from its users was answered with ${status}`)
}

async function answerOf(call: () => Promise<unknown>): Promise<{ status: number }> {
  try {
    await call()
    return { status: 204 }
  } catch (error) {
    return { status: (error as { status?: number }).status ?? 0 }
  }
}
