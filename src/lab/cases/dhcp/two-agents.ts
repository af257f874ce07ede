import { qdhcpNs } from '../../../model/device-names.js'
import { askDhcp, dhcpServers, prolong } from '../../proof/dhcp.js'
import { expect } from '../../proof/expect.js'
import { boot, makeExternal, makeNetwork, makeRouter } from '../../proof/objects.js'
import { namespacesAt, run as runAt } from '../../proof/places.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'
import { dnsmasqFile, expectProlonged } from './leases.js'

const AGENT = 'neutron-dhcp-agent'
const NODES = ['network1', 'network2'] as const

async function agentId({ admin }: CaseRun, node: string): Promise<string> {
  const query = { host: node, binary: AGENT }
  return (await admin.network.get<{ agents: { id: string }[] }>('/v2.0/agents', query)).agents[0]!.id
}

/** Hosts of the network's agents, by the API. */
async function hosts({ admin }: CaseRun, networkId: string): Promise<string> {
  const { agents } = await admin.network.get<{ agents: { host: string }[] }>(`/v2.0/networks/${networkId}/dhcp-agents`)
  return agents
    .map(({ host }) => host)
    .sort()
    .join()
}

async function servingNodes(run: CaseRun, networkId: string): Promise<string> {
  const found = await Promise.all(
    NODES.map(async (node) => ((await namespacesAt(run, node)).includes(qdhcpNs(networkId)) ? [node] : [])),
  )
  return found.flat().join()
}

/** While a node cannot be reached: its NICs for project networks are down, its agent and dnsmasq are dead. */
async function withoutNode(run: CaseRun, node: string, networkId: string, action: () => Promise<void>): Promise<void> {
  const nics = (state: string) =>
    Promise.all(['eth1', 'eth2'].map((nic) => runAt(run, { node }, ['ip', 'link', 'set', nic, state])))
  await killDaemon(run.state, node, AGENT)
  await runAt(run, { node }, ['kill', '-KILL', dnsmasqFile(run, node, networkId, 'pid').trim()])
  await nics('down')
  try {
    await action()
  } finally {
    await nics('up')
    await startAgent(run.state, node, AGENT)
  }
}

export const dhcpTwoAgents: Case = {
  name: 'dhcp-two-agents',
  title: 'two DHCP servers for a network give the same answers; one goes away, the other prolongs and gives leases',
  needs: { networks: 2 },
  async run(run) {
    const network = await makeNetwork(run, 'two-agents', '192.168.7.0/24')
    const first = await run.step('an instance', () => boot(run, { name: 'first', networkId: network.id }))
    const servers = await dhcpServers(run, network.id)
    const ip = (node: string) => servers.get(node)!.ip
    await run.step('two agents, two ports, two namespaces', async () => {
      expect((await hosts(run, network.id)) === NODES.join(), `agents: ${await hosts(run, network.id)}`)
      expect([...servers.keys()].sort().join() === NODES.join(), `ports on ${[...servers.keys()].join()}`)
      expect((await servingNodes(run, network.id)) === NODES.join(), 'namespaces are not on both nodes')
    })
    await run.step('both give the same lease, and both as resolvers', async () => {
      for (const node of NODES) await expectProlonged(run, first, ip(node))
      const lease = await askDhcp(run, first, 'dns')
      expect(lease?.ip === first.ip, `the lease is ${lease?.ip}`)
      const resolvers = [...(lease?.dns ?? '').split(' ')].sort().join()
      expect(resolvers === NODES.map(ip).sort().join(), `the resolvers are ${resolvers}`)
    })
    for (const [gone, left] of [NODES, [...NODES].reverse()]) {
      await run.step(`without ${gone}: leases of the other are prolonged, new ones given`, () =>
        withoutNode(run, gone!, network.id, async () => {
          expect((await prolong(run, first, ip(gone!))) === null, `${gone} answers`)
          const started = performance.now()
          expect((await expectProlonged(run, first, null)) === ip(left!), 'the wrong server answers')
          run.measured(`rebind_ms_${gone}`, Math.round(performance.now() - started))
          expect((await askDhcp(run, first))?.serverid === ip(left!), 'no lease')
          const fresh = await boot(run, { name: `without-${gone}`, networkId: network.id })
          expect((await askDhcp(run, fresh))?.ip === fresh.ip, 'a new instance gets no lease')
        }),
      )
      await run.step(`${gone} is back`, async () => {
        await settled(run.admin)
        await until(`${gone} to answer`, async () => (await prolong(run, first, ip(gone!)))?.type === 'ack')
      })
    }
    await run.step('a network is taken from an agent and given back: same port', async () => {
      const path = `/v2.0/agents/${await agentId(run, 'network1')}/dhcp-networks`
      await run.admin.network.delete(`${path}/${network.id}`)
      await settled(run.admin)
      await until('the namespace to be gone', async () => (await servingNodes(run, network.id)) === 'network2')
      expect((await askDhcp(run, first))?.serverid === ip('network2'), 'the other agent gives no lease')
      await run.admin.network.post(path, { network_id: network.id })
      await settled(run.admin)
      const again = (await dhcpServers(run, network.id)).get('network1')
      const was = servers.get('network1')!
      expect(again?.portId === was.portId && again.mac === was.mac && again.ip === was.ip, 'another port')
      await expectProlonged(run, first, was.ip)
    })
    await run.step('routers are spread over the network nodes, each with its gateway', async () => {
      const external = await makeExternal(run, 'flat', 'two-agents-ext')
      const places = []
      for (const name of ['one', 'two']) {
        const { id } = await makeRouter(run, name, { external: external.id })
        await settled(run.admin)
        for (const node of NODES) if ((await namespacesAt(run, node)).includes(`snat-${id}`)) places.push(node)
      }
      expect(places.sort().join() === NODES.join(), `snat namespaces are on ${places.join()}`)
    })
  },
}
