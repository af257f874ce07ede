import { fileURLToPath } from 'node:url'
import { type Conversation, converse } from '../../proof/conversation.js'
import { expect } from '../../proof/expect.js'
import { changePort, makeGroup } from '../../proof/groups.js'
import { bootAll, demoProject, type Instance, type Json, makeNetwork } from '../../proof/objects.js'
import { run as runAt } from '../../proof/places.js'
import type { Case, CaseRun } from '../case.js'

const SCRIPT = fileURLToPath(new URL('../../../../scripts/lab/raw-packets.pl', import.meta.url))

/** Protocols of IPv4 by the names that a rule may use. */
const NAMED: Readonly<Record<string, number>> = {
  icmp: 1, igmp: 2, ipip: 4, tcp: 6, egp: 8, udp: 17, dccp: 33, rsvp: 46, gre: 47, esp: 50, ah: 51, ospf: 89,
  vrrp: 112, pgm: 113, sctp: 132, udplite: 136,
} // biome-ignore format: a table reads better in rows

/** What only IPv6 carries: rules for IPv4 do not take them. */
const IPV6_ONLY = [41, 43, 44, 58, 59, 60]
const WITH_PORTS = [6, 17, 33, 132, 136]
const PORTS = [1, 22, 7999, 8000, 8050, 8100, 8101, 65535]
const ICMP = ['8:0', '0:0', '3:4', '3:1', '13:0', '200:7', '254:0', '255:0', '255:3']

/** Packets of which each differs from the others in what a rule may ask for. 0 and 255 cannot be sent. */
const PACKETS: readonly string[] = [
  ...Array.from({ length: 254 }, (_, i) => i + 1)
    .filter((protocol) => protocol !== 1 && !WITH_PORTS.includes(protocol))
    .map(String),
  ...WITH_PORTS.flatMap((protocol) => PORTS.map((port) => `${protocol}:${port}`)),
  ...ICMP.map((message) => `1:${message}`),
]

const protocolOf = (packet: string) => Number(packet.split(':')[0])
const portOf = (packet: string) => Number(packet.split(':')[1])

/** Each form of rule that the API takes for IPv4, with packets of every protocol: exactly those it names pass. */
export const securityGroupProtocols: Case = {
  name: 'security-group-protocols',
  title:
    'every form of rule lets exactly the packets pass that it names: protocols 1 to 254, ports, ICMP, prefixes, egress',
  async run(run) {
    const net = await makeNetwork(run, 'protocols', '192.168.1.0/24')
    const [a, b] = (await bootAll(run, [
      { name: 'protocols-a', networkId: net.id, host: 'compute1' },
      { name: 'protocols-b', networkId: net.id, host: 'compute2' },
    ])) as [Instance, Instance]
    const project = await demoProject(run)
    await run.admin.network.put(`/v2.0/quotas/${project}`, { quota: { security_group_rule: 1000, security_group: 50 } })
    const listener = await converse(run, { instance: b.id }, ['perl', SCRIPT, 'listen', 'eth0'])
    const bench = new Bench(run, a, b, listener)
    try {
      await allForms(run, bench)
    } finally {
      await listener.end()
      await run.admin.network.delete(`/v2.0/quotas/${project}`)
    }
  },
}

