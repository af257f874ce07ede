import { expect } from '../../proof/expect.js'
import { allow, bootAll, type Instance, makeNetwork, type Network, VXLAN } from '../../proof/objects.js'
import { expectAnswers, expectSilence, pings, probe, run as runAt, serve } from '../../proof/places.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import type { Case, CaseRun } from '../case.js'

const CIDR = '192.168.1.0/24'
const TRANSLATED = '192.168.1.200'
const PASSED = '192.168.1.201'
const PORT = '7000'

/** On each of two hosts a client and a provider; on the first also both on another network with the same addresses. */
interface Objects {
  readonly network: Network
  readonly clients: readonly [Instance, Instance]
  readonly providers: readonly [Instance, Instance]
  /** on the other network, where the address is an ordinary one */
  readonly otherClient: Instance
  readonly namesake: Instance
}

async function setUp(run: CaseRun): Promise<Objects> {
  const network = await makeNetwork(run, 'local-ip', CIDR, VXLAN)
  const other = await makeNetwork(run, 'local-ip-other', CIDR, VXLAN)
  const body = { network_id: other.id, fixed_ips: [{ subnet_id: other.subnetId, ip_address: TRANSLATED }] }
  const namesake = await run.demo.network.create('ports', body)
  const [a, b, c, d, e, f] = await bootAll(run, [
    { name: 'local-client1', networkId: network.id, host: 'compute1' },
    { name: 'local-client2', networkId: network.id, host: 'compute2' },
    { name: 'local-provider1', networkId: network.id, host: 'compute1' },
    { name: 'local-provider2', networkId: network.id, host: 'compute2' },
    { name: 'local-other', networkId: other.id, host: 'compute1' },
    { name: 'local-namesake', portId: namesake.id, host: 'compute2' },
  ])
  await allow(run, { protocol: 'icmp' })
  await allow(run, { protocol: 'tcp' })
  return { network, clients: [a!, b!], providers: [c!, d!], otherClient: e!, namesake: f! }
}

const inside = ({ id }: Instance) => ({ instance: id })

async function makeLocalIp({ demo }: CaseRun, networkId: string, ip: string, mode: string): Promise<string> {
  const body = { network_id: networkId, local_ip_address: ip, ip_mode: mode }
  const { local_ip } = await demo.network.post<{ local_ip: { id: string } }>('/v2.0/local_ips', { local_ip: body })
  return local_ip.id
}

const associations = (localIpId: string) => `/v2.0/local_ips/${localIpId}/port_associations`

async function associate({ demo }: CaseRun, localIpId: string, { portId, host }: Instance): Promise<void> {
  const { port_association: made } = await demo.network.post<{ port_association: { host: string } }>(
    associations(localIpId),
    { port_association: { fixed_port_id: portId } },
  )
  expect(made.host === host, `the association is on ${made.host}, expected ${host}`)
}

/** The MAC under which an instance knows an address. */
async function knownMac(run: CaseRun, at: Instance, ip: string): Promise<string> {
  const text = await runAt(run, inside(at), ['ip', '-j', 'neigh', 'show', 'to', ip, 'dev', 'eth0'])
  return (JSON.parse(text) as { lladdr?: string }[])[0]?.lladdr ?? ''
}

const forget = (run: CaseRun, at: Instance) => runAt(run, inside(at), ['ip', 'neigh', 'flush', 'dev', 'eth0'])

/** The client reaches this instance, and no other, under the address: by ARP, ICMP and TCP, and is seen as itself. */
async function expectReaches(run: CaseRun, client: Instance, ip: string, provider: Instance): Promise<void> {
  await forget(run, client)
  await expectAnswers(run, inside(client), ip)
  const mac = await knownMac(run, client, ip)
  expect(mac === provider.mac, `${client.name} knows ${ip} as ${mac}, ${provider.name} is ${provider.mac}`)
  // nobody else listens
  const end = await serve(run, inside(provider), 'whoami-server', PORT)
  try {
    const seen = await probe(run, inside(client), 'whoami', ip, PORT)
    expect(seen === client.ip, `${provider.name} sees ${client.name} as ${seen}, expected ${client.ip}`)
  } finally {
    end()
  }
}

