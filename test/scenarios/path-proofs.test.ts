import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { capture, type Tap } from '../../src/lab/proof/capture.js'
import {
  allow,
  associateFloatingIp,
  boot,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
  VXLAN,
} from '../../src/lab/proof/objects.js'
import type { Frame } from '../../src/lab/proof/pcap.js'
import { until } from '../../src/lab/proof/until.js'
import {
  fgName,
  fipNs,
  fprName,
  qbrName,
  qgName,
  qrName,
  qrouterNs,
  qvoName,
  rfpName,
  sgName,
  snatNs,
  tapName,
} from '../../src/model/device-names.js'
import { OWNER } from '../../src/model/owners.js'
import { dvrMac, macOf, portOf } from '../lib/cloud.js'
import { failing, SKIP, startLab, type TestLab } from '../lib/lab.js'

const OUTSIDE = '174.143.194.225'
// a filter's plain words do not look behind a VLAN tag
const WATCHED = 'icmp or arp or udp port 4789 or vlan'

/** One frame as the proofs compare it: what each hop must have seen. */
interface Seen {
  readonly eth?: string
  readonly vlan?: number | null
  readonly vni?: number
  readonly ip: string
  readonly ttl: number
}

/** The ICMP echo packets of a type in frames, VXLAN opened. */
function echoes(frames: readonly Frame[], type: 'request' | 'reply'): Seen[] {
  const wanted = type === 'request' ? 8 : 0
  return frames.flatMap((frame): Seen[] => {
    const inner = frame.vxlan?.inner ?? frame
    if (inner.icmp?.type !== wanted || !inner.ip) return []
    return [
      {
        eth: `${inner.ethSrc}>${inner.ethDst}`,
        vlan: inner.vlan,
        ...(frame.vxlan && { vni: frame.vxlan.vni }),
        ip: `${inner.ip.src}>${inner.ip.dst}`,
        ttl: inner.ip.ttl,
      },
    ]
  })
}

