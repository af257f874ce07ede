import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { askAgent } from '../../agent-socket.js'
import { askDhcp, dhcpServers, prolong, renewLease } from '../../proof/dhcp.js'
import { expect } from '../../proof/expect.js'
import { boot, deleteInstance, type Instance, makeNetwork, makePort } from '../../proof/objects.js'
import { run as runAt } from '../../proof/places.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import { nodeVarLib } from '../../state.js'
import type { Case, CaseRun } from '../case.js'

const AGENT = 'neutron-dhcp-agent'

/** A file of a network's dnsmasq on a node. */
export function dnsmasqFile({ state }: CaseRun, node: string, networkId: string, name: string): string {
  return readFileSync(join(nodeVarLib(state.spec.name, node), 'neutron/dhcp', networkId, name), 'utf8')
}

/** Seconds since 1970 at which the server's lease of an address ends; undefined: it has none. */
export function leaseEnd(run: CaseRun, node: string, networkId: string, ip: string): number | undefined {
  const line = dnsmasqFile(run, node, networkId, 'leases')
    .split('\n')
    .find((one) => one.split(' ')[2] === ip)
  return line === undefined ? undefined : Number(line.split(' ')[0])
}

/** The server prolongs the lease when asked directly, through the instance's security groups, as clients do. */
export async function expectProlonged(run: CaseRun, instance: Instance, server: string | null): Promise<string> {
  const reply = await prolong(run, instance, server)
  const said = JSON.stringify(reply)
  expect(reply?.type === 'ack' && reply.address === instance.ip, `${instance.name} asked ${server ?? 'all'}: ${said}`)
  expect(server === null || reply.server === server, `${server} answers as ${reply.server}`)
  expect(reply.lease === 86_400, `the lease is for ${reply.lease} s`)
  return reply.server
}

export const dhcpRenewal: Case = {
  name: 'dhcp-renewal',
  title:
    'leases are renewed while the DHCP agent is dead; the next agent goes on with the same dnsmasq, and tells it news',
  async run(run) {
    const network = await makeNetwork(run, 'renewal', '192.168.7.0/24')
    const first = await run.step('an instance with a lease', () => boot(run, { name: 'first', networkId: network.id }))
    const servers = await dhcpServers(run, network.id)
    const nodes = [...servers.keys()]
    const pids = () => nodes.map((node) => dnsmasqFile(run, node, network.id, 'pid').trim()).join()
    const before = pids()
    await run.step('its own client renews by unicast', async () => {
      const ends = () => nodes.map((node) => leaseEnd(run, node, network.id, first.ip) ?? 0).join()
      const then = ends()
      // a lease's end is kept in seconds
      const second = () => Math.floor(Date.now() / 1000)
      const now = second()
      await until('a second to pass', async () => second() > now)
      await renewLease(run, first)
      await until('the lease to end later', async () => ends() !== then)
    })
    await run.step('with the agents dead, asked directly and by broadcast', async () => {
      for (const node of nodes) await killDaemon(run.state, node, AGENT)
      for (const { ip } of servers.values()) await expectProlonged(run, first, ip)
      await expectProlonged(run, first, null)
    })
    const port = await run.step('a port that is made meanwhile', () => makePort(run, network.id))
    await run.step('agents that come back find dnsmasq running', async () => {
      for (const node of nodes) await startAgent(run.state, node, AGENT)
      expect(pids() === before, `dnsmasq was ${before}, is ${pids()}`)
      await expectProlonged(run, first, [...servers.values()][0]!.ip)
    })
    await run.step('and tell it what is new, without a restart', async () => {
      const second = await boot(run, { name: 'second', portId: port.id })
      expect((await askDhcp(run, second))?.ip === port.ip, 'the new instance gets no lease')
      for (const { ip } of servers.values()) await expectProlonged(run, second, ip)
      expect(pids() === before, `dnsmasq was ${before}, is ${pids()}`)
    })
    await run.step('a dnsmasq that dies is started again, and knows its leases', async () => {
      const [node] = nodes
      const init = ['kill', '-KILL', dnsmasqFile(run, node!, network.id, 'pid').trim()]
      await runAt(run, { node: node! }, init)
      await askAgent(run.state, node!, AGENT, 'POST', '/resync')
      await expectProlonged(run, first, servers.get(node!)!.ip)
    })
  },
}

export const dhcpLeaseRelease: Case = {
  name: 'dhcp-lease-release',
  title: 'the lease of a deleted port is given back at once: another MAC gets its address, dnsmasq is not restarted',
  async run(run) {
    const network = await makeNetwork(run, 'release', '192.168.7.0/24')
    const address = { fixed_ips: [{ ip_address: '192.168.7.77' }] }
    const bootAt = async (name: string) => {
      const { id: portId } = await makePort(run, network.id, address)
      return { instance: await boot(run, { name, portId }), portId }
    }
    const witness = await boot(run, { name: 'witness', networkId: network.id })
    const nodes = [...(await dhcpServers(run, network.id)).keys()]
    const pids = () => nodes.map((node) => dnsmasqFile(run, node, network.id, 'pid').trim()).join()
    const before = pids()
    const macs = new Set<string>()
    for (const name of ['first', 'second', 'third']) {
      await run.step(`${name} owner of the address`, async () => {
        const { instance, portId } = await bootAt(name)
        const started = performance.now()
        expect((await askDhcp(run, instance))?.ip === '192.168.7.77', `${name} does not get the address`)
        run.measured(`${name}_ms`, Math.round(performance.now() - started))
        macs.add(instance.mac)
        await deleteInstance(run, instance.id)
        await run.demo.network.delete(`/v2.0/ports/${portId}`)
        await settled(run.admin)
        for (const node of nodes)
          expect(leaseEnd(run, node, network.id, '192.168.7.77') === undefined, `${node} keeps the lease of ${name}`)
      })
    }
    expect(macs.size === 3, 'the owners have different MACs')
    expect(pids() === before, `dnsmasq was ${before}, is ${pids()}`)
    await run.step('others keep their leases', async () => {
      await expectProlonged(run, witness, null)
    })
  },
}
