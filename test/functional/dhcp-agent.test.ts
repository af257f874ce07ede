/** The DHCP agent on a real Open vSwitch with a real dnsmasq and a real client; metadata through the proxy to the agent. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DhcpAgent } from '../../src/agents/dhcp/agent.js'
import { DEMO, demoNetwork, demoSubnet, demoView, dhcpPort, instance } from '../../src/agents/dhcp/demo-view.fake.js'
import { MetadataAgent } from '../../src/agents/metadata/agent.js'
import { createLogger } from '../../src/base/log.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { LocalHost, runCommand } from '../../src/dataplane/command/host.js'
import { addGuest, inSandbox, run, type SandboxNode, startNode, until, wire } from '../lib/agent-sandbox.js'

const NS = `qdhcp-${DEMO.network}`

/** The port of the network's DHCP server on another host. */
const otherServer = () =>
  instance({
    id: 'aaaaaaaa-0000-4000-8000-000000000002',
    deviceOwner: 'network:dhcp',
    mac: 'fa:16:3e:00:00:02',
    fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.2' }],
  })

inSandbox('dhcp-agent', fileURLToPath(import.meta.url), () => {
  let node: SandboxNode
  let agent: DhcpAgent
  const agents: DhcpAgent[] = []
  const state = () => `${node.directory}/state`
  const file = (name: string) => `${state()}/dhcp/${DEMO.network}/${name}`
  const pid = () => readFileSync(file('pid'), 'utf8').trim()
  const log = createLogger('dhcp-test')

  async function newAgent(enableIsolatedMetadata = false): Promise<DhcpAgent> {
    const made = new DhcpAgent({
      host: new LocalHost({ name: 'node', paths: { state: state() } }),
      log,
      domain: 'openstacklocal',
      dnsServers: [],
      configFile: '',
      leaseDuration: 86400,
      leaseMax: 16_777_216,
      enableIsolatedMetadata,
      forceMetadata: false,
      availabilityZone: 'nova',
      integrationBridge: 'br-int',
    })
    await made.start(() => {})
    agents.push(made)
    return made
  }

  /** What a client in `netns` is offered, as environment of its script; null when nobody answers. */
  async function lease(netns: string): Promise<Record<string, string> | null> {
    const script = `${node.directory}/client`
    writeFileSync(script, '#!/bin/sh\n[ "$1" = bound ] && env > "$OUT"\nexit 0\n', { mode: 0o755 })
    const out = `${node.directory}/lease-${netns}`
    const argv = [
      'nsenter',
      `--net=/run/netns/${netns}`,
      'env',
      `OUT=${out}`,
      'udhcpc',
      '-i',
      `g-${netns}`,
      '-s',
      script,
      '-n',
      '-q',
      '-t',
      '4',
      '-T',
      '1',
      '-O',
      '121',
      '-O',
      'tftp',
    ]
    const { code } = await runCommand(argv, { okCodes: [0, 1] })
    if (code !== 0) return null
    return Object.fromEntries(
      readFileSync(out, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
    )
  }

  before(async () => {
    node = await startNode()
    agent = await newAgent()
  })
  after(async () => {
    for (const each of agents) await each.stop()
    node?.close()
  })

  test('a network is served; twice is once, also for a fresh agent', async () => {
    const outcome = await agent.apply(demoView(), 'resync')
    assert.deepEqual(outcome.errors, [])
    assert.deepEqual(outcome.readyPorts, [DEMO.instance])
    assert.equal((await agent.apply(demoView(), 'change')).writes, 0)
    assert.equal((await agent.apply(demoView(), 'audit')).writes, 0)
    assert.equal((await (await newAgent()).apply(demoView(), 'resync')).writes, 0)
    assert.match(await run('ip', '-n', NS, 'route'), /^default via 192.168.1.1 dev tap8c979f59-70 proto static/)
  })

  test('an instance gets its lease', async () => {
    await wire(DEMO.tap, 1)
    await addGuest('vm', 1, 'fa:16:3e:00:00:03', ['link', 'set', 'lo', 'up'])
    const bound = await lease('vm')
    assert.equal(bound?.ip, '192.168.1.3')
    assert.equal(bound?.router, '192.168.1.1')
    assert.equal(bound?.mtu, '1450')
    assert.equal(bound?.lease, '86400')
    assert.equal(bound?.domain, 'openstacklocal')
    assert.match(bound?.staticroutes ?? '', /169.254.169.254\/32 192.168.1.1 0.0.0.0\/0 192.168.1.1/)
  })

  test('a further port is served without a restart, at once', async () => {
    const before = pid()
    const second = instance({
      id: 'aaaaaaaa-0000-4000-8000-000000000005',
      mac: 'fa:16:3e:00:00:05',
      fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.5' }],
    })
    const outcome = await agent.apply(demoView(second), 'change')
    assert.deepEqual(outcome.readyPorts, [DEMO.instance, second.id])
    await addGuest('vm2', 1, 'fa:16:3e:00:00:05')
    assert.equal((await lease('vm2'))?.ip, '192.168.1.5')
    assert.equal(pid(), before)
  })

  test('an address goes to its new owner although the old one has a lease', async () => {
    const heir = instance({
      id: 'aaaaaaaa-0000-4000-8000-000000000006',
      mac: 'fa:16:3e:00:00:06',
      fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.5' }],
    })
    const before = pid()
    await agent.apply(demoView(heir), 'change')
    await addGuest('vm3', 1, 'fa:16:3e:00:00:06')
    assert.equal((await lease('vm3'))?.ip, '192.168.1.5')
    assert.equal((await lease('vm'))?.ip, '192.168.1.3')
    assert.equal(await lease('vm2'), null)
    assert.equal(pid(), before, 'without a restart')
  })

  test('of two servers each knows the leases that the other gives', async () => {
    const before = pid()
    const other = otherServer()
    const client = instance({
      id: 'aaaaaaaa-0000-4000-8000-000000000007',
      mac: 'fa:16:3e:00:00:07',
      fixedIps: [{ subnetId: DEMO.subnet, ip: '192.168.1.7' }],
    })
    await agent.apply(demoView(other, client), 'change')
    const leases = () => readFileSync(file('leases'), 'utf8')
    assert.match(leases(), /^\d+ fa:16:3e:00:00:07 192\.168\.1\.7 /m)
    assert.equal((await agent.apply(demoView(other, client), 'audit')).writes, 0)
    await agent.apply(demoView(other), 'change')
    assert.doesNotMatch(leases(), /192\.168\.1\.7 /, 'the lease of a deleted port is given back')
    assert.equal(pid(), before)
  })

  test('a client with two addresses has a lease of one of them, and is left alone with it', async () => {
    const other = otherServer()
    const client = instance({
      id: 'aaaaaaaa-0000-4000-8000-000000000008',
      mac: 'fa:16:3e:00:00:08',
      fixedIps: ['192.168.1.8', '192.168.1.9'].map((ip) => ({ subnetId: DEMO.subnet, ip })),
    })
    await agent.apply(demoView(other, client), 'change')
    const leases = () => readFileSync(file('leases'), 'utf8').match(/fa:16:3e:00:00:08 \S+/g)
    const given = leases()
    assert.equal(given?.length, 1, String(given))
    assert.equal((await agent.apply(demoView(other, client), 'audit')).writes, 0)
    assert.deepEqual(leases(), given)
  })

  test('hosts with options of their own survive changes', async () => {
    const own = instance()
    for (const value of ['192.168.1.8', '192.168.1.7', '192.168.1.6']) {
      const options = [{ name: 'tftp-server', value, ipVersion: 4 as const }]
      await agent.apply(HostView.of([demoNetwork(), dhcpPort(), { ...own, extraDhcpOpts: options }]), 'change')
      assert.equal((await lease('vm'))?.tftp, value)
    }
  })

  test('drift is healed', async () => {
    const view = demoView()
    await agent.apply(view, 'change')
    process.kill(Number(pid()), 'SIGKILL')
    await until(
      'dnsmasq is gone',
      async () =>
        !/^State:\s+[^ZX]/m.test(
          existsSync(`/proc/${pid()}/status`) ? readFileSync(`/proc/${pid()}/status`, 'utf8') : '',
        ),
    )
    assert.ok((await agent.apply(view, 'audit')).writes > 0)
    writeFileSync(file('host'), '')
    assert.ok((await agent.apply(view, 'audit')).writes > 0)
    await run('ip', 'netns', 'del', NS)
    assert.ok((await agent.apply(view, 'audit')).writes > 0)
    assert.equal((await agent.apply(view, 'audit')).writes, 0)
    await wire(DEMO.tap, 1)
    assert.equal((await lease('vm'))?.ip, '192.168.1.3')
  })

  test('metadata of an isolated subnet', async (t) => {
    const seen: Record<string, unknown>[] = []
    const nova: Server = createServer((request, response) => {
      seen.push({ url: request.url, ...request.headers })
      response.writeHead(200, { 'Content-Type': 'text/plain' }).end('ami-id')
    })
    await new Promise<void>((resolve) => nova.listen(0, '127.0.0.1', resolve))
    const { port } = nova.address() as AddressInfo
    const metadata = new MetadataAgent({
      socket: `${state()}/metadata_proxy`,
      nova: { protocol: 'http', host: '127.0.0.1', port, insecure: false },
      secret: 'SECRET',
      log,
    })
    t.after(async () => {
      await metadata.stop()
      nova.close()
      nova.closeAllConnections()
    })
    await metadata.start()
    const isolating = await newAgent(true)
    const network = demoNetwork({ subnets: [demoSubnet({ routed: false, gatewayIp: null })] })
    const view = HostView.of([network, dhcpPort(), instance()])
    await isolating.apply(view, 'resync')
    await metadata.apply(view)
    const bound = await lease('vm')
    assert.match(bound?.staticroutes ?? '', /169.254.169.254\/32 192.168.1.4/)
    await run('ip', '-n', 'vm', 'addr', 'add', '192.168.1.3/24', 'dev', 'g-vm')
    await run('ip', '-n', 'vm', 'route', 'add', '169.254.169.254/32', 'via', '192.168.1.4')
    const script = `fetch('http://169.254.169.254/latest/meta-data/', {
      headers: { 'X-Instance-ID': 'forged', 'X-Forwarded-For': '192.168.1.99' },
    }).then(async (answer) => process.stdout.write(await answer.text()))`
    const fetch = () => run('nsenter', '--net=/run/netns/vm', process.execPath, '-e', script)
    await until('the proxy answers', () =>
      fetch().then(
        () => true,
        () => false,
      ),
    )
    assert.equal(await fetch(), 'ami-id')
    const last = seen.at(-1)!
    assert.equal(last.url, '/latest/meta-data/')
    assert.equal(last['x-instance-id'], '05682b91-81a1-464c-8f40-8b3da7ee92c5')
    assert.equal(last['x-forwarded-for'], '192.168.1.3')
    assert.equal(last['x-tenant-id'], 'demo')
    await isolating.apply(demoView(), 'resync')
    assert.deepEqual(readdirSync(`${state()}/ns-metadata-proxy`), [])
  })

  test('removal leaves nothing behind', async () => {
    const last = pid()
    const outcome = await agent.apply(HostView.of([]), 'change')
    assert.deepEqual(outcome.errors, [])
    assert.deepEqual(
      readdirSync('/run/netns').filter((name) => name.startsWith('qdhcp-')),
      [],
    )
    assert.deepEqual(readdirSync(`${state()}/dhcp`), [])
    assert.ok(!(await run('ovs-vsctl', 'list-ports', 'br-int')).includes('tap'))
    assert.doesNotMatch(
      existsSync(`/proc/${last}/status`) ? readFileSync(`/proc/${last}/status`, 'utf8') : '',
      /^State:\s+[^ZX]/m,
    )
    assert.equal((await agent.apply(HostView.of([]), 'resync')).writes, 0)
  })
})
