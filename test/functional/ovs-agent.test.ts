/** The Open vSwitch agent on real bridges, iptables and ipsets: dumps, second passes, drift, strangers, restarts, removal. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type ConfiguredSettings, OvsAgent } from '../../src/agents/ovs/agent.js'
import { exampleObjects, ID, MAC, network, port, SETTINGS, subnet } from '../../src/agents/ovs/testing/example.fake.js'
import { createLogger } from '../../src/base/log.js'
import type { HostObject } from '../../src/bus/contracts/host-view.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { LocalHost } from '../../src/dataplane/command/host.js'
import { readTunnelNeighbours, traceFlow } from '../../src/dataplane/openflow/unixctl.js'
import { inSandbox, run, type SandboxNode, startNode, until } from '../lib/agent-sandbox.js'

const OVS_RUN = '/run/openvswitch'
const BRIDGES = ['br-int', 'br-tun', 'br-ex', 'br-vlan']
const TUNNEL_MAC = '02:00:00:00:00:21'
const settings: ConfiguredSettings = { ...SETTINGS, datapathType: null }
const dump = (bridge: string, ...match: string[]) =>
  run('ovs-ofctl', '-O', 'OpenFlow14', '--no-names', '--no-stats', 'dump-flows', bridge, ...match)
const tagOf = async (name: string) => (await run('ovs-vsctl', 'get', 'port', name, 'tag')).trim()
const ofportOf = async (name: string) => (await run('ovs-vsctl', 'get', 'interface', name, 'ofport')).trim()

inSandbox('ovs-agent', fileURLToPath(import.meta.url), () => {
  let node: SandboxNode
  let agent: OvsAgent
  let kicks: string[] = []
  const agents: OvsAgent[] = []
  const objects = () => exampleObjects().map((o) => (o.kind === 'peer' ? { ...o, tunnelMac: TUNNEL_MAC } : o))

  async function newAgent(): Promise<OvsAgent> {
    const made = new OvsAgent(new LocalHost({ name: 'compute1' }), settings, createLogger('ovs-test'))
    await made.start((reason) => kicks.push(reason))
    agents.push(made)
    return made
  }

  /** Brings the host to the objects; then neither a second pass, an audit nor a fresh agent finds anything to do. */
  async function settle(wanted: readonly HostObject[]): Promise<readonly string[]> {
    const view = HostView.of(wanted)
    const { errors, readyPorts } = await agent.apply(view, 'change')
    assert.deepEqual(errors, [])
    assert.equal((await agent.apply(view, 'change')).writes, 0, 'a second pass writes nothing')
    assert.equal((await agent.apply(view, 'audit')).writes, 0, 'an audit finds nothing')
    const fresh = await newAgent()
    assert.equal((await fresh.apply(view, 'resync')).writes, 0, 'a fresh agent finds everything in place')
    return [...readyPorts!].sort()
  }

  async function plugGuest(id: string, mac: string): Promise<void> {
    const s = id.slice(0, 11)
    await run('ip', 'link', 'add', `qbr${s}`, 'type', 'bridge')
    await run('ip', 'link', 'add', `qvb${s}`, 'type', 'veth', 'peer', 'name', `qvo${s}`)
    await run('ip', 'link', 'set', `qvb${s}`, 'master', `qbr${s}`, 'up')
    await run('ip', 'link', 'set', `qvo${s}`, 'up')
    await plug(`qvo${s}`, id, `external_ids:attached-mac="${mac}"`)
  }

  /** As other agents plug: in the dead VLAN. */
  async function plug(name: string, id: string, ...rest: string[]): Promise<void> {
    const dead = ['--', 'set', 'port', name, 'tag=4095', 'vlan_mode=trunk', 'trunks=4095']
    const device = ['--', 'set', 'interface', name, `external_ids:iface-id=${id}`, ...rest]
    kicks = []
    await run('ovs-vsctl', 'add-port', 'br-int', name, ...dead, ...device)
    await until('the agent notices', () => kicks.includes('local'))
  }

  before(async () => {
    node = await startNode()
    await run('ovs-vsctl', 'add-br', 'br-phy', '--', 'set', 'bridge', 'br-phy', 'datapath_type=netdev')
    await run('ip', 'address', 'add', '10.0.1.31/24', 'dev', 'br-phy')
    await run('ip', 'link', 'set', 'br-phy', 'up')
    for (const name of ['br-ex', 'br-vlan']) {
      await run('ovs-vsctl', 'add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev')
    }
    // strangers: everything of theirs must be there at the end
    await run('iptables', '-N', 'theirs')
    await run('iptables', '-A', 'FORWARD', '-s', '9.9.9.9/32', '-j', 'theirs')
    await run('ipset', 'create', 'theirs', 'hash:ip')
    agent = await newAgent()
  })

  after(async () => {
    for (const made of agents) await made.stop()
    node.close()
  })

  test('bridges with their base flows and joined patches, before anything is plugged in', async () => {
    assert.deepEqual(await settle(objects()), [])
    assert.match(await run('ovs-vsctl', 'get', 'interface', 'patch-tun', 'options'), /peer=patch-int/)
    assert.match(await run('ovs-vsctl', 'get', 'interface', 'phy-br-ex', 'options'), /peer=int-br-ex/)
    for (const name of BRIDGES) assert.equal((await run('ovs-vsctl', 'get-fail-mode', name)).trim(), 'secure')
    assert.match(await dump('br-int', 'table=23'), /priority=0 actions=drop/)
    // a stranger's flow; Open vSwitch itself flushes a bridge when its fail mode changes, so it comes only now
    await run('ovs-ofctl', 'add-flow', 'br-int', 'cookie=0x5,table=0,priority=77,in_port=60,actions=drop')
    const [{ address }] = JSON.parse(await run('ip', '-j', 'link', 'show', 'br-phy'))
    assert.equal(agent.configurations().tunneling_ip, '10.0.1.31')
    assert.equal(agent.configurations().tunneling_mac, address)
  })

  test('plugged ports are wired and filtered, an unknown one stays dead', async () => {
    await plugGuest(ID.instance1, MAC.i1)
    await plug('qr-b1a894fd-ae', ID.qr, 'type=internal')
    await plug('fg-55f69591-06', ID.fg, 'type=internal')
    await plug('tap99999999-99', '99999999-0000-4000-8000-000000000000', 'type=internal')
    assert.deepEqual(await settle(objects()), [ID.instance1, ID.fg, ID.qr].sort())
    assert.equal(await tagOf('tap99999999-99'), '4095')
    const guest = await tagOf('qvo05a1b2c3-d4')
    assert.equal(await tagOf('qr-b1a894fd-ae'), guest)
    assert.notEqual(await tagOf('fg-55f69591-06'), guest)
    assert.match(
      await run('iptables', '-S', 'neutron-openvswi-i05a1b2c3-d'),
      /--match-set NIPv424602461-5832-42ce-a2d4- src/,
    )
    assert.match(await run('ipset', 'list', 'NIPv424602461-5832-42ce-a2d4-'), /192\.168\.1\.13/)
    const presets = (await readTunnelNeighbours(OVS_RUN)).filter(({ mac }) => mac === TUNNEL_MAC)
    assert.deepEqual(presets.map(({ ip, bridge }) => `${ip} ${bridge}`).sort(), [
      '10.0.1.21 br-phy',
      '10.0.1.32 br-phy',
    ])
  })

  test('a routed packet leaves under the own MAC and arrives under that of the gateway', async () => {
    const qr = await ofportOf('qr-b1a894fd-ae')
    const out = `in_port=${qr},dl_src=${MAC.tg},dl_dst=${MAC.tn},dl_type=0x0800,nw_src=192.168.1.11,nw_dst=8.8.8.8,nw_ttl=63`
    const leaving = await traceFlow(OVS_RUN, 'br-int', out)
    assert.match(leaving, new RegExp(`set_field:${MAC.d1}->eth_src`))
    assert.match(leaving, /set_field:0x1->tun_id/)
    const tunnel = await ofportOf('vxlan-0a000120')
    const back = `in_port=${tunnel},tun_id=1,dl_src=${MAC.d2},dl_dst=${MAC.i1},dl_type=0x0800,nw_src=192.168.2.11,nw_dst=192.168.1.11,nw_ttl=63`
    const arriving = await traceFlow(OVS_RUN, 'br-tun', back)
    assert.match(arriving, new RegExp(`set_field:${MAC.tg}->eth_src`))
    assert.match(arriving, new RegExp(`output:${await ofportOf('qvo05a1b2c3-d4')}\n`))
    const hop = `in_port=${await ofportOf('qvo05a1b2c3-d4')},dl_vlan=${await tagOf('fg-55f69591-06')},dl_src=${MAC.i1},dl_dst=${MAC.fg}`
    assert.match(await traceFlow(OVS_RUN, 'br-int', hop), /Datapath actions: drop/)
  })

  test('limits and marks of a QoS policy come, change and go', async () => {
    const qos = (kbps: number): HostObject => ({
      kind: 'port_qos',
      id: ID.instance1,
      egress: { kbps, burstKb: 400 },
      ingress: { kbps: 2 * kbps, burstKb: 800 },
      dscp: 26,
    })
    const [qvo, qvb] = ['qvo05a1b2c3-d4', 'qvb05a1b2c3-d4']
    const ours = async () => (await run('ovs-vsctl', '-f', 'csv', '-d', 'bare', 'list', 'qos')).split('\n').length - 2
    for (const kbps of [1000, 3000]) {
      await settle([...objects(), qos(kbps)])
      assert.match(await run('tc', 'qdisc', 'show', 'dev', qvb), new RegExp(`tbf 7e0b: root .*rate ${kbps / 1000}Mbit`))
      // what vswitchd made of it
      await until('vswitchd made the queue', async () =>
        (await run('tc', 'class', 'show', 'dev', qvo)).includes(`ceil ${(2 * kbps) / 1000}Mbit`),
      )
      assert.equal(await ours(), 1)
    }
    const packet = `in_port=${await ofportOf(qvo)},dl_src=${MAC.i1},dl_dst=${MAC.tg},dl_type=0x0800,nw_src=192.168.1.11,nw_dst=8.8.8.8`
    assert.match(
      await traceFlow(OVS_RUN, 'br-int', packet),
      /set_field:26->ip_dscp|mod_nw_tos:104|set_field:104->nw_tos/,
    )
    await run('tc', 'qdisc', 'del', 'dev', qvb, 'root')
    await run('ovs-vsctl', 'clear', 'port', qvo, 'qos')
    assert.ok((await agent.apply(HostView.of([...objects(), qos(3000)]), 'audit')).writes >= 2)
    assert.match(await run('tc', 'qdisc', 'show', 'dev', qvb), /tbf 7e0b: root/)
    assert.equal(await ours(), 1)
    await settle(objects())
    assert.doesNotMatch(await run('tc', 'qdisc', 'show', 'dev', qvb), /tbf/)
    assert.equal(await ours(), 0)
  })

  test('drift is healed by the least, strangers are left alone', async () => {
    await run('ovs-ofctl', '-O', 'OpenFlow14', 'del-flows', 'br-tun', 'table=20')
    await run('iptables', '-F', 'neutron-openvswi-i05a1b2c3-d')
    await run('ip6tables', '-D', 'FORWARD', '-j', 'neutron-openvswi-FORWARD')
    await run('ipset', 'flush', 'NIPv424602461-5832-42ce-a2d4-')
    await run('ovs-vsctl', 'del-port', 'br-tun', 'vxlan-0a000120')
    kicks = []
    await run('ovs-vsctl', 'set', 'port', 'qvo05a1b2c3-d4', 'tag=77')
    await until('the wrong tag is noticed at once', () => kicks.includes('local'))
    const { writes, errors } = await agent.apply(HostView.of(objects()), 'audit')
    assert.deepEqual(errors, [])
    assert.ok(writes >= 6, `${writes} writes`)
    assert.match(await dump('br-int'), /cookie=0x5, .*priority=77,in_port=60 actions=drop/)
    await settle(objects())
  })

  test('flows that the switch learned stay while they are true and go when they are not', async () => {
    const vlan = Number(await tagOf('qr-b1a894fd-ae'))
    const tunnel = await ofportOf('vxlan-0a000115')
    const learned = (mac: string, vni: number) =>
      run(
        'ovs-ofctl',
        '-O',
        'OpenFlow14',
        'add-flow',
        'br-tun',
        `cookie=0xea57000600000000,table=20,hard_timeout=300,priority=1,vlan_tci=${vlan}/0x0fff,dl_dst=${mac},` +
          `actions=load:0->NXM_OF_VLAN_TCI[],load:${vni}->NXM_NX_TUN_ID[],output:${tunnel}`,
      )
    await learned('00:00:00:00:00:01', 1)
    await learned('00:00:00:00:00:02', 99)
    assert.equal((await agent.apply(HostView.of(objects()), 'audit')).writes, 1)
    const left = await dump('br-tun', 'table=20')
    assert.match(left, /00:00:00:00:00:01/)
    assert.doesNotMatch(left, /00:00:00:00:00:02/)
    await settle(objects())
  })

  test('a network takes over the VNI of one that was removed in the same change', async () => {
    const next = 'bbbbbbbb-6096-4243-adf4-bb6615b3de28'
    const id = '07777777-d4e5-4f60-8712-345678901117'
    const mac = 'fa:16:3e:00:01:17'
    await plugGuest(id, mac)
    const demo = { subnets: [subnet(ID.demoSubnet, '192.168.1.0/24', '192.168.1.1')], peers: ['network1'] }
    const kept = objects().filter((o) => o.id !== ID.demoNet && !('networkId' in o && o.networkId === ID.demoNet))
    const guest = port(id, next, mac, { fixedIps: [{ subnetId: ID.demoSubnet, ip: '192.168.1.17' }] })
    assert.deepEqual(await settle([...kept, network(next, demo), guest]), [id, ID.fg].sort())
    assert.equal(await tagOf('qvo05a1b2c3-d4'), '4095')
    const flows = await dump('br-tun')
    assert.match(flows, /table=4, priority=1,tun_id=0x1 actions=push_vlan/)
    assert.match(flows, /table=22, priority=1,dl_vlan=\d+ actions=pop_vlan,set_field:0x1->tun_id,output:\d+\n/)
    assert.doesNotMatch(flows, /00:00:00:00:00:01/, 'learned for the network that was there before')
    assert.doesNotMatch(await run('ovs-vsctl', 'list-ports', 'br-tun'), /vxlan-0a000120/)
    assert.deepEqual(await settle(objects()), [ID.instance1, ID.fg, ID.qr].sort())
  })

  test('a restart of vswitchd is noticed and everything is put back', async () => {
    kicks = []
    await node.stopVswitchd()
    await until('vswitchd is gone', () => !existsSync(`${OVS_RUN}/ovs-vswitchd.pid`))
    await node.startVswitchd()
    await until('the restart is noticed', () => kicks.includes('resync'))
    await until('vswitchd has its bridges', () =>
      dump('br-tun').then(
        () => true,
        () => false,
      ),
    )
    await agent.apply(HostView.of(objects()), 'resync')
    assert.match(await dump('br-int', 'table=23'), /priority=0 actions=drop/)
    await settle(objects())
  })

  test('when nothing is left to do nothing is left behind', async () => {
    assert.deepEqual(await settle([]), [])
    assert.equal(await tagOf('qvo05a1b2c3-d4'), '4095')
    assert.deepEqual((await run('ovs-vsctl', 'list-ports', 'br-tun')).trim(), 'patch-int')
    assert.doesNotMatch(await run('iptables-save'), /05a1b2c3/)
    assert.doesNotMatch(await run('ip6tables-save'), /05a1b2c3/)
    assert.equal((await run('ipset', 'list', '-n')).trim(), 'theirs')
    for (const bridge of BRIDGES) assert.doesNotMatch(await dump(bridge), /fa:16:3[ef]|192\.168/)
    assert.match(await run('iptables', '-S', 'FORWARD'), /-s 9\.9\.9\.9\/32 -j theirs/)
  })
})
