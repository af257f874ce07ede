/** The L3 agent on a real Open vSwitch: namespaces as specified, packets through them, drift, restarts, removal. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ApplyReason } from '../../src/agents/common/agent.js'
import { L3Agent } from '../../src/agents/l3/agent.js'
import { computeView, IDS, routerWithFloatingIp, scenarioRouter } from '../../src/agents/l3/scenario-view.fake.js'
import { createLogger } from '../../src/base/log.js'
import type { RouterView } from '../../src/bus/contracts/host-view.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { LocalHost } from '../../src/dataplane/command/host.js'
import { addGuest, inSandbox, run, type SandboxNode, startNode, until, wire } from '../lib/agent-sandbox.js'

const QROUTER = `qrouter-${IDS.router}`
const SNAT = `snat-${IDS.router}`
const FIP = `fip-${IDS.extNet}`
const [QR, SG, QG, FG] = ['qr-b1a894fd-ae', 'sg-0b5d3c27-61', 'qg-ff5f93c6-37', 'fg-1f6c2f6a-9a'] as const
const RFP = 'rfp-635660ae-a'

inSandbox('l3-agent', fileURLToPath(import.meta.url), () => {
  let node: SandboxNode
  let agent: L3Agent
  const agents: L3Agent[] = []
  let kicked: ApplyReason | null = null
  const state = () => `${node.directory}/state`
  const everything = () => computeView(routerWithFloatingIp({ central: true }))

  async function newAgent(): Promise<L3Agent> {
    const made = new L3Agent({
      host: new LocalHost({ name: 'node', paths: { state: state() } }),
      log: createLogger('l3-test'),
      mode: 'dvr_snat',
      metadataProxy: true,
      metadataPort: 9697,
      minAdvertisementInterval: 30,
      maxAdvertisementInterval: 100,
      vrrp: { advertInterval: 1, authentication: null },
      availabilityZone: 'nova',
      integrationBridge: 'br-int',
    })
    await made.start((reason) => {
      kicked = reason
    })
    agents.push(made)
    return made
  }

  const proxyPid = () => {
    const file = `${state()}/external/pids/${IDS.router}.pid.haproxy`
    const pid = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
    return pid !== '' && existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '' ? pid : null
  }
  const proxyRuns = () => until('the metadata proxy runs', () => proxyPid() !== null)

  /** Brings about `view`; then neither a second apply, an audit nor a fresh agent may find anything to do. */
  async function settle(view: HostView): Promise<void> {
    const outcome = await agent.apply(view, 'change')
    assert.deepEqual(outcome.errors, [])
    if (view.all('router').length > 0) await proxyRuns()
    assert.equal((await agent.apply(view, 'change')).writes, 0)
    assert.equal((await agent.apply(view, 'audit')).writes, 0)
    const fresh = await newAgent()
    assert.deepEqual(await fresh.apply(view, 'resync').then(({ writes, errors }) => ({ writes, errors })), {
      writes: 0,
      errors: [],
    })
  }

  before(async () => {
    node = await startNode()
    agent = await newAgent()
  })
  after(async () => {
    for (const each of agents) await each.stop()
    node?.close()
  })

  test('a distributed router with a floating IP has its three namespaces', async () => {
    await settle(everything())
    assert.deepEqual(readdirSync('/run/netns').sort(), [FIP, QROUTER, SNAT])
    assert.match(
      await run('ip', '-n', QROUTER, 'rule'),
      /32768:\tfrom 192.168.1.3 lookup 16\n3232235777:\tfrom 192.168.1.1\/24 lookup 3232235777/,
    )
    assert.match(
      await run('ip', '-n', QROUTER, 'route', 'show', 'table', '16'),
      /^default via 169.254.64.1 dev rfp-635660ae-a proto static/,
    )
    assert.match(
      await run('ip', '-n', QROUTER, 'route', 'show', 'table', '3232235777'),
      /^default via 192.168.1.2 dev qr-b1a894fd-ae proto static/,
    )
    assert.match(await run('ip', '-n', FIP, 'route'), /203.0.113.102 via 169.254.64.0 dev fpr-635660ae-a proto static/)
    assert.match(await run('ip', '-n', SNAT, 'route'), /^default via 203.0.113.1 dev qg-ff5f93c6-37 proto static/)
    assert.equal(await run('ovs-vsctl', 'get', 'port', QR, 'tag'), '4095\n')
  })

  test('packets take the ways of the guide', async () => {
    for (const [port, tag] of [
      [QR, 1],
      [SG, 1],
      [QG, 2],
      [FG, 2],
    ] as const)
      await wire(port, tag)
    await addGuest(
      'vm',
      1,
      'fa:16:3e:00:00:03',
      ['addr', 'add', '192.168.1.3/24', 'dev', 'g-vm'],
      ['route', 'add', 'default', 'via', '192.168.1.1'],
    )
    await addGuest('world', 2, 'fa:16:3e:00:ee:01', ['addr', 'add', '203.0.113.1/24', 'dev', 'g-world'])
    const ping = (from: string, to: string) =>
      run('nsenter', `--net=/run/netns/${from}`, 'ping', '-c', '2', '-i', '0.2', '-W', '2', to)
    assert.match(await ping('vm', '192.168.1.1'), / 0% packet loss/)
    assert.match(await ping('world', '203.0.113.102'), /ttl=62[\s\S]* 0% packet loss/)
    assert.match(await ping('vm', '203.0.113.1'), / 0% packet loss/)
    const seen = await run('nsenter', `--net=/run/netns/${QROUTER}`, 'conntrack', '-L', '-p', 'icmp')
    assert.match(seen, /src=192.168.1.3 dst=203.0.113.1 .*src=203.0.113.1 dst=203.0.113.102/)
    await agent.apply(computeView(scenarioRouter({ central: true })), 'change')
    assert.match(await ping('vm', '203.0.113.1'), / 0% packet loss/)
    const central = await run('nsenter', `--net=/run/netns/${SNAT}`, 'conntrack', '-L', '-p', 'icmp')
    assert.match(central, /src=192.168.1.3 dst=203.0.113.1 .*src=203.0.113.1 dst=203.0.113.101/)
    await assert.rejects(ping('world', '203.0.113.102'))
    assert.deepEqual(
      readdirSync('/run/netns').filter((name) => name.startsWith('fip-')),
      [],
    )
    await agent.apply(everything(), 'change')
    await wire(FG, 2)
    // the world may still be asking who it was that did not answer, and drop what waits for that; announced it was before it was wired
    await run('ip', '-n', 'world', 'neigh', 'flush', 'dev', 'g-world')
    assert.match(await ping('world', '203.0.113.102'), / 0% packet loss/)
  })

  /** Lets `vm` greet whoever connects to one of the ports. */
  async function greeters(...ports: readonly number[]) {
    const program = `for (const port of [${ports}]) require('net').createServer((s) => s.end('port ' + port)).listen(port)
      .on('listening', () => console.log(port))`
    const server = spawn('nsenter', ['--net=/run/netns/vm', process.execPath, '-e', program])
    let ready = ''
    server.stdout.on('data', (data) => {
      ready += data
    })
    await until('the ports are open', () => ready.trim().split('\n').length === ports.length)
    return server
  }

  const greeting = (from: string, ip: string, port: number) =>
    run(
      'nsenter',
      `--net=/run/netns/${from}`,
      process.execPath,
      '-e',
      `const s = require('net').connect({ host: '${ip}', port: ${port}, timeout: 2000 }).on('timeout', () => s.destroy(new Error('timeout')))
       s.pipe(process.stdout)`,
    )

  test('ports of a floating IP lead through the snat namespace, each to its own', async () => {
    const common = {
      floatingIpId: 'f',
      floatingIp: '203.0.113.105',
      protocol: 'tcp',
      internalIp: '192.168.1.3',
    } as const
    const one = {
      ...common,
      id: 'aaaaaaaa-1',
      externalFirst: 2222,
      externalLast: 2222,
      internalFirst: 22,
      internalLast: 22,
    }
    const many = {
      ...common,
      id: 'bbbbbbbb-2',
      externalFirst: 1000,
      externalLast: 1009,
      internalFirst: 2000,
      internalLast: 2009,
    }
    const view = computeView(scenarioRouter({ central: true, portForwardings: [one, many] }))
    await settle(view)
    assert.deepEqual((await agent.apply(view, 'change')).activeFloatingIps, ['f'])
    const server = await greeters(22, 2005)
    try {
      assert.equal(await greeting('world', '203.0.113.105', 2222), 'port 22')
      assert.equal(await greeting('world', '203.0.113.105', 1005), 'port 2005')
      // an instance that uses the floating IP of its own network comes back to it as the router
      assert.equal(await greeting('vm', '203.0.113.105', 2222), 'port 22')
      await assert.rejects(greeting('world', '203.0.113.105', 1006))
      await agent.apply(computeView(scenarioRouter({ central: true, portForwardings: [many] })), 'change')
      await assert.rejects(greeting('world', '203.0.113.105', 2222))
      assert.equal(await greeting('world', '203.0.113.105', 1005), 'port 2005')
    } finally {
      server.kill()
    }
    await agent.apply(everything(), 'change')
    await wire(FG, 2)
  })

  const drifts: Record<string, () => Promise<unknown>> = {
    'a deleted route': () => run('ip', '-n', QROUTER, 'route', 'del', 'default', 'table', '16'),
    'a deleted rule': () => run('ip', '-n', QROUTER, 'rule', 'del', 'priority', '3232235777'),
    'a deleted neighbour': () => run('ip', '-n', QROUTER, 'neigh', 'del', '192.168.1.3', 'dev', QR),
    'a wrong neighbour': () =>
      run(
        'ip',
        '-n',
        QROUTER,
        'neigh',
        'replace',
        '192.168.1.3',
        'lladdr',
        '02:00:00:00:00:01',
        'nud',
        'permanent',
        'dev',
        QR,
      ),
    'a deleted address': () => run('ip', '-n', SNAT, 'addr', 'del', '203.0.113.101/24', 'dev', QG),
    'a link set down': () => run('ip', '-n', FIP, 'link', 'set', FG, 'down'),
    'a flipped setting': () =>
      run('nsenter', `--net=/run/netns/${FIP}`, 'sysctl', '-qw', `net.ipv4.conf.${FG}.proxy_arp=0`),
    'a deleted iptables rule': () =>
      run('nsenter', `--net=/run/netns/${QROUTER}`, 'iptables', '-t', 'nat', '-F', 'neutron-l3-agent-float-snat'),
    'a killed metadata proxy': () => run('kill', '-9', proxyPid()!),
    'a deleted veth': () => run('ip', '-n', QROUTER, 'link', 'del', RFP),
    'a deleted port': () => run('ovs-vsctl', 'del-port', QR),
    'a deleted device': () => run('ip', '-n', SNAT, 'link', 'del', SG),
    'a deleted fip namespace': () => run('ip', 'netns', 'del', FIP),
    'a deleted qrouter namespace': () => run('ip', 'netns', 'del', QROUTER),
  }
  for (const [name, damage] of Object.entries(drifts)) {
    test(`an audit heals ${name}`, async () => {
      await damage()
      const healed = await agent.apply(everything(), 'audit')
      assert.deepEqual(healed.errors, [])
      assert.ok(healed.writes > 0)
      await proxyRuns()
      assert.equal((await agent.apply(everything(), 'audit')).writes, 0)
    })
  }

  test("strangers' rules, routes and devices stay", async () => {
    const within = (...argv: string[]) => run('nsenter', `--net=/run/netns/${QROUTER}`, ...argv)
    await within('iptables', '-A', 'FORWARD', '-p', 'gre', '-j', 'DROP')
    await within('ip', 'link', 'add', 'stranger0', 'type', 'veth', 'peer', 'stranger1')
    await within('ip', 'rule', 'add', 'from', '10.9.9.9', 'lookup', '99', 'priority', '500')
    assert.equal((await agent.apply(everything(), 'audit')).writes, 0)
    assert.match(await within('iptables-save', '-t', 'filter'), /-A FORWARD -p gre -j DROP/)
    assert.match(await within('ip', 'rule'), /500:\tfrom 10.9.9.9 lookup 99/)
    await within('ip', 'link', 'del', 'stranger0')
    await within('ip', 'rule', 'del', 'priority', '500')
  })

  test('one router that cannot be made does not stop another', async () => {
    const other = 'aaaaaaaa-0000-4000-8000-000000000001'
    const broken: RouterView = {
      ...scenarioRouter(),
      id: other,
      // a MAC that no kernel takes
      interfaces: [
        {
          ...scenarioRouter().interfaces[0]!,
          portId: 'bbbbbbbb-0000-4000-8000-000000000002',
          mac: 'ff:ff:ff:ff:ff:ff',
        },
      ],
    }
    const outcome = await agent.apply(HostView.of([...everything().objects(), broken]), 'change')
    assert.deepEqual(
      outcome.errors.map(({ kind, id }) => [kind, id]),
      [['router', other]],
    )
    assert.deepEqual(outcome.activeFloatingIps, [IDS.floatingIp])
  })

  test('a conntrack helper that the kernel lacks is told, and keeps nothing else from being written', async () => {
    const conntrackHelpers = [
      { id: '11111111-0000-4000-8000-000000000001', protocol: 'tcp', port: 21, helper: 'ftp' },
      { id: '22222222-0000-4000-8000-000000000002', protocol: 'tcp', port: 70, helper: 'gopher' },
    ]
    const view = computeView(routerWithFloatingIp({ central: true, conntrackHelpers }))
    const { errors } = await agent.apply(view, 'change')
    assert.deepEqual(errors, [
      { kind: 'router', id: IDS.router, message: 'the kernel has no conntrack helper gopher for tcp' },
    ])
    for (const namespace of [QROUTER, SNAT]) {
      const raw = await run('ip', 'netns', 'exec', namespace, 'iptables-save', '-t', 'raw')
      assert.match(raw, /-A neutron-l3-agent-cth-1111111 -p tcp -m tcp --dport 21 -j CT --helper ftp/)
      assert.doesNotMatch(raw, /gopher|2222222/)
    }
    assert.equal((await agent.apply(view, 'audit')).writes, 0)
    await settle(everything())
    assert.doesNotMatch(await run('ip', 'netns', 'exec', SNAT, 'iptables-save', '-t', 'raw'), /cth/)
  })

  test('limits of single addresses stand in both directions, are healed and go', async () => {
    const rate = { kbps: 1500, burstKb: 1200 }
    const limits = [
      { address: '203.0.113.101', egress: rate, ingress: null },
      { address: '203.0.113.102', egress: rate, ingress: { ...rate, kbps: 3000 } },
    ]
    const limited = (some = limits) => computeView(routerWithFloatingIp({ central: true, limits: some }))
    await settle(limited())
    const tc = (netns: string, ...argv: string[]) => run('tc', '-n', netns, ...argv)
    const IFB = 'ifb-635660ae-a'
    assert.match(await tc(QROUTER, 'class', 'show', 'dev', RFP), /htb 7e0c:1 .* rate 1500Kbit/)
    // 203.0.113.102: as source of what goes out, as destination of what comes in
    assert.match(await tc(QROUTER, 'filter', 'show', 'dev', RFP), /flowid 7e0c:1.*\n +match cb007166\/ffffffff at 12/)
    assert.match(await tc(QROUTER, 'filter', 'show', 'dev', IFB), /flowid 7e0d:1.*\n +match cb007166\/ffffffff at 16/)
    assert.match(await tc(SNAT, 'filter', 'show', 'dev', QG), /match cb007165\/ffffffff at 12/)
    assert.doesNotMatch(await tc(SNAT, 'qdisc', 'show', 'dev', QG), /ingress/)

    await tc(QROUTER, 'class', 'change', 'dev', RFP, 'classid', '7e0c:1', 'htb', 'rate', '9mbit')
    await tc(QROUTER, 'qdisc', 'del', 'dev', RFP, 'ingress')
    await run('ip', '-n', SNAT, 'link', 'del', 'ifb-ff5f93c6-3')
    const healed = await agent.apply(limited(), 'audit')
    assert.ok(healed.writes > 0)
    assert.deepEqual(healed.errors, [])
    await settle(limited())
    assert.match(await tc(QROUTER, 'class', 'show', 'dev', RFP), /rate 1500Kbit/)

    await settle(limited(limits.slice(0, 1)))
    assert.doesNotMatch(await run('ip', '-n', QROUTER, 'link'), /ifb/)
    assert.doesNotMatch(await tc(QROUTER, 'qdisc', 'show'), /htb|ingress/)
    assert.match(await tc(SNAT, 'class', 'show', 'dev', QG), /7e0c:1/)
    await settle(everything())
    assert.doesNotMatch(await tc(SNAT, 'qdisc', 'show'), /htb/)
  })

  test('a legacy router is whole in its qrouter', async () => {
    const legacy = scenarioRouter({
      distributed: false,
      central: true,
      snatPorts: [],
      floatingIps: routerWithFloatingIp().floatingIps,
    })
    await settle(computeView(legacy))
    assert.deepEqual(
      readdirSync('/run/netns').filter((name) => /^(fip|snat|qrouter)-/.test(name)),
      [QROUTER],
    )
    assert.match(await run('ip', '-n', QROUTER, '-br', 'addr', 'show', QG), /203.0.113.101\/24 203.0.113.102\/32/)
    for (const [port, tag] of [
      [QR, 1],
      [QG, 2],
    ] as const)
      await wire(port, tag)
    await until('the floating IP answers', async () =>
      run('nsenter', '--net=/run/netns/world', 'ping', '-c', '1', '-W', '1', '203.0.113.102').then(
        () => true,
        () => false,
      ),
    )
  })

  test('router advertisements begin, change without interruption, are healed and end', async () => {
    const address = (prefix: string) => ({
      subnetId: prefix,
      ip: `${prefix}1`,
      prefixLength: 64,
      cidr: `${prefix}/64`,
      ipVersion: 6 as const,
      gatewayIp: `${prefix}1`,
      ipv6RaMode: 'slaac',
    })
    const advertising = (...prefixes: string[]) => {
      const router = scenarioRouter({ central: true })
      const [inner] = router.interfaces
      const addresses = [...inner!.addresses, ...prefixes.map(address)]
      return computeView({ ...router, interfaces: [{ ...inner!, addresses }] })
    }
    const pidFile = `${state()}/external/pids/${IDS.router}.pid.radvd`
    const pid = () => (existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : null)
    await settle(advertising('fd00:a::'))
    const first = pid()
    assert.ok(first)
    assert.match(readFileSync(`/proc/${first}/cmdline`, 'utf8'), /^radvd\0/)
    await settle(advertising('fd00:a::', 'fd00:b::'))
    assert.equal(pid(), first, 'a change is told, not made by a restart')
    const config = `${state()}/ra/${IDS.router}.radvd.conf`
    assert.match(
      readFileSync(config, 'utf8'),
      /interface qr-b1a894fd-ae[\s\S]*prefix fd00:a::\/64[\s\S]*prefix fd00:b::\/64/,
    )
    process.kill(Number(first), 'SIGKILL')
    const runs = (id: string) => existsSync(`/proc/${id}`) && readFileSync(`/proc/${id}/cmdline`, 'utf8') !== ''
    await until('radvd has ended', () => !runs(first))
    assert.equal((await agent.apply(advertising('fd00:a::', 'fd00:b::'), 'audit')).writes, 1)
    assert.notEqual(pid(), first)
    await settle(computeView(scenarioRouter({ central: true })))
    assert.deepEqual([existsSync(config), pid()], [false, null])
  })

  test('a restart of vswitchd is overcome', async () => {
    await agent.apply(everything(), 'change')
    kicked = null
    await node.stopVswitchd()
    await node.startVswitchd()
    await until('the agent notices', () => kicked !== null)
    assert.deepEqual((await agent.apply(everything(), 'resync')).errors, [])
    assert.match(await run('ip', '-n', QROUTER, '-br', 'addr', 'show', QR), /192.168.1.1\/24/)
    assert.equal((await agent.apply(everything(), 'audit')).writes, 0)
  })

  test('removal leaves nothing behind', async () => {
    const outcome = await agent.apply(HostView.of([]), 'change')
    assert.deepEqual(outcome.errors, [])
    assert.deepEqual(readdirSync('/run/netns').sort(), ['vm', 'world'])
    assert.deepEqual((await run('ovs-vsctl', 'list-ports', 'br-int')).trim().split('\n').sort(), ['g-vm', 'g-world'])
    assert.deepEqual(readdirSync(`${state()}/ns-metadata-proxy`), [])
    assert.deepEqual(readdirSync(`${state()}/external/pids`), [])
    assert.equal(readFileSync(`${state()}/fip-priorities`, 'utf8'), '')
    assert.equal((await agent.apply(HostView.of([]), 'resync')).writes, 0)
  })
})
