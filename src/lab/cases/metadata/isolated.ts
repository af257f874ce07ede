import { dhcpServers, expectRoute, renewLease } from '../../proof/dhcp.js'
import { expect } from '../../proof/expect.js'
import { askMetadata, expectOwnMetadata, ownUserData } from '../../proof/metadata.js'
import { bootAll, type Instance, makeNetwork, makePort, makeRouter } from '../../proof/objects.js'
import { run as runAt } from '../../proof/places.js'
import { withOptions } from '../../proof/restart.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const SERVICE = '169.254.169.254'
const AGENT = 'neutron-dhcp-agent'
const FILE = 'neutron/dhcp_agent.ini'
const CIDR = '192.168.7.0/24'
const ADDRESS = '192.168.7.10'

async function servers(run: CaseRun, networkId: string): Promise<string[]> {
  return [...(await dhcpServers(run, networkId)).values()].map(({ ip }) => ip)
}

async function expectOverDhcp(run: CaseRun, instance: Instance, networkId: string): Promise<void> {
  await expectRoute(run, instance, SERVICE, ...(await servers(run, networkId)))
}

/** Command lines of the metadata proxies on the network nodes. */
async function proxied(run: CaseRun): Promise<string> {
  const lists = run.state.spec.nodes
    .filter(({ role }) => role === 'network')
    .map(({ name }) => runAt(run, { node: name }, ['pgrep', '-a', '-x', 'haproxy'], { okCodes: [0, 1] }))
  return (await Promise.all(lists)).join('')
}

async function isolated(run: CaseRun): Promise<void> {
  const nets = await run.step('two networks with the same addresses and no router, one without a gateway', async () => {
    const left = await makeNetwork(run, 'isolated-left', CIDR)
    const right = await makeNetwork(run, 'isolated-right', CIDR, { subnet: { gateway_ip: null } })
    return { left, right }
  })
  const [left, right] = await run.step('instances with the same address in both', async () => {
    const wishes = []
    for (const [side, { id }] of Object.entries(nets)) {
      const { id: portId } = await makePort(run, id, { fixed_ips: [{ ip_address: ADDRESS }] })
      wishes.push({ name: `isolated-${side}`, portId, host: 'compute1', more: ownUserData(`isolated-${side}`) })
    }
    return bootAll(run, wishes)
  })
  await run.step('each is told its own by its DHCP server', async () => {
    await expectOverDhcp(run, left!, nets.left.id)
    await expectOverDhcp(run, right!, nets.right.id)
    await Promise.all([left!, right!].map((instance) => expectOwnMetadata(run, instance)))
  })
  const router = await run.step('with a router it is the router that answers', async () => {
    const router = await makeRouter(run, 'isolated', { subnets: [nets.left.subnetId] })
    await settled(run.admin)
    await renewLease(run, left!)
    await expectRoute(run, left!, SERVICE, '192.168.7.1')
    await expectOwnMetadata(run, left!)
    expect(!(await proxied(run)).includes(nets.left.id), 'the DHCP server of a routed network answers, too')
    await expectOwnMetadata(run, right!)
    return router
  })
  await run.step('without it the DHCP server answers again', async () => {
    await run.demo.network.removeRouterInterface(router.id, { subnet_id: nets.left.subnetId })
    await settled(run.admin)
    await renewLease(run, left!)
    await expectOverDhcp(run, left!, nets.left.id)
    await expectOwnMetadata(run, left!)
  })
}

async function forced(run: CaseRun): Promise<void> {
  const network = await makeNetwork(run, 'forced', '192.168.8.0/24')
  await makeRouter(run, 'forced', { subnets: [network.subnetId] })
  const wish = { name: 'forced', networkId: network.id, host: 'compute1', more: ownUserData('forced') }
  const [instance] = await bootAll(run, [wish])
  await expectOverDhcp(run, instance!, network.id)
  await expectOwnMetadata(run, instance!)
}

export const metadataIsolated: Case = {
  name: 'metadata-isolated',
  title: 'without a router the DHCP server answers for metadata, each instance its own; a router may come and go',
  async run(run) {
    await run.step('by default nobody answers', async () => {
      const network = await makeNetwork(run, 'lonely', '192.168.9.0/24', { subnet: { gateway_ip: null } })
      const [instance] = await bootAll(run, [{ name: 'lonely', networkId: network.id, host: 'compute2' }])
      await expectRoute(run, instance!, SERVICE)
      expect((await askMetadata(run, instance!, '/')).status === 0, 'somebody answers')
    })
    await withOptions(run, AGENT, FILE, { enable_isolated_metadata: 'True' }, () => isolated(run))
    await run.step('force_metadata: also with a router', () =>
      withOptions(run, AGENT, FILE, { force_metadata: 'True' }, () => forced(run)),
    )
  },
}