describe('paths of packets', { skip: SKIP }, () => {
  let lab: TestLab
  let ext: string
  let router: string
  let net1: Network
  let net2: Network
  /** on compute1, network 1, with the floating IP f1 */
  let i1: Instance
  /** on compute2, network 2 */
  let i2: Instance
  /** on compute1, network 1, fixed address only */
  let i3: Instance
  let f1: { id: string; ip: string }
  const mac: Record<'TG1' | 'TG2' | 'TN' | 'QG' | 'FG' | 'D1' | 'D2', string> = {
    TG1: '',
    TG2: '',
    TN: '',
    QG: '',
    FG: '',
    D1: '',
    D2: '',
  }
  const port: Record<'qr1' | 'qr2' | 'sg' | 'qg' | 'fg', string> = { qr1: '', qr2: '', sg: '', qg: '', fg: '' }

  before(async () => {
    lab = await startLab('t-paths', 11_000)
    ext = (await makeExternal(lab, 'flat', 'ext-net')).id
    net1 = await makeNetwork(lab, 'net1', '192.168.1.0/24', VXLAN)
    net2 = await makeNetwork(lab, 'net2', '192.168.2.0/24', VXLAN)
    const subnets = [net1.subnetId, net2.subnetId]
    router = (await makeRouter(lab, 'router', { subnets, external: ext })).id
    i1 = await boot(lab, { name: 'i1', networkId: net1.id })
    i2 = await boot(lab, { name: 'i2', networkId: net2.id })
    i3 = await boot(lab, { name: 'i3', networkId: net1.id })
    f1 = await associateFloatingIp(lab, ext, i1.portId)
    mac.TG1 = await macOf(lab, net1.id, OWNER.distributedRouterInterface)
    mac.TG2 = await macOf(lab, net2.id, OWNER.distributedRouterInterface)
    mac.TN = await macOf(lab, net1.id, OWNER.centralizedSnat)
    mac.QG = await macOf(lab, ext, OWNER.routerGateway)
    mac.FG = await macOf(lab, ext, OWNER.agentGateway)
    mac.D1 = await dvrMac(lab, 'compute1')
    mac.D2 = await dvrMac(lab, 'compute2')
    port.qr1 = (await portOf(lab, net1.id, OWNER.distributedRouterInterface)).id
    port.qr2 = (await portOf(lab, net2.id, OWNER.distributedRouterInterface)).id
    port.sg = (await portOf(lab, net1.id, OWNER.centralizedSnat)).id
    port.qg = (await portOf(lab, ext, OWNER.routerGateway)).id
    port.fg = (await portOf(lab, ext, OWNER.agentGateway)).id
  })
  after(() => lab?.down())

  const wire = (node: string, nic: string): Tap => ({ name: `${node}:${nic}`, node, device: nic })
  const inNs = (name: string, node: string, netns: string, device: string): Tap => ({ name, node, netns, device })
  const qr = (which: 'qr1' | 'qr2', node: string) =>
    inNs(`${which}@${node}`, node, qrouterNs(router), qrName(port[which]))
  const vif = (instance: Instance, prefix: 'tap' | 'qbr' | 'qvo'): Tap => {
    const name = { tap: tapName, qbr: qbrName, qvo: qvoName }[prefix](instance.portId)
    return { name: `${prefix}:${instance.name}`, node: instance.host, device: name }
  }
  const ping = (from: Instance, to: string) => lab.in(from.id, ['ping', '-c', '1', '-W', '2', to])

  /** What instances and hosts learn before the first packet would otherwise be in the captures. */
  const warmUp = async () => {
    await until('answers', () => ping(i1, i2.ip))
    await until('answers', () => ping(i3, OUTSIDE))
  }

  it('places the instances as the guide does', () => {
    assert.deepEqual([i1.host, i2.host, i3.host], ['compute1', 'compute2', 'compute1'])
  })

  describe('security groups', () => {
    const ping1 = (address: string) => lab.on('outside', ['ping', '-c', '1', '-W', '1', address])
    let listener: Promise<unknown> | null = null

    it('let nothing in before a rule is added', async () => {
      await failing(ping1(f1.ip))
      listener = lab.in(
        i1.id,
        [process.execPath, '-e', 'const s=require("net").createServer(c=>{c.end("hello");s.close()}).listen(22)'],
        { timeout: 60_000 },
      )
      await until('the listener', () =>
        lab.in(i1.id, [
          process.execPath,
          '-e',
          'require("fs").readFileSync("/proc/net/tcp6","utf8").includes(":0016 ")||process.exit(1)',
        ]),
      )
      const connect =
        'const c=require("net").connect(22,process.argv[1]);c.setTimeout(800,()=>process.exit(9));c.on("data",d=>{console.log(String(d));process.exit(0)});c.on("error",()=>process.exit(8))'
      assert.equal((await failing(lab.on('outside', [process.execPath, '-e', connect, f1.ip]))).code, 9)
    })

    it('let members of the group in, and replies out of it', async () => {
      await warmUp()
    })

    it('let ICMP and SSH in when their rules are added', async () => {
      await allow(lab, { protocol: 'icmp' })
      await allow(lab, { protocol: 'tcp', port_range_min: 22, port_range_max: 22 })
      await until('an answer', () => ping1(f1.ip), 2_000)
      const connect =
        'const c=require("net").connect(22,process.argv[1]);c.on("data",d=>{console.log(String(d));process.exit(0)})'
      const { stdout } = await lab.on('outside', [process.execPath, '-e', connect, f1.ip], { timeout: 5_000 })
      assert.equal(stdout.trim(), 'hello')
      await listener
    })

    it('let no forged address or MAC out', async () => {
      const forge = async (setUp: string[][], tearDown: string[][], from: string[]) => {
        for (const argv of setUp) await lab.in(i3.id, argv)
        const seen = await capture(lab.state, [vif(i3, 'tap'), vif(i3, 'qvo')], 'icmp', async () => {
          await failing(lab.in(i3.id, ['ping', '-c', '1', '-W', '1', ...from, i1.ip]))
        })
        for (const argv of tearDown) await lab.in(i3.id, argv)
        assert.equal(echoes(seen.get('tap:i3')!, 'request').length, 1, 'the forged packet was sent')
        assert.equal(echoes(seen.get('qvo:i3')!, 'request').length, 0, 'the forged packet got through')
      }
      const neighbour = ['ip', 'neigh', 'replace', i1.ip, 'lladdr', i1.mac, 'dev', 'eth0', 'nud', 'permanent']
      const address = (verb: string) => ['ip', 'address', verb, '192.168.1.99/32', 'dev', 'eth0']
      const mac = (value: string) => ['ip', 'link', 'set', 'eth0', 'address', value]
      await forge([neighbour, address('add')], [address('del')], ['-I', '192.168.1.99'])
      // a new MAC makes the kernel forget its neighbours
      await forge([mac('02:00:00:00:00:99'), neighbour], [mac(i3.mac)], [])
      await until('the instance to work again', () => ping(i3, i1.ip))
    })
  })

  describe('case 1: fixed address only', () => {
    it('goes out over the network node, and back without the router on the compute node', async () => {
      await warmUp()
      const taps = [
        vif(i3, 'tap'),
        vif(i3, 'qbr'),
        vif(i3, 'qvo'),
        qr('qr1', 'compute1'),
        wire('compute1', 'eth1'),
        wire('compute1', 'eth3'),
        wire('network1', 'eth1'),
        inNs('sg', 'network1', snatNs(router), sgName(port.sg)),
        inNs('qg', 'network1', snatNs(router), qgName(port.qg)),
        wire('network1', 'eth3'),
        wire('compute2', 'eth1'),
        wire('compute2', 'eth3'),
      ]
      const seen = await capture(lab.state, taps, WATCHED, () => ping(i3, OUTSIDE))
      const requests = (name: string) => echoes(seen.get(name)!, 'request')
      const replies = (name: string) => echoes(seen.get(name)!, 'reply')
      const ip = `${i3.ip}>${OUTSIDE}`
      const sent = { eth: `${i3.mac}>${mac.TG1}`, vlan: null, ip, ttl: 64 }
      assert.deepEqual(requests('tap:i3'), [sent])
      assert.deepEqual(requests('qbr:i3'), [sent])
      assert.deepEqual(requests('qvo:i3'), [sent])
      const routed = { eth: `${mac.TG1}>${mac.TN}`, vlan: null, ip, ttl: 63 }
      assert.deepEqual(requests('qr1@compute1'), [sent, routed])
      const onWire = { eth: `${mac.D1}>${mac.TN}`, vlan: null, vni: net1.segmentationId, ip, ttl: 63 }
      assert.deepEqual(requests('compute1:eth1'), [onWire])
      assert.deepEqual(requests('network1:eth1'), [onWire])
      assert.deepEqual(requests('sg'), [routed])
      const translated = `203.0.113.101>${OUTSIDE}`
      assert.deepEqual(
        requests('qg').map(({ eth, ip: at, ttl }) => [eth!.split('>')[0], at, ttl]),
        [[mac.QG, translated, 62]],
      )
      assert.deepEqual(
        requests('network1:eth3').map(({ ip: at, vlan }) => [at, vlan]),
        [[translated, null]],
      )

      const back = `${OUTSIDE}>${i3.ip}`
      assert.deepEqual(
        replies('network1:eth3').map(({ ip: at }) => at),
        [`${OUTSIDE}>203.0.113.101`],
      )
      const returned = { eth: `${mac.TN}>${i3.mac}`, vlan: null, ip: back, ttl: 63 }
      assert.deepEqual(replies('sg'), [returned])
      assert.deepEqual(replies('network1:eth1'), [{ ...returned, vni: net1.segmentationId }])
      assert.deepEqual(replies('compute1:eth1'), [{ ...returned, vni: net1.segmentationId }])
      assert.deepEqual(replies('qr1@compute1'), [], 'the reply does not enter the router on the compute node')
      for (const name of ['qvo:i3', 'qbr:i3', 'tap:i3']) assert.deepEqual(replies(name), [returned], name)
      for (const name of ['compute1:eth3', 'compute2:eth1', 'compute2:eth3']) {
        assert.deepEqual([...requests(name), ...replies(name)], [], `${name} is not on the way`)
      }
    })
  })

  describe('case 2: floating address', () => {
    const hops = () => [
      wire('compute1', 'eth3'),
      inNs('fg', 'compute1', fipNs(ext), fgName(port.fg)),
      inNs('fpr', 'compute1', fipNs(ext), fprName(router)),
      inNs('rfp', 'compute1', qrouterNs(router), rfpName(router)),
      qr('qr1', 'compute1'),
      vif(i1, 'qvo'),
      vif(i1, 'qbr'),
      vif(i1, 'tap'),
    ]
    const never = () => [
      wire('compute1', 'eth1'),
      wire('network1', 'eth1'),
      wire('network1', 'eth3'),
      wire('compute2', 'eth1'),
    ]

    it('comes in and is answered on the compute node alone', async () => {
      const seen = await capture(lab.state, [...hops(), ...never()], WATCHED, () =>
        lab.on('outside', ['ping', '-c', '1', '-W', '2', '-I', '203.0.113.1', f1.ip]),
      )
      const at = (name: string, type: 'request' | 'reply') =>
        echoes(seen.get(name)!, type).map(({ ip, ttl }) => [ip, ttl])
      const outer = `203.0.113.1>${f1.ip}`
      assert.deepEqual(at('compute1:eth3', 'request'), [[outer, 64]])
      assert.deepEqual(at('fg', 'request'), [[outer, 64]])
      assert.equal(
        echoes(seen.get('fg')!, 'request')[0]!.eth!.split('>')[1],
        mac.FG,
        'fg answered ARP for the floating IP',
      )
      assert.deepEqual(at('fpr', 'request'), [[outer, 63]])
      assert.deepEqual(at('rfp', 'request'), [[outer, 63]])
      const inner = { eth: `${mac.TG1}>${i1.mac}`, vlan: null, ip: `203.0.113.1>${i1.ip}`, ttl: 62 }
      for (const name of ['qr1@compute1', 'qvo:i1', 'qbr:i1', 'tap:i1'])
        assert.deepEqual(echoes(seen.get(name)!, 'request'), [inner], name)
      const answer = { eth: `${i1.mac}>${mac.TG1}`, vlan: null, ip: `${i1.ip}>203.0.113.1`, ttl: 64 }
      for (const name of ['tap:i1', 'qbr:i1', 'qvo:i1', 'qr1@compute1'])
        assert.deepEqual(echoes(seen.get(name)!, 'reply'), [answer], name)
      const out = `${f1.ip}>203.0.113.1`
      assert.deepEqual(at('rfp', 'reply'), [[out, 63]])
      assert.deepEqual(at('fpr', 'reply'), [[out, 63]])
      assert.deepEqual(at('fg', 'reply'), [[out, 62]])
      assert.deepEqual(at('compute1:eth3', 'reply'), [[out, 62]])
      for (const { name } of never())
        assert.deepEqual([...at(name, 'request'), ...at(name, 'reply')], [], `${name} is not on the way`)
    })

    it('goes out under the floating address, and its answers come back, on the compute node alone', async () => {
      const seen = await capture(lab.state, [...hops(), ...never()], WATCHED, () => ping(i1, OUTSIDE))
      const at = (name: string, type: 'request' | 'reply') =>
        echoes(seen.get(name)!, type).map(({ ip, ttl }) => [ip, ttl])
      assert.deepEqual(at('tap:i1', 'request'), [[`${i1.ip}>${OUTSIDE}`, 64]])
      assert.deepEqual(at('qr1@compute1', 'request'), [[`${i1.ip}>${OUTSIDE}`, 64]])
      assert.deepEqual(at('rfp', 'request'), [[`${f1.ip}>${OUTSIDE}`, 63]])
      assert.deepEqual(at('fpr', 'request'), [[`${f1.ip}>${OUTSIDE}`, 63]])
      assert.deepEqual(at('fg', 'request'), [[`${f1.ip}>${OUTSIDE}`, 62]])
      assert.deepEqual(at('compute1:eth3', 'request'), [[`${f1.ip}>${OUTSIDE}`, 62]])
      assert.deepEqual(at('compute1:eth3', 'reply'), [[`${OUTSIDE}>${f1.ip}`, 64]])
      assert.deepEqual(at('rfp', 'reply'), [[`${OUTSIDE}>${f1.ip}`, 63]])
      assert.deepEqual(at('tap:i1', 'reply'), [[`${OUTSIDE}>${i1.ip}`, 62]])
      for (const { name } of never())
        assert.deepEqual([...at(name, 'request'), ...at(name, 'reply')], [], `${name} is not on the way`)
    })
  })

  describe('case 3: two networks on one router', () => {
    it('is routed on the sender’s node, both ways', async () => {
      await warmUp()
      const lvid = await localVlan('compute1', port.qr2)
      // what passes between bridges shows in no capture: br-tun's own counters tell
      const rewritten = () =>
        counted('compute1', 1, 'priority=1', `dl_vlan=${lvid},dl_src=${mac.TG2}`, `set_field:${mac.D1}->eth_src`)
      const sentOn = () =>
        counted(
          'compute1',
          20,
          'priority=2',
          `dl_vlan=${lvid},dl_dst=${i2.mac}`,
          'pop_vlan',
          `set_field:0x${net2.segmentationId!.toString(16)}->tun_id`,
        )
      const before = { rewritten: await rewritten(), sentOn: await sentOn() }
      const taps = [
        vif(i1, 'tap'),
        vif(i1, 'qbr'),
        vif(i1, 'qvo'),
        qr('qr1', 'compute1'),
        qr('qr2', 'compute1'),
        wire('compute1', 'eth1'),
        wire('compute2', 'eth1'),
        qr('qr1', 'compute2'),
        qr('qr2', 'compute2'),
        vif(i2, 'qvo'),
        vif(i2, 'qbr'),
        vif(i2, 'tap'),
        wire('network1', 'eth1'),
        wire('network1', 'eth3'),
        wire('compute1', 'eth3'),
        wire('compute2', 'eth3'),
      ]
      const seen = await capture(lab.state, taps, WATCHED, () => ping(i1, i2.ip))
      const requests = (name: string) => echoes(seen.get(name)!, 'request')
      const replies = (name: string) => echoes(seen.get(name)!, 'reply')
      const ip = `${i1.ip}>${i2.ip}`
      const sent = { eth: `${i1.mac}>${mac.TG1}`, vlan: null, ip, ttl: 64 }
      for (const name of ['tap:i1', 'qbr:i1', 'qvo:i1', 'qr1@compute1']) assert.deepEqual(requests(name), [sent], name)
      const routed = { eth: `${mac.TG2}>${i2.mac}`, vlan: null, ip, ttl: 63 }
      assert.deepEqual(requests('qr2@compute1'), [routed])
      await until(
        'the counters',
        async () => (await sentOn()) > before.sentOn && (await rewritten()) > before.rewritten,
      )
      const onWire = { ...routed, eth: `${mac.D1}>${i2.mac}`, vni: net2.segmentationId }
      assert.deepEqual(requests('compute1:eth1'), [onWire])
      assert.deepEqual(requests('compute2:eth1'), [onWire])
      for (const name of ['qr1@compute2', 'qr2@compute2'])
        assert.deepEqual(requests(name), [], 'the request does not enter the router on the receiving node')
      for (const name of ['qvo:i2', 'qbr:i2', 'tap:i2']) assert.deepEqual(requests(name), [routed], name)

      const back = `${i2.ip}>${i1.ip}`
      const answered = { eth: `${i2.mac}>${mac.TG2}`, vlan: null, ip: back, ttl: 64 }
      for (const name of ['tap:i2', 'qbr:i2', 'qvo:i2', 'qr2@compute2'])
        assert.deepEqual(replies(name), [answered], name)
      const returned = { eth: `${mac.TG1}>${i1.mac}`, vlan: null, ip: back, ttl: 63 }
      assert.deepEqual(replies('qr1@compute2'), [returned])
      assert.deepEqual(replies('compute2:eth1'), [
        { ...returned, eth: `${mac.D2}>${i1.mac}`, vni: net1.segmentationId },
      ])
      for (const name of ['qr1@compute1', 'qr2@compute1'])
        assert.deepEqual(replies(name), [], 'the reply is not routed twice')
      for (const name of ['qvo:i1', 'qbr:i1', 'tap:i1']) assert.deepEqual(replies(name), [returned], name)
      for (const name of ['network1:eth1', 'network1:eth3', 'compute1:eth3', 'compute2:eth3']) {
        assert.deepEqual([...requests(name), ...replies(name)], [], `${name} is not on the way`)
      }
    })

    it('asks for its gateway’s MAC on its own host only', async () => {
      const taps = [
        vif(i3, 'tap'),
        wire('compute1', 'eth1'),
        wire('compute1', 'eth2'),
        wire('network1', 'eth1'),
        wire('compute2', 'eth1'),
      ]
      const seen = await capture(lab.state, taps, WATCHED, async () => {
        await lab.in(i3.id, ['ip', 'neigh', 'flush', 'dev', 'eth0'])
        await ping(i3, '192.168.1.1')
      })
      const asked = (name: string) =>
        seen
          .get(name)!
          .map((frame) => frame.vxlan?.inner ?? frame)
          .filter((frame) => frame.arp?.op === 1 && frame.arp.tpa === '192.168.1.1')
      assert.equal(asked('tap:i3').length, 1)
      for (const name of ['compute1:eth1', 'compute1:eth2', 'network1:eth1', 'compute2:eth1'])
        assert.deepEqual(asked(name), [], name)
    })
  })

  describe('full-size traffic', () => {
    const SIZE = 100 * 1024 * 1024
    const SINK = `const h=require('crypto').createHash('sha256');require('net').createServer({allowHalfOpen:true},c=>{c.on('data',d=>h.update(d));c.on('end',()=>{c.end(h.digest('hex'));setTimeout(()=>process.exit(0),100)})}).listen(Number(process.argv[1]))`
    const SOURCE = `const crypto=require('crypto'),h=crypto.createHash('sha256');const c=require('net').connect(Number(process.argv[2]),process.argv[1]);let left=Number(process.argv[3]);const k=crypto.randomBytes(1<<16);let n=0;function more(){while(left>0){k.writeUInt32BE(n++,0);const b=Buffer.from(k.subarray(0,Math.min(left,k.length)));left-=b.length;h.update(b);if(!c.write(b))return c.once('drain',more)}c.end()}c.on('connect',more);let r='';c.on('data',d=>r+=d);c.on('end',()=>{const mine=h.digest('hex');if(r!==mine){console.error('sent '+mine+', arrived '+r);process.exit(1)}console.log('equal');process.exit(0)});c.on('error',e=>{console.error(e.message);process.exit(2)})`

    type Place = Instance | 'outside'
    const run = (place: Place, argv: string[]) =>
      place === 'outside' ? lab.on('outside', argv, { timeout: 120_000 }) : lab.in(place.id, argv, { timeout: 120_000 })

    async function transfer(from: Place, to: Place, address: string, tcpPort: number): Promise<void> {
      const sink = run(to, [process.execPath, '-e', SINK, String(tcpPort)])
      const hexPort = `:${tcpPort.toString(16).toUpperCase().padStart(4, '0')} `
      await until('the listener', () =>
        run(to, [
          process.execPath,
          '-e',
          `require('fs').readFileSync('/proc/net/tcp6','utf8').includes('${hexPort}')||process.exit(1)`,
        ]),
      )
      const { stdout } = await run(from, [process.execPath, '-e', SOURCE, address, String(tcpPort), String(SIZE)])
      assert.equal(stdout.trim(), 'equal')
      await sink
    }

    before(() => allow(lab, { protocol: 'tcp', port_range_min: 5001, port_range_max: 5009 }))

    it('arrives whole between nodes and networks', () => transfer(i1, i2, i2.ip, 5001))
    it('arrives whole through the floating IP', () => transfer('outside', i1, f1.ip, 5002))
    it('arrives whole through SNAT', () => transfer(i3, 'outside', OUTSIDE, 5003))

    it('fits the encapsulation: the MTU that DHCP gave passes, one byte more does not leave', async () => {
      const { stdout } = await lab.in(i1.id, ['cat', '/sys/class/net/eth0/mtu'])
      assert.equal(stdout.trim(), '1450')
      await lab.in(i1.id, ['ping', '-c', '1', '-W', '2', '-M', 'do', '-s', String(1450 - 28), i2.ip])
      const tooBig = await failing(
        lab.in(i1.id, ['ping', '-c', '1', '-W', '2', '-M', 'do', '-s', String(1450 - 27), i2.ip]),
      )
      assert.match(tooBig.message, /mtu|too long/i)
    })
  })

  async function localVlan(node: string, portId: string): Promise<number> {
    return Number(await lab.read(node, 'ovs-vsctl', 'get', 'port', qrName(portId), 'tag'))
  }

  /** Packets that a flow of br-tun has counted; the flow is named by its table and words of its match. */
  async function counted(node: string, table: number, ...words: string[]): Promise<number> {
    const flows = await lab.read(node, 'ovs-ofctl', '-O', 'OpenFlow14', 'dump-flows', 'br-tun', `table=${table}`)
    const found = flows.split('\n').filter((line) => words.every((word) => line.includes(word)))
    assert.equal(found.length, 1, `one flow of table ${table} has ${words.join(', ')}:\n${flows}`)
    return Number(found[0]!.match(/n_packets=(\d+)/)![1])
  }
})
