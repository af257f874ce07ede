import { expect } from '../proof/expect.js'
import {
  allow,
  bootAll,
  deleteInstance,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
} from '../proof/objects.js'
import { expectAnswers, namespacesAt, run as runAt } from '../proof/places.js'
import { endAt, tunnelsAt } from '../proof/tunnels.js'
import { until } from '../proof/until.js'
import { settled } from '../settled.js'
import { tunnelIp } from '../spec.js'
import type { Case, CaseRun } from './case.js'

const COMPUTES = 10
const VXLAN = { network: { 'provider:network_type': 'vxlan' } }

/** Ten compute nodes, networks on some of them: each node knows of those that it shares a network with, and of no other. */
export const tenComputes: Case = {
  name: 'ten-computes',
  title: 'on ten compute nodes tunnels, floods and l2population entries are only where a network is, and go with it',
  needs: { computes: COMPUTES },
  async run(run) {
    await run.step('without networks no node has a tunnel', () => expectTunnels(run, {}))
    const red = await makeNetwork(run, 'ten-red', '192.168.1.0/24', { ...VXLAN, subnet: { enable_dhcp: false } })
    const blue = await makeNetwork(run, 'ten-blue', '192.168.2.0/24', VXLAN)
    await allow(run, { protocol: 'icmp' })
    const [r1, r5, r10] = await boot(run, red.id, [1, 5, 10])
    const [b2, b5] = await boot(run, blue.id, [2, 5])
    await settled(run.admin)
    const redHosts = ['compute1', 'compute5', 'compute10']
    const blueHosts = ['compute2', 'compute5', 'network1']
    await run.step('tunnels join exactly the hosts of a network; the network node where it serves DHCP', () =>
      expectTunnels(run, joined(redHosts, blueHosts)),
    )
    await run.step('each host knows exactly the MACs of its networks elsewhere', async () => {
      await expectMacs(run, 'compute1', [r5!, r10!])
      await expectMacs(run, 'compute5', [r1!, r10!, b2!], await dhcpMac(run, blue.id))
      await expectMacs(run, 'compute2', [b5!], await dhcpMac(run, blue.id))
      await expectMacs(run, 'compute3', [])
    })
    await run.step('each network works, and only within itself', async () => {
      await expectSetByHand(run, [r1!, r5!, r10!])
      await expectAnswers(run, { instance: r1!.id }, r10!.ip)
      await expectAnswers(run, { instance: r10!.id }, r5!.ip)
      await expectAnswers(run, { instance: b2!.id }, b5!.ip)
    })
    await run.step('a router brings its hosts together, the SNAT host too', async () => {
      const external = await makeExternal(run, 'flat', 'ten-ext')
      await makeRouter(run, 'ten', { subnets: [red.subnetId, blue.subnetId], external: external.id })
      await settled(run.admin)
      const all = ['compute1', 'compute2', 'compute5', 'compute10', 'network1']
      await expectTunnels(run, joined(all))
      await expectAnswers(run, { instance: b2!.id }, b5!.ip)
      for (const { name } of computes(run)) {
        const routers = (await namespacesAt(run, name)).filter((netns) => netns.startsWith('qrouter-'))
        expect(routers.length > 0 === all.includes(name), `${name} has the routers ${routers.join() || 'none'}`)
      }
    })
    await run.step('a host that loses its last instance of a network is forgotten by the others', async () => {
      await deleteInstance(run, r10!.id)
      await settled(run.admin)
      await expectTunnels(run, joined(['compute1', 'compute2', 'compute5', 'network1']))
    })
  },
}

async function boot(run: CaseRun, networkId: string, hosts: readonly number[]): Promise<Instance[]> {
  return bootAll(
    run,
    hosts.map((host) => ({ name: `ten-${networkId.slice(0, 4)}-${host}`, networkId, host: `compute${host}` })),
  )
}

/** Without DHCP the addresses of instances are set as a user would, at the console. */
async function expectSetByHand(run: CaseRun, instances: readonly Instance[]): Promise<void> {
  for (const { id, ip } of instances) {
    await runAt(run, { instance: id }, ['ip', 'address', 'add', `${ip}/24`, 'dev', 'eth0'])
  }
}

const computes = (run: CaseRun) => run.state.spec.nodes.filter(({ role }) => role === 'compute')
const tunnelNodes = (run: CaseRun) => run.state.spec.nodes.filter((node) => tunnelIp(node) !== null)

/** Which other hosts each host of these groups must have a tunnel to. */
function joined(...groups: readonly string[][]): Record<string, string[]> {
  const ends: Record<string, string[]> = {}
  for (const group of groups) {
    for (const host of group) {
      ends[host] = [...new Set([...(ends[host] ?? []), ...group.filter((other) => other !== host)])].sort()
    }
  }
  return ends
}

async function expectTunnels(run: CaseRun, wanted: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const names = new Map(tunnelNodes(run).map((node) => [tunnelIp(node)!, node.name]))
  for (const { name } of tunnelNodes(run)) {
    let found = ''
    const expected = (wanted[name] ?? []).join()
    await until(`${name} to have its tunnels`, async () => {
      const { ends } = await tunnelsAt(run, name)
      found = ends
        .map((end) => names.get(end) ?? end)
        .sort()
        .join()
      return found === expected
    }).catch(() => expect(false, `${name} has tunnels to '${found}', expected '${expected}'`))
    const { floods } = await tunnelsAt(run, name)
    expect(floods > 0 === (expected !== ''), `${name} floods in ${floods} networks, its tunnels go to '${expected}'`)
  }
}

async function expectMacs(
  run: CaseRun,
  node: string,
  instances: readonly Instance[],
  ...more: string[]
): Promise<void> {
  const wanted = [...instances.map(({ mac }) => mac), ...more].sort().join()
  const { ways, answers } = await tunnelsAt(run, node)
  const macs = ways.map(({ mac }) => mac).join()
  expect(macs === wanted, `${node} sends to ${macs}, expected ${wanted}`)
  for (const { mac, ip, host } of instances) {
    const end = ways.find((way) => way.mac === mac)?.end
    expect(end === endAt(run, host), `${node} sends ${mac} of ${host} to ${end}`)
    expect(answers.includes(ip), `${node} does not answer for ${ip}`)
  }
}

async function dhcpMac({ admin }: CaseRun, network_id: string): Promise<string> {
  const query = { network_id, device_owner: 'network:dhcp' }
  const { ports } = await admin.network.get<{ ports: { mac_address: string }[] }>('/v2.0/ports', query)
  return ports[0]!.mac_address
}