async function allForms(run: CaseRun, bench: Bench): Promise<void> {
  const { a } = bench
  await run.step('without a rule nothing passes', () => bench.expect([], () => false))
  await run.step('with a rule for everything, all does', () => bench.expect([{ protocol: null }], () => true))
  await run.step('protocol 0 is every protocol', () => bench.expect([{ protocol: 0 }], () => true))
  await run.step('protocols by name', async () => {
    const numbers = Object.values(NAMED)
    const rules = Object.keys(NAMED).map((protocol) => ({ protocol }))
    await bench.expect(rules, (packet) => numbers.includes(protocolOf(packet)))
    // one by one as well: a rule must not let pass what only another one names
    for (const name of ['gre', 'ipip', 'pgm']) {
      await bench.expect([{ protocol: name }], (packet) => protocolOf(packet) === NAMED[name])
    }
  })
  for (const odd of [1, 0]) {
    await run.step(`protocols by number, ${odd ? 'odd' : 'even'} ones`, () => {
      const numbers = Array.from({ length: 256 }, (_, i) => i).filter(
        (number) => number > 0 && number % 2 === odd && !IPV6_ONLY.includes(number),
      )
      return bench.expect(
        numbers.map((protocol) => ({ protocol })),
        (packet) => numbers.includes(protocolOf(packet)),
      )
    })
  }
  await run.step('single ports and ranges', async () => {
    const single = WITH_PORTS.map((protocol) => ({ protocol, port_range_min: 22, port_range_max: 22 }))
    await bench.expect(single, (packet) => WITH_PORTS.includes(protocolOf(packet)) && portOf(packet) === 22)
    const names = ['tcp', 'udp', 'dccp', 'sctp', 'udplite']
    const range = names.map((protocol) => ({ protocol, port_range_min: 8000, port_range_max: 8100 }))
    const inRange = (packet: string) => portOf(packet) >= 8000 && portOf(packet) <= 8100
    await bench.expect(range, (packet) => WITH_PORTS.includes(protocolOf(packet)) && inRange(packet))
    await bench.expect([{ protocol: 'tcp', port_range_min: 1, port_range_max: 65535 }], (packet) => /^6:/.test(packet))
  })
  await run.step('ICMP by type, and by type and code', async () => {
    const only = (protocol: string | number, type: number, code?: number) => ({
      protocol,
      port_range_min: type,
      ...(code === undefined ? {} : { port_range_max: code }),
    })
    await bench.expect([only('icmp', 8)], (packet) => packet.startsWith('1:8:'))
    await bench.expect([only('icmp', 0)], (packet) => packet.startsWith('1:0:'))
    await bench.expect([only(1, 3, 4)], (packet) => packet === '1:3:4')
    await bench.expect([only('icmp', 255)], (packet) => packet.startsWith('1:255:'))
    await bench.expect([only('icmp', 255, 3)], (packet) => packet === '1:255:3')
  })
  await run.step('remote prefixes', async () => {
    const from = (remote_ip_prefix: string, port: number) => ({
      protocol: 'udp',
      port_range_min: port,
      port_range_max: port,
      remote_ip_prefix,
    })
    const prefixes = [
      from(`${a.ip}/32`, 1),
      from('192.168.1.0/24', 22),
      from('192.168.2.0/24', 8000),
      from('0.0.0.0/0', 8050),
    ]
    await bench.expect(prefixes, (packet) => ['17:1', '17:22', '17:8050'].includes(packet))
  })
  await run.step('remote groups, and several groups on a port', async () => {
    const friends = await makeGroup(run, 'friends')
    const ofFriends = [{ remote_group_id: friends, protocol: 'tcp' }]
    await bench.expect(ofFriends, () => false)
    await changePort(run, a.portId, { security_groups: [friends] })
    await bench.expect(ofFriends, (packet) => protocolOf(packet) === 6)
    const more = await makeGroup(run, 'more', { rules: [{ protocol: 'esp' }] })
    await bench.expect(ofFriends, (packet) => [6, 50].includes(protocolOf(packet)), more)
  })
  await run.step('egress rules in place of the default ones', async () => {
    const open = [{ protocol: null }]
    const out = (...rules: Json[]) => rules.map((rule) => ({ direction: 'egress', ...rule }))
    const change = async (name: string, rules: Json[]) => {
      const group = await makeGroup(run, name, { egress: false, rules })
      await changePort(run, a.portId, { security_groups: [group] })
    }
    await change('mute', [])
    await bench.expect(open, () => false)
    const prefix = `${bench.b.ip}/32`
    await change(
      'choosy',
      out(
        { protocol: 'udp', port_range_min: 22, port_range_max: 22, remote_ip_prefix: prefix },
        { protocol: 'tcp', remote_ip_prefix: '203.0.113.0/24' },
        { protocol: 'gre' },
      ),
    )
    await bench.expect(open, (packet) => packet === '17:22' || packet === '47')
  })
  await run.step('stateless groups', async () => {
    await changePort(run, a.portId, { security_groups: [await makeGroup(run, 'talker')] })
    const stateless = { egress: false, more: { stateful: false } }
    const group = await makeGroup(run, 'stateless', {
      ...stateless,
      rules: [{ protocol: 'tcp' }, { protocol: 'icmp' }],
    })
    await bench.expectGroups([group], (packet) => [1, 6].includes(protocolOf(packet)))
    // its answers are not let out as those of a session would be
    const ping = ['ping', '-c', '1', '-W', '1', bench.b.ip]
    await expectFailure(
      () => runAt(run, { instance: a.id }, ping),
      'a stateless group let an answer out without a rule',
    )
    const both = [{ protocol: 'icmp' }, { protocol: 'icmp', direction: 'egress' }]
    await changePort(run, bench.b.portId, {
      security_groups: [await makeGroup(run, 'both', { ...stateless, rules: both })],
    })
    await runAt(run, { instance: a.id }, ping)
  })
}

async function expectFailure(action: () => Promise<unknown>, otherwise: string): Promise<void> {
  const failed = await action().then(
    () => false,
    () => true,
  )
  expect(failed, otherwise)
}

/** Sends every packet from `a` to `b` under changing rules. */
class Bench {
  readonly #run: CaseRun
  readonly a: Instance
  readonly b: Instance
  readonly #listener: Conversation
  #groups = 0

  constructor(run: CaseRun, a: Instance, b: Instance, listener: Conversation) {
    this.#run = run
    this.a = a
    this.b = b
    this.#listener = listener
  }

  /** `b` in a new group with these rules, and in `others`. */
  async expect(rules: readonly Json[], passes: (packet: string) => boolean, ...others: string[]): Promise<void> {
    const group = await makeGroup(this.#run, `rules-${++this.#groups}`, { rules })
    await this.expectGroups([group, ...others], passes)
  }

  async expectGroups(security_groups: readonly string[], passes: (packet: string) => boolean): Promise<void> {
    await changePort(this.#run, this.b.portId, { security_groups })
    const send = ['perl', SCRIPT, 'send', this.a.ip, this.b.ip, ...PACKETS]
    await runAt(this.#run, { instance: this.a.id }, send)
    const arrived = new Set((await this.#listener.ask()).split(' '))
    const wrong = PACKETS.filter((packet) => passes(packet) !== arrived.has(packet))
    const shown = wrong.slice(0, 8).map((packet) => `${packet} ${arrived.has(packet) ? 'arrived' : 'did not arrive'}`)
    expect(wrong.length === 0, `${wrong.length} of ${PACKETS.length}: ${shown.join(', ')}`)
  }
}
