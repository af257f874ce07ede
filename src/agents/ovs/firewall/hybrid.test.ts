import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSave } from '../../../dataplane/iptables/save-text.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { exampleObjects, ID, port, rule, SETTINGS } from '../testing/example.fake.js'
import { desired, exampleLocal } from '../testing/local.fake.js'
import { translateRule } from './group-rules.js'
import { allocateZones, zonesInRules } from './zones.js'

const SG = 'NIPv424602461-5832-42ce-a2d4-'

test('chains of an IPv4 port, in the order and words of Neutron', () => {
  const { rules } = desired(exampleObjects(), exampleLocal()).firewall
  const { raw, filter } = rules.ipv4.tables
  assert.deepEqual(filter!.chains['neutron-openvswi-i05a1b2c3-d'], [
    '-m state --state RELATED,ESTABLISHED -m comment --comment "Direct packets associated with a known session to the RETURN chain." -j RETURN',
    '-d 192.168.1.11/32 -p udp -m udp --sport 67 --dport 68 -j RETURN',
    '-d 255.255.255.255/32 -p udp -m udp --sport 67 --dport 68 -j RETURN',
    `-m set --match-set ${SG} src -j RETURN`,
    '-p icmp -j RETURN',
    '-p tcp -m tcp --dport 22 -j RETURN',
    '-m state --state INVALID -m comment --comment "Drop packets that appear related to an existing connection (e.g. TCP ACK/FIN) but do not have an entry in conntrack." -j DROP',
    '-m comment --comment "Send unmatched traffic to the fallback chain." -j neutron-openvswi-sg-fallback',
  ])
  assert.deepEqual(filter!.chains['neutron-openvswi-o05a1b2c3-d']!.slice(0, 4), [
    '-s 0.0.0.0/32 -d 255.255.255.255/32 -p udp -m udp --sport 68 --dport 67 -m comment --comment "Allow DHCP client traffic." -j RETURN',
    '-j neutron-openvswi-s05a1b2c3-d',
    '-p udp -m udp --sport 68 --dport 67 -m comment --comment "Allow DHCP client traffic." -j RETURN',
    '-p udp -m udp --sport 67 --dport 68 -m comment --comment "Prevent DHCP Spoofing by VM." -j DROP',
  ])
  assert.deepEqual(filter!.chains['neutron-openvswi-s05a1b2c3-d'], [
    '-s 192.168.1.11/32 -m mac --mac-source fa:16:3e:00:01:11 -m comment --comment "Allow traffic from defined IP/MAC pairs." -j RETURN',
    '-m comment --comment "Drop traffic without an IP/MAC allow rule." -j DROP',
  ])
  assert.deepEqual(raw!.chains['neutron-openvswi-PREROUTING'], [
    `-m physdev --physdev-in qvb05a1b2c3-d4 -m comment --comment "Set zone for ${ID.instance1}" -j CT --zone 4097`,
    `-i qvb05a1b2c3-d4 -m comment --comment "Set zone for ${ID.instance1}" -j CT --zone 4097`,
    `-m physdev --physdev-in tap05a1b2c3-d4 -m comment --comment "Set zone for ${ID.instance1}" -j CT --zone 4097`,
  ])
  assert.deepEqual(filter!.builtin.FORWARD, { top: ['-j neutron-filter-top', '-j neutron-openvswi-FORWARD'] })
})

test('IPv6: no source chain without an address; with one, its link-local address and advertisements', () => {
  const none = desired(exampleObjects(), exampleLocal()).firewall.rules.ipv6.tables.filter!.chains
  assert.ok(!('neutron-openvswi-s05a1b2c3-d' in none))
  const objects = exampleObjects().map((object) =>
    object.id === ID.instance1 && object.kind === 'port'
      ? { ...object, fixedIps: [...object.fixedIps, { subnetId: 's6', ip: '2001:db8::b' }] }
      : object,
  )
  const chains = desired(objects, exampleLocal()).firewall.rules.ipv6.tables.filter!.chains
  assert.deepEqual(
    chains['neutron-openvswi-s05a1b2c3-d']!.map((line) => line.split(' -m ')[0]),
    [
      '-s 2001:db8::b/128',
      '-s fe80::f816:3eff:fe00:111/128',
      '-m comment --comment "Drop traffic without an IP/MAC allow rule." -j DROP',
    ],
  )
  const ingress = chains['neutron-openvswi-i05a1b2c3-d']!
  assert.ok(ingress.includes('-p ipv6-icmp -m icmp6 --icmpv6-type 134 -j RETURN'))
  assert.ok(ingress.includes('-d 2001:db8::b/128 -p udp -m udp --sport 547 --dport 546 -j RETURN'))
})

