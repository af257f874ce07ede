import { expect } from '../../proof/expect.js'
import { askAll, expectOwnMetadata, ownUserData } from '../../proof/metadata.js'
import { bootAll, type Instance, makeNetwork, makePort, makeRouter } from '../../proof/objects.js'
import { namespacesAt } from '../../proof/places.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import type { Case, CaseRun } from '../case.js'

const AGENT = 'neutron-metadata-agent'
const ADDRESS = '192.168.7.10'

/** Two networks with the same addresses, each behind a router of its own; instances of both with the same address on one host. */
async function twins(run: CaseRun, distributed: boolean): Promise<Instance[]> {
  const wishes = []
  for (const side of ['left', 'right']) {
    const network = await makeNetwork(run, `metadata-${side}`, '192.168.7.0/24')
    await makeRouter(run, `metadata-${side}`, { subnets: [network.subnetId], distributed })
    const port = await makePort(run, network.id, { fixed_ips: [{ ip_address: ADDRESS }] })
    wishes.push({ name: `${side}-twin`, portId: port.id, host: 'compute1', more: ownUserData(`${side}-twin`) })
    wishes.push({ name: `${side}-far`, networkId: network.id, host: 'compute2', more: ownUserData(`${side}-far`) })
  }
  return bootAll(run, wishes)
}

async function everyonesOwn(run: CaseRun, instances: readonly Instance[]): Promise<void> {
  expect(instances.filter(({ ip }) => ip === ADDRESS).length === 2, 'two instances have the same address')
  await Promise.all(instances.map((instance) => expectOwnMetadata(run, instance)))
}

/** While the metadata agents of these nodes are dead. */
async function without(run: CaseRun, nodes: readonly string[], action: () => Promise<void>): Promise<void> {
  for (const node of nodes) await killDaemon(run.state, node, AGENT)
  try {
    await action()
  } finally {
    for (const node of nodes) await startAgent(run.state, node, AGENT)
  }
}

const nodesOf = ({ state }: CaseRun, role: string) =>
  state.spec.nodes.filter((node) => node.role === role).map(({ name }) => name)

export const metadataDvr: Case = {
  name: 'metadata-dvr',
  title:
    'behind distributed routers instances with the same addresses each get their own metadata, from their own node',
  async run(run) {
    const instances = await run.step('instances with the same address behind two distributed routers', () =>
      twins(run, true),
    )
    await run.step('everyone is told its own', () => everyonesOwn(run, instances))
    await run.step('the network nodes have no part in it', () =>
      without(run, nodesOf(run, 'network'), () => everyonesOwn(run, instances)),
    )
    await run.step('listings, and what is not there', async () => {
      const [instance] = instances
      const answers: [string, number, RegExp][] = [
        ['/', 200, /^1\.0\n(.*\n)*latest$/],
        ['/latest/', 200, /^meta-data\/\nuser-data$/],
        ['/latest/meta-data/', 200, /^ami-id\n(.*\n)*hostname\n(.*\n)*instance-id\n/],
        ['/latest/meta-data/placement/availability-zone', 200, /^nova$/],
        ['/latest/meta-data/nothing', 404, /./],
        ['/openstack', 200, /^2012-08-10\n(.*\n)*latest$/],
        ['/openstack/latest/network_data.json', 200, /"ipv4_dhcp"/],
        ['/openstack/latest/../../../etc/passwd', 404, /./],
      ]
      const got = await askAll(
        run,
        { instance: instance!.id },
        'http://169.254.169.254',
        answers.map(([path]) => [path]),
      )
      for (const [i, [path, wanted, pattern]] of answers.entries()) {
        const { status, body } = got[i]!
        expect(status === wanted && pattern.test(body), `${path}: ${status} ${body}`)
      }
    })
  },
}

export const metadataLegacy: Case = {
  name: 'metadata-legacy',
  title: 'the same behind legacy routers, from the network node',
  async run(run) {
    const instances = await run.step('instances with the same address behind two legacy routers', () =>
      twins(run, false),
    )
    await run.step('no router is on a compute node', async () => {
      for (const node of nodesOf(run, 'compute')) {
        const found = (await namespacesAt(run, node)).filter((name) => name.startsWith('qrouter-'))
        expect(found.length === 0, `${node} has ${found.join()}`)
      }
    })
    await run.step('everyone is told its own', () => everyonesOwn(run, instances))
    await run.step('the compute nodes have no part in it', () =>
      without(run, nodesOf(run, 'compute'), () => everyonesOwn(run, instances)),
    )
  },
}
