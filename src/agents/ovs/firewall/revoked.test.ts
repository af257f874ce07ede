import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostObject } from '../../../bus/contracts/host-view.js'
import { zoneLines } from '../../../dataplane/conntrack/change.js'
import { type Connection, parseConnections } from '../../../dataplane/conntrack/connection.js'
import { exampleObjects, ID, rule } from '../testing/example.fake.js'
import { desired, exampleLocal } from '../testing/local.fake.js'
import { judge as judgePort, reviewOf } from './revoked.js'

const OWN = '192.168.1.11'
const firewall = (objects: HostObject[], local = exampleLocal()) => desired(objects, local).firewall
const zones = (ports: readonly { readonly zone: number }[]) => ports.map(({ zone }) => zone)

/** The example with other rules in the group, or other members. */
const changed = (rules: (id: string) => boolean, members?: string[], pairs?: string[]) =>
  exampleObjects().map((object): HostObject => {
    if (object.kind === 'security_group') return { ...object, rules: object.rules.filter(({ id }) => rules(id)) }
    if (object.kind === 'group_members' && members) return { ...object, ipv4: members }
    if (object.kind === 'port' && object.id === ID.instance1 && pairs) {
      return { ...object, allowedAddressPairs: pairs.map((ip) => ({ ip, mac: object.mac })) }
    }
    return object
  })

const judge = (connections: readonly Connection[], { ports, members }: ReturnType<typeof firewall>, mark = 1) =>
  judgePort(connections, ports[0]!, members, mark)

function connection(source: string, destination: string, extra: Partial<Connection> = {}): Connection {
  const ports = { source: 40_000, destination: 22 }
  return { family: 'ipv4', zone: 4097, protocol: 6, source, destination, ports, icmp: null, mark: 0, ...extra }
}

test('only what allows less, or other, is looked at', () => {
  const before = firewall(exampleObjects())
  const review = (objects: HostObject[], local = exampleLocal()) => {
    const { ended, narrowed, changed } = reviewOf(before, firewall(objects, local))
    return { ended, narrowed: zones(narrowed), changed: zones(changed) }
  }
  const nothing = { ended: [], narrowed: [], changed: [] }
  assert.deepEqual(review(exampleObjects()), nothing)
  assert.deepEqual(review(changed((id) => id !== '6')), { ...nothing, narrowed: [4097] })
  assert.deepEqual(review(changed(() => true, [OWN])), { ...nothing, narrowed: [4097] })
  assert.deepEqual(review(changed(() => true, [OWN, '192.168.1.13', '192.168.1.14'])), { ...nothing, changed: [4097] })
  assert.deepEqual(review(exampleObjects(), exampleLocal({ devices: [] })), { ...nothing, ended: [4097] })
  const untracked = { ...before, ports: before.ports.map((port) => ({ ...port, tracked: false })) }
  assert.deepEqual([reviewOf(before, untracked).ended, reviewOf(untracked, untracked).ended], [[4097], []])
  assert.deepEqual(zones(reviewOf(null, before).narrowed), [4097], 'a process that starts looks at everything')
})

test('exactly the sessions end that no rule allows any more', () => {
  const outside = '203.0.113.50'
  const ssh = connection(outside, OWN)
  const ping = connection(outside, OWN, { protocol: 1, ports: null, icmp: { type: 8, code: 0, id: 7 } })
  const out = connection(OWN, outside, { ports: { source: 40_001, destination: 443 } })
  const member = connection('192.168.1.13', OWN, { ports: { source: 40_002, destination: 5000 } })
  const dhcp = connection('0.0.0.0', '255.255.255.255', { protocol: 17, ports: { source: 68, destination: 67 } })
  const all = [ssh, ping, out, member, dhcp]
  const end = (objects: HostObject[]) => judge(all, firewall(objects)).end
  assert.deepEqual(end(exampleObjects()), [])
  assert.deepEqual(end(changed((id) => id !== '6')), [ssh])
  assert.deepEqual(end(changed((id) => id !== '5')), [ping])
  assert.deepEqual(end(changed((id) => id !== '1')), [out])
  assert.deepEqual(end(changed(() => true, [OWN])), [member])
  assert.deepEqual(end(changed(() => false)), [ssh, ping, out, member])
})

