/** The userspace datapath with segmentation offload: VXLAN devices of the kernel, the wire for GRE, devices as veths. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type ConfiguredSettings, OvsAgent } from '../../src/agents/ovs/agent.js'
import { exampleObjects, ID, MAC, SETTINGS } from '../../src/agents/ovs/testing/example.fake.js'
import { createLogger } from '../../src/base/log.js'
import type { HostObject } from '../../src/bus/contracts/host-view.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { LocalHost } from '../../src/dataplane/command/host.js'
import { deviceMarks } from '../../src/dataplane/netns/device-kind.js'
import { Namespaces } from '../../src/dataplane/netns/namespaces.js'
import type { NamespaceSpec } from '../../src/dataplane/netns/spec.js'
import { connectVswitch } from '../../src/dataplane/ovsdb/connect.js'
import { inSandbox, run, type SandboxNode, startNode } from '../lib/agent-sandbox.js'

const settings: ConfiguredSettings = { ...SETTINGS, datapathType: null, profileWish: 'fast' }
const log = createLogger('fast-test')
const host = new LocalHost({ name: 'compute1' })
const S = ID.instance1.slice(0, 11)
const TUNNEL_MAC = '02:00:00:00:00:21'

inSandbox('fast-datapath', fileURLToPath(import.meta.url), () => {
  let node: SandboxNode
  let agent: OvsAgent
  const agents: OvsAgent[] = []
  const objects = (type: 'vxlan' | 'gre' = 'vxlan'): HostObject[] =>
    exampleObjects().map((object) => {
      if (object.kind === 'peer') return { ...object, tunnelMac: TUNNEL_MAC }
      return object.kind === 'network' && object.id === ID.demoNet ? { ...object, type } : object
    })

  async function newAgent(): Promise<OvsAgent> {
    const made = new OvsAgent(host, settings, log)
    await made.start(() => {})
    agents.push(made)
    return made
  }

  /** Brings the host to the objects; then neither a second pass, an audit nor a fresh agent finds anything to do. */
  async function settle(wanted: readonly HostObject[]): Promise<void> {
    const view = HostView.of(wanted)
    assert.deepEqual((await agent.apply(view, 'change')).errors, [])
    assert.equal((await agent.apply(view, 'change')).writes, 0, 'a second pass writes nothing')
    assert.equal((await agent.apply(view, 'audit')).writes, 0, 'an audit finds nothing')
    const fresh = await newAgent()
    assert.equal((await fresh.apply(view, 'resync')).writes, 0, 'a fresh agent finds everything in place')
  }

  const fdb = async () =>
    (JSON.parse(await run('bridge', '-j', 'fdb', 'show', 'dev', 'vx-1')) as { mac: string; dst?: string }[])
      .flatMap(({ mac, dst }) => (dst ? [`${mac} ${dst}`] : []))
      .sort()
  const ENTRIES = [
    '00:00:00:00:00:00 10.0.1.21',
    '00:00:00:00:00:00 10.0.1.32',
    `${MAC.dhcp} 10.0.1.21`,
    `${MAC.tn} 10.0.1.21`,
    `${MAC.i3} 10.0.1.32`,
  ].sort()
  const offload = async () => (await run('ethtool', '-k', `qvb${S}`)).match(/tx-checksumming: (\w+)/)![1]
  const ports = async () => (await run('ovs-vsctl', 'list-ports', 'br-tun')).trim().split('\n').sort()

  before(async () => {
    node = await startNode(true)
    await run('ip', 'link', 'add', 'eth1', 'mtu', '1600', 'type', 'veth', 'peer', 'name', 'far')
    await run('ip', 'address', 'add', '10.0.1.31/24', 'dev', 'eth1')
    for (const name of ['eth1', 'far']) await run('ip', 'link', 'set', name, 'up')
    for (const name of ['br-ex', 'br-vlan']) {
      await run('ovs-vsctl', 'add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev')
    }
    // a stranger's device with a VNI that we do not use
    await run('ip', 'link', 'add', 'vxlan99', 'type', 'vxlan', 'id', '99', 'local', '10.0.1.31', 'dstport', '4789')
    agent = await newAgent()
    await run('ip', 'link', 'add', `qbr${S}`, 'type', 'bridge')
    await run('ip', 'link', 'add', `qvb${S}`, 'type', 'veth', 'peer', 'name', `qvo${S}`)
    await run('ip', 'link', 'set', `qvb${S}`, 'master', `qbr${S}`, 'up')
    await run('ip', 'link', 'set', `qvo${S}`, 'up')
    const device = ['--', 'set', 'interface', `qvo${S}`, `external_ids:iface-id=${ID.instance1}`]
    await run('ovs-vsctl', 'add-port', 'br-int', `qvo${S}`, ...device)
  })

  after(async () => {
    for (const made of agents) await made.stop()
    node.close()
  })

  test('a network gets a device of the kernel, with its entries', async () => {
    await settle(objects())
    const { datapath_profile, datapath_offload, vxlan_encapsulation } = agent.configurations()
    assert.deepEqual([datapath_profile, datapath_offload, vxlan_encapsulation], ['netdev-tso', 'tunnels', 'kernel'])
    assert.deepEqual(await fdb(), ENTRIES)
    assert.deepEqual(await ports(), ['patch-int', 'vx-1'])
    assert.equal(await offload(), 'on')
  })

  test('an audit makes a deleted device again and heals other drift', async () => {
    await run('ip', 'link', 'del', 'vx-1')
    const { errors, writes } = await agent.apply(HostView.of(objects()), 'audit')
    assert.deepEqual(errors, [])
    assert.ok(writes > 0)
    assert.deepEqual(await fdb(), ENTRIES)
    await settle(objects())
    await run('bridge', 'fdb', 'del', MAC.i3, 'dev', 'vx-1', 'dst', '10.0.1.32', 'self')
    await run('ip', 'link', 'set', 'vx-1', 'down')
    await run('ethtool', '-K', `qvb${S}`, 'tx', 'off')
    assert.ok((await agent.apply(HostView.of(objects()), 'audit')).writes >= 3)
    assert.deepEqual(await fdb(), ENTRIES)
    assert.equal(await offload(), 'on')
    await settle(objects())
  })

  test('the next network may have the same VNI at once', async () => {
    const next = 'bbbbbbbb-6096-4243-adf4-bb6615b3de28'
    const kept = objects()
      .filter((object) => object.kind !== 'neighbour')
      .map((object): HostObject => {
        if (object.kind === 'network' && object.id === ID.demoNet) return { ...object, id: next, peers: ['network1'] }
        return 'networkId' in object && object.networkId === ID.demoNet ? { ...object, networkId: next } : object
      })
    await settle(kept)
    assert.deepEqual(await fdb(), ['00:00:00:00:00:00 10.0.1.21'])
    await settle(objects())
  })

  test('tunnels of Open vSwitch get a wire to the NIC for as long as there are some', async () => {
    const redirections = (device: string) => run('tc', 'filter', 'show', 'dev', device, 'ingress')
    await settle(objects('gre'))
    assert.deepEqual(await ports(), ['gre-0a000115', 'gre-0a000120', 'patch-int'])
    assert.equal(await offload(), 'off', 'they drop unfinished checksums')
    assert.match(await redirections('eth1'), /match 002f0000\/00ff0000 at 8[\s\S]*Egress Redirect to device wire-nic/)
    assert.match(await redirections('wire-nic'), /Egress Redirect to device eth1/)
    assert.match(await run('ovs-appctl', 'ovs/route/show'), /User: 10\.0\.1\.0\/24 dev br-wire SRC 10\.0\.1\.31/)
    assert.match(await run('ovs-appctl', 'tnl/neigh/show'), /10\.0\.1\.32\s+02:00:00:00:00:21\s+br-wire/)
    await run('tc', 'filter', 'del', 'dev', 'eth1', 'ingress')
    await run('ip', 'link', 'del', 'wire-nic')
    await run('ovs-appctl', 'ovs/route/del', '10.0.1.0/24')
    assert.ok((await agent.apply(HostView.of(objects('gre')), 'audit')).writes >= 3)
    await settle(objects('gre'))
    await settle(objects())
    assert.doesNotMatch(await run('ovs-vsctl', 'list-br'), /br-wire/)
    assert.doesNotMatch(await redirections('eth1'), /Redirect/)
    assert.doesNotMatch(await run('ip', 'link'), /wire-/)
  })

  test('devices of namespaces follow the mark of the bridge, there and back', async (t) => {
    const vswitch = await connectVswitch('/run/openvswitch/db.sock', log)
    t.after(() => vswitch.close())
    const empty = { tables: new Map() } as unknown as NamespaceSpec['iptables']['ipv4']
    const device = {
      name: 'qr-b1a894fd-ae',
      portId: ID.qr,
      networkType: 'gre',
      mac: MAC.tg,
      mtu: 1450,
      addresses: ['192.168.1.1/24'],
    }
    const spec: NamespaceSpec = {
      name: 'qrouter-test',
      sysctls: {},
      devices: [device],
      veths: [],
      rules: [],
      routes: [],
      neighbours: [],
      iptables: { ipv4: empty, ipv6: empty },
    }
    const kindIs = async (devices: 'internal' | 'veth') => {
      await vswitch.ensureBridges([{ name: 'br-int', externalIds: deviceMarks({ devices, complete: ['gre'] }) }])
      const namespaces = new Namespaces(host, vswitch, 'br-int')
      const apply = async (readBack: boolean) => (await namespaces.apply([spec], readBack)).get(spec.name)!
      assert.deepEqual((await apply(true)).problems, [])
      for (const readBack of [false, true]) {
        const { writes, problems } = await apply(readBack)
        assert.deepEqual({ devices, readBack, writes, problems }, { devices, readBack, writes: 0, problems: [] })
      }
      const type = (await run('ovs-vsctl', 'get', 'interface', device.name, 'type')).trim()
      assert.equal(type, devices === 'veth' ? '""' : 'internal')
      const [link] = JSON.parse(await run('ip', '-n', spec.name, '-j', 'address', 'show', device.name))
      assert.deepEqual([link.address, link.mtu, link.addr_info[0].local], [MAC.tg, 1450, '192.168.1.1'])
      return namespaces
    }
    const hostLinks = () => run('ip', '-br', 'link')
    const veths = await kindIs('veth')
    assert.match(await hostLinks(), /^qr-b1a894fd-ae@/m)
    const features = await run('ip', 'netns', 'exec', spec.name, 'ethtool', '-k', device.name)
    assert.match(features, /tx-checksumming: off/, 'frames of a GRE network leave it complete')
    await run('ip', 'link', 'set', device.name, 'down')
    assert.ok((await veths.apply([spec], true)).get(spec.name)!.writes > 0, 'the near end is brought up again')
    await run('ip', 'link', 'del', device.name)
    assert.deepEqual((await veths.apply([spec], true)).get(spec.name)!.problems, [])
    await kindIs('internal')
    assert.doesNotMatch(await hostLinks(), /qr-b1a894fd-ae/)
    const last = await kindIs('veth')
    await last.apply([], false)
    assert.deepEqual((await last.remove([spec.name])).problems, [])
    assert.doesNotMatch(await hostLinks(), /qr-b1a894fd-ae/)
    assert.doesNotMatch(await run('ovs-vsctl', 'list-ports', 'br-int'), /qr-b1a894fd-ae/)
  })

  test('when nothing is left to do nothing is left behind', async () => {
    await settle([])
    assert.deepEqual(await ports(), ['patch-int'])
    const links = await run('ip', '-br', 'link')
    assert.doesNotMatch(links, /vx-|wire-/)
    assert.match(links, /vxlan99/)
  })
})