async function expectNobody(run: CaseRun, client: Instance, ip: string): Promise<void> {
  await forget(run, client)
  await expectSilence(run, inside(client), ip)
}

/** The switch still knows an instance that moved where it was, until that says something. */
async function untilAnswers(run: CaseRun, client: Instance, ip: string): Promise<void> {
  await until(
    `${ip} to answer ${client.name}`,
    async () => (await pings(run, inside(client), ip, 1, '-W', '0.3')).received === 1,
  )
}

async function migrate(run: CaseRun, { id, portId }: Instance, host: string): Promise<void> {
  await run.admin.compute.post(`/servers/${id}/action`, { 'os-migrateLive': { host, block_migration: 'auto' } })
  await until(`the instance to be on ${host}`, async () => {
    const { port } = await run.admin.network.get<{ port: { 'binding:host_id': string; status: string } }>(
      `/v2.0/ports/${portId}`,
    )
    return port['binding:host_id'] === host && port.status === 'ACTIVE'
  })
  await settled(run.admin)
}

/** The provider has the address itself, and what it is sent has not changed on its way. */
async function passThrough(run: CaseRun, { network, clients, providers }: Objects): Promise<void> {
  const [client, provider] = [clients[0], providers[0]]
  const id = await makeLocalIp(run, network.id, PASSED, 'passthrough')
  const port = { allowed_address_pairs: [{ ip_address: PASSED }] }
  await run.demo.network.put(`/v2.0/ports/${provider.portId}`, { port })
  await runAt(run, inside(provider), ['ip', 'addr', 'add', `${PASSED}/32`, 'dev', 'eth0'])
  await associate(run, id, provider)
  await settled(run.admin)
  await expectReaches(run, client, PASSED, provider)
}

export const localIp: Case = {
  name: 'local-ip',
  title: 'one address leads to another instance on each host, by ARP, ICMP and TCP; another network is left alone',
  async run(run) {
    const objects = await run.step('clients and providers on two hosts', () => setUp(run))
    const { network, clients, providers, otherClient, namesake } = objects
    const id = await run.step('a local IP that nobody stands for leads nowhere', async () => {
      const made = await makeLocalIp(run, network.id, TRANSLATED, 'translate')
      await settled(run.admin)
      for (const client of clients) await expectNobody(run, client, TRANSLATED)
      return made
    })
    await run.step("each client reaches its own host's provider", async () => {
      for (const provider of providers) await associate(run, id, provider)
      await settled(run.admin)
      for (const i of [0, 1] as const) await expectReaches(run, clients[i], TRANSLATED, providers[i])
    })
    await run.step('under its own address a provider is what it was', async () => {
      await expectReaches(run, clients[0], providers[1].ip, providers[1])
      await expectReaches(run, clients[1], providers[1].ip, providers[1])
    })
    await run.step('another network with the same addresses notices nothing', () =>
      expectReaches(run, otherClient, TRANSLATED, namesake),
    )
    await run.step('an address that is passed through', () => passThrough(run, objects))
    await run.step('without its association a host has none, the other one has', async () => {
      await run.demo.network.delete(`${associations(id)}/${providers[0].portId}`)
      await settled(run.admin)
      await expectNobody(run, clients[0], TRANSLATED)
      await expectReaches(run, clients[1], TRANSLATED, providers[1])
    })
    await run.step('a provider that migrates stands for it on its new host', async () => {
      await migrate(run, providers[1], 'compute1')
      await untilAnswers(run, clients[0], TRANSLATED)
      await expectReaches(run, clients[0], TRANSLATED, providers[1])
      await expectNobody(run, clients[1], TRANSLATED)
    })
  },
}
