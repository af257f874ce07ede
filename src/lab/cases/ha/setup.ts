import { qrouterNs, snatNs } from '../../../model/device-names.js'
import { expect } from '../../proof/expect.js'
import {
  allow,
  associateFloatingIp,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
} from '../../proof/objects.js'
import { OUTSIDE } from '../../proof/outside.js'
import { type PingStream, pingStream } from '../../proof/ping-stream.js'
import { type Place, pings, run as runAt } from '../../proof/places.js'
import { killDaemon, startAgent } from '../../proof/restart.js'
import { until } from '../../proof/until.js'
import { settled } from '../../settled.js'
import { OPENSTACK_ORG } from '../../spec.js'
import type { CaseRun } from '../case.js'

/** Until one of them is active, hosts wait for three announcements and a bit. */
const ELECTION_MS = 30_000

/** A highly available router between two networks and the outside, with instances on both. */
export interface HaCloud {
  readonly routerId: string
  readonly routerIp: string
  readonly external: Network
  readonly left: Network
  readonly right: Network
  /** with a floating IP, on the first network */
  readonly floating: Instance
  readonly floatingIp: string
  /** without one, on the first network */
  readonly plain: Instance
  /** on the second network */
  readonly other: Instance
  /** namespace that the active host has, and the waiting ones too */
  readonly namespace: string
}

export async function makeHaCloud(run: CaseRun, distributed: boolean): Promise<HaCloud> {
  const external = await makeExternal(run, 'flat', 'ha-ext')
  const vxlan = { network: { 'provider:network_type': 'vxlan' } }
  const left = await makeNetwork(run, 'ha-left', '192.168.1.0/24', vxlan)
  const right = await makeNetwork(run, 'ha-right', '192.168.2.0/24', vxlan)
  const subnets = [left.subnetId, right.subnetId]
  const router = await makeRouter(run, 'ha', { subnets, external: external.id, distributed, ha: true })
  const [floating, plain, other] = await bootAll(run, [
    { name: 'ha-floating', networkId: left.id, host: 'compute1' },
    { name: 'ha-plain', networkId: left.id, host: 'compute2' },
    { name: 'ha-other', networkId: right.id, host: 'compute1' },
  ])
  await allow(run, { protocol: 'icmp' })
  const { ip: floatingIp } = await associateFloatingIp(run, external.id, floating!.portId)
  const namespace = distributed ? snatNs(router.id) : qrouterNs(router.id)
  const made = { routerId: router.id, routerIp: router.externalIp, external, left, right, floatingIp, namespace }
  return { ...made, floating: floating!, plain: plain!, other: other! }
}

/** Host -> state of the router's agents. */
export async function haStates({ admin }: CaseRun, routerId: string): Promise<ReadonlyMap<string, string>> {
  const { agents } = await admin.network.get<{ agents: { host: string; ha_state?: string }[] }>(
    `/v2.0/routers/${routerId}/l3-agents`,
  )
  return new Map(agents.flatMap(({ host, ha_state }) => (ha_state === undefined ? [] : [[host, ha_state] as const])))
}

/** Waits until exactly one host has the router, another one than `former` if given; resolves to it. */
export async function activeHost(run: CaseRun, { routerId }: Pick<HaCloud, 'routerId'>, former = ''): Promise<string> {
  const host = await until(
    'one active host',
    async () => {
      const states = [...(await haStates(run, routerId))]
      const active = states.filter(([, state]) => state === 'active').map(([name]) => name)
      return active.length === 1 && active[0] !== former ? active[0] : null
    },
    ELECTION_MS,
  )
  await settled(run.admin)
  return host
}

/** The network node that waits. */
export const waitingHost = (active: string) => (active === 'network1' ? 'network2' : 'network1')

/** Only the active host has addresses of the router, and a way out; the other one says nothing. */
export async function expectOneHolder(run: CaseRun, { namespace, routerIp }: HaCloud, active: string): Promise<void> {
  const at = (node: string, ...argv: string[]) =>
    runAt(run, { node }, ['ip', 'netns', 'exec', namespace, 'ip', ...argv])
  expect((await at(active, 'addr')).includes(` ${routerIp}/`), `${active} has not ${routerIp}`)
  expect((await at(active, 'route')).includes('default via'), `${active} has no default route`)
  const waiting = waitingHost(active)
  const addresses = await at(waiting, '-br', 'addr')
  for (const line of addresses.split('\n').filter((text) => /^(qr|qg|sg)-/.test(text))) {
    expect(line.trim().split(/\s+/).length === 2, `${waiting} has an address: ${line}`)
  }
  expect(!(await at(waiting, 'route')).includes('default'), `${waiting} has a default route`)
}

/** What goes on while hosts change: out by SNAT, in by the floating IP, and between the networks. */
export interface Traffic {
  /** longest silence of each in ms since it was asked last, by name */
  take(): Promise<Readonly<Record<string, number>>>
  /** resolves when everything is answered */
  answered(): Promise<void>
  end(): Promise<void>
}

export async function startTraffic(run: CaseRun, { plain, other, floatingIp }: HaCloud): Promise<Traffic> {
  const ways: readonly (readonly [string, Place, string])[] = [
    ['SNAT', { instance: plain.id }, OPENSTACK_ORG],
    ['floating IP', OUTSIDE, floatingIp],
    ['east-west', { instance: plain.id }, other.ip],
  ]
  const streams: (readonly [string, PingStream])[] = []
  for (const [name, place, address] of ways) streams.push([name, await pingStream(run, place, address)])
  return {
    take: async () =>
      Object.fromEntries(
        await Promise.all(streams.map(async ([name, stream]) => [name, (await stream.take()).longestGapMs] as const)),
      ),
    answered: async () => {
      await Promise.all(
        ways.map(([name, place, address]) =>
          until(`${name} to go on`, async () => (await pings(run, place, address, 1)).received > 0, ELECTION_MS),
        ),
      )
    },
    end: async () => void (await Promise.all(streams.map(([, stream]) => stream.end()))),
  }
}

/** Crashes keepalived on a node: nothing of it can say good-bye or take its addresses away. */
export async function crashKeepalived(run: CaseRun, node: string, routerId: string): Promise<void> {
  const files = ['pid.keepalived-vrrp', 'pid.keepalived'].map((end) => `/var/lib/neutron/ha_confs/${routerId}.${end}`)
  await runAt(run, { node }, ['sh', '-c', `kill -9 $(cat ${files.join(' ')})`])
}

const CUT_OFF = ['eth1', 'eth2', 'eth3']

/** Takes a node's links and its L3 agent away while `action` runs. */
export async function withoutNode<T>(run: CaseRun, node: string, action: () => Promise<T>): Promise<T> {
  const set = (state: 'up' | 'down') =>
    Promise.all(CUT_OFF.map((nic) => runAt(run, { node }, ['ip', 'link', 'set', nic, state])))
  await killDaemon(run.state, node, 'neutron-l3-agent')
  await set('down')
  try {
    return await action()
  } finally {
    await set('up')
    await startAgent(run.state, node, 'neutron-l3-agent')
  }
}

/** The agent is killed and started again. */
export async function restartAgent(run: CaseRun, node: string): Promise<void> {
  await killDaemon(run.state, node, 'neutron-l3-agent')
  await startAgent(run.state, node, 'neutron-l3-agent')
}