test('a session that another rule allows goes on; ICMP is told apart by type and code', () => {
  const outside = '203.0.113.50'
  const only = (...rules: ReturnType<typeof rule>[]) =>
    firewall(exampleObjects().map((object) => (object.kind === 'security_group' ? { ...object, rules } : object)))
  const ssh = connection(outside, OWN)
  const range = rule('a', { protocol: '6', portMin: 20, portMax: 30, remoteIpPrefix: '203.0.113.0/24' })
  assert.deepEqual(judge([ssh], only(range)).end, [])
  assert.deepEqual(judge([ssh], only({ ...range, portMin: 23 })).end, [ssh])
  assert.deepEqual(judge([ssh], only({ ...range, remoteIpPrefix: '198.51.100.0/24' })).end, [ssh])
  const ping = connection(outside, OWN, { protocol: 1, ports: null, icmp: { type: 8, code: 0, id: 7 } })
  assert.deepEqual(judge([ping], only(rule('b', { protocol: 'icmp', portMin: 8, portMax: 0 }))).end, [])
  assert.deepEqual(judge([ping], only(rule('b', { protocol: 'icmp', portMin: 8, portMax: 1 }))).end, [ping])
  assert.deepEqual(judge([ping], only(rule('b', { protocol: 'icmp', portMin: 0 }))).end, [ping])
})

test('what was ended is forgotten when it is allowed again', () => {
  const ended = connection('203.0.113.50', OWN, { mark: 1 })
  const { forget, end, keep } = judge([ended], firewall(exampleObjects()))
  assert.deepEqual([forget, end, keep], [[ended], [], []])
  const still = judge([ended], firewall(changed((id) => id !== '6')))
  assert.deepEqual([still.forget, still.end, still.keep], [[], [], [ended]])
})

test('with a pair for every address, what the port did not send from its own is from outside', () => {
  const objects = changed((id) => id !== '6', undefined, ['0.0.0.0/0'])
  const ssh = connection('203.0.113.50', OWN)
  const out = connection(OWN, '203.0.113.50')
  assert.deepEqual(judge([ssh, out], firewall(objects)).end, [ssh])
})

test('the lines for conntrack -R name each connection; a TCP session does not come back by its next segment', () => {
  const text = `tcp      6 431999 ESTABLISHED src=203.0.113.50 dst=192.168.1.11 sport=40000 dport=22 src=192.168.1.11 dst=203.0.113.50 sport=22 dport=40000 [ASSURED] mark=0 zone=4097 use=1
icmp     1 29 src=203.0.113.50 dst=192.168.1.11 type=8 code=0 id=7 src=192.168.1.11 dst=203.0.113.50 type=0 code=0 id=7 mark=0 zone=4097 use=1
gre      47 29 src=10.0.0.1 dst=10.0.0.2 srckey=0x1 dstkey=0x2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 srckey=0x2 dstkey=0x1 mark=1 use=1
`
  const [tcp, icmp, gre] = parseConnections(text, 'ipv4') as [Connection, Connection, Connection]
  assert.deepEqual(tcp, connection('203.0.113.50', OWN))
  assert.deepEqual([gre.zone, gre.mark, gre.ports, gre.protocol], [0, 1, null, 47])
  const change = { forget: [], end: [], mark: 1, keep: [] }
  const tuple = '-w 4097 -p 6 -s 203.0.113.50 -d 192.168.1.11 --sport 40000 --dport 22'
  const grave = `-A ${tuple} --state ESTABLISHED -u SEEN_REPLY,ASSURED -t 432000 -m 1`
  const ping = '-D -w 4097 -p 1 -s 203.0.113.50 -d 192.168.1.11 --icmp-type 8 --icmp-code 0 --icmp-id 7'
  assert.deepEqual(zoneLines(4097, { ...change, end: [tcp, icmp], keep: [gre] }), [`-D ${tuple}`, ping, grave])
  assert.deepEqual(zoneLines(4097, { ...change, forget: [tcp] }), [`-D ${tuple}`])
  const many = Array.from({ length: 20 }, (_, i) => ({ ...icmp, icmp: { type: 8, code: 0, id: i } }))
  assert.deepEqual(
    zoneLines(4097, { ...change, end: many, keep: [tcp, gre] }),
    ['-D -w 4097', grave.replace('-m 1', '-m 0')],
    'many at once: the zone is emptied, and what stays is entered anew',
  )
})
