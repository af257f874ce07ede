import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostObject, LocalIpView } from '../../../bus/contracts/host-view.js'
import { exampleObjects, exampleOnVlan, ID, MAC } from '../testing/example.fake.js'
import { desired, exampleLocal, flowLines } from '../testing/local.fake.js'

const IP = '192.168.1.50'
const HERE: LocalIpView = {
  kind: 'local_ip',
  id: 'a',
  ip: IP,
  mode: 'translate',
  portId: ID.instance1,
  fixedIp: '192.168.1.11',
}

/** Flows of br-int that are not there without the local IPs. */
function added(local: readonly HostObject[], objects = exampleObjects()): string[] {
  const before = new Set(flowLines(desired(objects, exampleLocal()), 'br-int'))
  return flowLines(desired([...objects, ...local], exampleLocal()), 'br-int').filter((line) => !before.has(line))
}

test('what guests send to a local IP is for the port, and its answers are from the local IP', () => {
  assert.deepEqual(
    added([HERE]).filter((line) => line.startsWith('table=31') && !line.includes('arp')),
    [
      `table=31,priority=10,ct_state=-trk,ip,reg6=0x1,dl_src=${MAC.i1},nw_src=192.168.1.11 actions=ct(table=58,zone=1,nat)`,
      `table=31,priority=10,ip,reg6=0x1,nw_dst=${IP} actions=set_field:${MAC.i1}->eth_dst,ct(commit,table=58,zone=1,nat(dst=192.168.1.11))`,
      `table=31,priority=11,ip,reg6=0x1,nw_src=192.168.1.11,nw_dst=${IP} actions=goto_table:58`,
    ],
  )
  assert.ok(added([HERE]).includes('table=30,priority=10,in_port=7 actions=set_field:0x1->reg6,goto_table:31'))
})

test('what is passed through keeps its address', () => {
  const flows = added([{ ...HERE, mode: 'passthrough' }])
  assert.ok(
    flows.includes(`table=31,priority=10,ip,reg6=0x1,nw_dst=${IP} actions=set_field:${MAC.i1}->eth_dst,goto_table:58`),
  )
  assert.ok(!flows.some((line) => line.includes('ct(')))
})

test('announcements of the true owner are kept out by the tag that they come with', () => {
  const arp = (flows: readonly string[]) => flows.filter((line) => line.startsWith('table=0'))
  const from = (wire: string, then: string) => [
    `table=0,priority=10,arp,${wire},dl_dst=ff:ff:ff:ff:ff:ff,arp_spa=${IP} actions=drop`,
    `table=0,priority=11,arp,${wire},dl_dst=ff:ff:ff:ff:ff:ff,arp_spa=${IP},arp_tpa=192.168.1.11 actions=${then}`,
  ]
  assert.deepEqual(arp(added([HERE])), from('in_port=1,dl_vlan=1', 'goto_table:58'))
  const onVlan = exampleOnVlan()
  assert.deepEqual(arp(added([HERE], onVlan)), from('in_port=2,dl_vlan=101', 'set_field:4097->vlan_vid,goto_table:58'))
})

test('a guest without port security is served as well; a port that is not here serves nobody', () => {
  const open = exampleObjects().map((object) =>
    object.kind === 'port' && object.id === ID.instance1 ? { ...object, portSecurityEnabled: false } : object,
  )
  assert.ok(added([HERE], open).includes('table=0,priority=8,in_port=7 actions=goto_table:30'))
  assert.deepEqual(added([{ ...HERE, portId: ID.instance3 }]), [])
})