test('a rule in iptables words', () => {
  const remotes = { useSets: true, members: (id: string) => (id === ID.group ? ['10.0.0.1'] : []) }
  const say = (extra: Partial<CloudSecurityGroupRule>, family: 'ipv4' | 'ipv6' = 'ipv4') =>
    translateRule(rule('r', { ethertype: family === 'ipv4' ? 'IPv4' : 'IPv6', ...extra }), family, new Set(), remotes)
  assert.deepEqual(say({ protocol: 'tcp', portMin: 8000, portMax: 8100, remoteGroupId: ID.group }), [
    `-p tcp -m tcp -m multiport --dports 8000:8100 -m set --match-set ${SG} src -j RETURN`,
  ])
  assert.deepEqual(say({ protocol: 'udp', portMin: 53, portMax: 53, remoteIpPrefix: '192.0.2.7/24' }), [
    '-s 192.0.2.0/24 -p udp -m udp --dport 53 -j RETURN',
  ])
  assert.deepEqual(say({ direction: 'egress', remoteIpPrefix: '0.0.0.0/0' }), ['-j RETURN'])
  assert.deepEqual(say({ protocol: 'icmp', portMin: 0 }), ['-p icmp -m icmp --icmp-type 0 -j RETURN'])
  assert.deepEqual(say({ protocol: '1', portMin: 8, portMax: 0 }), ['-p icmp -m icmp --icmp-type 8/0 -j RETURN'])
  assert.deepEqual(say({ protocol: 'icmp', portMin: 128 }, 'ipv6'), [
    '-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j RETURN',
  ])
  assert.deepEqual(say({ protocol: 'udplite', portMin: 5, portMax: 5 }), [
    '-p udplite -m multiport --dports 5 -j RETURN',
  ])
  assert.deepEqual(say({ protocol: '47' }), ['-p gre -j RETURN'])
  for (const protocol of ['ip', 'hopopt', '0', 'any']) assert.deepEqual(say({ protocol }), ['-j RETURN'], protocol)
  assert.deepEqual(say({ protocol: 'ipip' }), ['-p ipencap -j RETURN'])
  assert.deepEqual(say({ protocol: '94' }), ['-p 94 -j RETURN'], 'which /etc/protocols calls ipip')
  assert.deepEqual(say({ protocol: 'pgm' }), ['-p 113 -j RETURN'])
  assert.deepEqual(
    say({ protocol: 'icmp', portMin: 255, portMax: 1 }),
    ['-p icmp -m u32 --u32 "0x0>>0x16&0x3c@0x0>>0x10=0xff01" -j RETURN'],
    'iptables takes type 255 for any',
  )
  assert.deepEqual(say({ remoteGroupId: 'nobody' }), [], 'an empty group lets nobody in')
  assert.deepEqual(say({ ethertype: 'IPv6' }), [])
})

test('a trusted instance port is accepted, ports of the network service have no rules', () => {
  const objects = exampleObjects().map((object) =>
    object.id === ID.instance1
      ? port(ID.instance1, ID.demoNet, 'fa:16:3e:00:01:11', { portSecurityEnabled: false })
      : object,
  )
  const { rules, sets, ports } = desired(objects, exampleLocal()).firewall
  assert.deepEqual(rules.ipv4.tables.filter!.chains['neutron-openvswi-FORWARD'], [
    '-m physdev --physdev-out tap05a1b2c3-d4 --physdev-is-bridged -m comment --comment "Accept all packets when port is trusted." -j ACCEPT',
    '-m physdev --physdev-in tap05a1b2c3-d4 --physdev-is-bridged -m comment --comment "Accept all packets when port is trusted." -j ACCEPT',
  ])
  assert.deepEqual([sets, ports], [[], []])
})

test('zones stay, are recovered from rules, and are filled from below', () => {
  const save =
    '*raw\n:neutron-openvswi-PREROUTING - [0:0]\n-A neutron-openvswi-PREROUTING -i qvb1 -m comment --comment "Set zone for b" -j CT --zone 4098\nCOMMIT\n'
  const found = zonesInRules(parseSave(save))
  assert.deepEqual([...allocateZones(found, ['c', 'b', 'a'])].sort(), [
    ['a', 4097],
    ['b', 4098],
    ['c', 4099],
  ])
})

test('without a firewall nothing of ours is in iptables', () => {
  const { rules } = desired(exampleObjects(), exampleLocal(), { ...SETTINGS, firewall: 'noop' }).firewall
  assert.deepEqual(rules.ipv4.tables, {})
})
