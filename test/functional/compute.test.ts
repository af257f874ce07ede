/**
 * nova-compute against a real Open vSwitch and a real dnsmasq, in namespaces of its own: plug, DHCP, restart, stop, removal.
 * The outer half starts the inner half inside a sandbox.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createLogger } from '../../src/base/log.js'
import { ComputeAgent } from '../../src/compute/agent/agent.js'
import type {
  ComputeMessage,
  DesiredInstance,
  DesiredInterface,
  InstanceReport,
} from '../../src/compute/bus/messages.js'
import { LocalHost, runCommand } from '../../src/dataplane/command/host.js'
import { connectVswitch } from '../../src/dataplane/ovsdb/connect.js'
import type { Vswitch } from '../../src/dataplane/ovsdb/types.js'

const SELF = fileURLToPath(import.meta.url)
const INSIDE = process.env.EASTWEST_SANDBOX === 'compute'
const canRun = process.getuid?.() === 0 && spawnSync('ovs-vswitchd', ['--version']).status === 0

if (!INSIDE) test('nova-compute in a sandbox', { skip: canRun ? false : 'needs root and Open vSwitch' }, outer)
else inner()

async function outer(): Promise<void> {
  const argv = [
    '--fork',
    '--pid',
    '--mount-proc',
    '--net',
    '--mount',
    '--uts',
    '--ipc',
    '--kill-child',
    process.execPath,
    '--import',
    'tsx',
    '--test',
    SELF,
  ]
  const env = {
    ...process.env,
    EASTWEST_SANDBOX: 'compute',
    NODE_TEST_CONTEXT: undefined,
    EASTWEST_LOG: process.env.EASTWEST_LOG ?? 'error',
  }
  const child = spawn('unshare', argv, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk
    })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (process.env.SHOW) console.log(output)
  assert.equal(code, 0, output)
}

function inner(): void {
  const directory = mkdtempSync(join(tmpdir(), 'compute-test-'))
  const instancesPath = join(directory, 'instances')
  const log = createLogger('test')
  const id = '11111111-2222-4333-8444-555555555555'
  const portId = 'abcdef01-2345-4789-8abc-def012345678'
  const mac = 'fa:16:3e:01:02:03'
  const reports: InstanceReport[] = []
  let vswitch: Vswitch
  let agent: ComputeAgent
  let dnsmasq: ChildProcess

  const port = (extra: Partial<DesiredInterface> = {}): DesiredInterface => ({
    portId,
    mac,
    mtu: 1450,
    hybrid: true,
    bridge: 'br-int',
    dhcp: true,
    dhcp6: null,
    confirmed: false,
    ...extra,
  })
  const wanted = (extra: Partial<DesiredInstance> = {}): DesiredInstance => ({
    id,
    hostname: 'vm1',
    power: 'running',
    generation: 0,
    interfaces: [port()],
    ...extra,
  })
  const send = (message: ComputeMessage) => {
    if (message.type === 'state') reports.push(message.instance)
  }
  const newAgent = () =>
    new ComputeAgent({
      host: new LocalHost({ name: 'node' }),
      vswitch,
      instancesPath,
      domain: 'novalocal',
      hostIp: '',
      send,
      log,
    })
  const run = (...argv: string[]) => runCommand(argv).then((result) => result.stdout)
  const pidOf = () => readFileSync(join(instancesPath, id, 'pid'), 'utf8').trim()
  const inside = (...argv: string[]) => run('nsenter', '-t', pidOf(), '-a', ...argv)
  const until = async (what: string, holds: (report: InstanceReport) => boolean) => {
    for (let i = 0; i < 2000; i++) {
      const found = reports.find(holds)
      if (found) return found
      await delay(5)
    }
    throw new Error(`not seen: ${what}; reports: ${JSON.stringify(reports)}`)
  }

  before(async () => {
    await run('mount', '--make-rprivate', '/')
    await run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
    for (const path of ['/run/netns', '/run/openvswitch', instancesPath]) mkdirSync(path, { recursive: true })
    await run('ip', 'link', 'set', 'lo', 'up')
    await run('ovsdb-tool', 'create', `${directory}/conf.db`, '/usr/share/openvswitch/vswitch.ovsschema')
    const daemon = ['--detach', '--no-chdir', '-vconsole:off']
    await run(
      'ovsdb-server',
      `${directory}/conf.db`,
      '--remote=punix:/run/openvswitch/db.sock',
      '--pidfile=/run/openvswitch/ovsdb-server.pid',
      `--log-file=${directory}/o.log`,
      ...daemon,
    )
    await run(
      'ovs-vswitchd',
      'unix:/run/openvswitch/db.sock',
      '--pidfile=/run/openvswitch/ovs-vswitchd.pid',
      `--log-file=${directory}/v.log`,
      ...daemon,
    )
    await run('ovs-vsctl', '--no-wait', 'init')
    await run(
      'ovs-vsctl',
      'add-br',
      'br-int',
      '--',
      'set',
      'bridge',
      'br-int',
      'datapath_type=netdev',
      '--',
      'add-port',
      'br-int',
      'tapdhcp',
      'tag=1',
      '--',
      'set',
      'interface',
      'tapdhcp',
      'type=internal',
    )
    await run('ip', 'netns', 'add', 'dhcp')
    await run('ip', 'link', 'set', 'tapdhcp', 'netns', 'dhcp')
    await run('ip', '-n', 'dhcp', 'addr', 'add', '192.168.1.2/24', 'dev', 'tapdhcp')
    await run('ip', '-n', 'dhcp', 'link', 'set', 'tapdhcp', 'up')
    writeFileSync(`${directory}/hosts`, `${mac},vm1,192.168.1.7\n`)
    dnsmasq = spawn(
      'nsenter',
      [
        '--net=/run/netns/dhcp',
        'dnsmasq',
        '--keep-in-foreground',
        '--user=root',
        '--no-hosts',
        '--no-resolv',
        '--bind-interfaces',
        '--interface=tapdhcp',
        '--except-interface=lo',
        `--dhcp-hostsfile=${directory}/hosts`,
        `--dhcp-leasefile=${directory}/leases`,
        '--dhcp-range=192.168.1.0,static,255.255.255.0,86400s',
        '--dhcp-option-force=option:mtu,1450',
        '--dhcp-option=option:classless-static-route,169.254.169.254/32,192.168.1.2,0.0.0.0/0,192.168.1.1',
        '--dhcp-option=option:router,192.168.1.99',
        '--domain=openstacklocal',
        '--conf-file=/dev/null',
        `--log-facility=${directory}/dnsmasq.log`,
      ],
      { stdio: 'ignore' },
    )
    vswitch = await connectVswitch('/run/openvswitch/db.sock', log)
    agent = newAgent()
  })

  after(() => {
    agent?.stop()
    vswitch?.close()
    dnsmasq?.kill()
    // the daemons end with the pid namespace
    rmSync(directory, { recursive: true, force: true })
  })

  test('plugs as os-vif does, and waits with DHCP', async () => {
    const started = performance.now()
    agent.handle({ type: 'snapshot', instances: [wanted()] })
    const report = await until('running', (r) => r.state === 'running' && r.interfaces.length === 1)
    console.log(`# desired to plugged and running: ${(performance.now() - started).toFixed(0)} ms`)
    assert.equal(report.interfaces[0]!.address, null)
    const external = await run(
      'ovs-vsctl',
      '--format=json',
      '--columns=external_ids',
      'list',
      'interface',
      'qvoabcdef01-23',
    )
    for (const text of ['iface-id', portId, 'attached-mac', mac, 'vm-uuid', id, 'iface-status', 'active'])
      assert.ok(external.includes(text), text)
    assert.equal(
      (await run('ovs-vsctl', 'get', 'port', 'qvoabcdef01-23', 'tag', 'vlan_mode', 'trunks'))
        .replaceAll('\n', ' ')
        .trim(),
      '4095 trunk [4095]',
    )
    const bridge = JSON.parse(await run('ip', '-d', '-j', 'link', 'show', 'qbrabcdef01-23'))[0]
    const { ageing_time, forward_delay, stp_state, mcast_snooping } = bridge.linkinfo.info_data
    assert.deepEqual([ageing_time, forward_delay, stp_state, mcast_snooping], [0, 0, 0, 0])
    const members = JSON.parse(await run('bridge', '-j', 'link')).map(
      (link: { ifname: string; master: string }) => `${link.ifname} ${link.master}`,
    )
    assert.deepEqual(members.sort(), ['qvbabcdef01-23 qbrabcdef01-23', 'tapabcdef01-23 qbrabcdef01-23'])
    for (const name of ['qbr', 'qvb', 'tap'])
      assert.equal(readFileSync(`/proc/sys/net/ipv6/conf/${name}abcdef01-23/disable_ipv6`, 'utf8').trim(), '1')
    const eth = JSON.parse(await inside('ip', '-j', 'link', 'show', 'eth0'))[0]
    assert.deepEqual([eth.address, eth.mtu], [mac, 1450])
    assert.equal((await run('ip', 'netns')).replace(/ .*/g, '').trim(), 'dhcp')
    assert.equal((await inside('hostname')).trim(), 'vm1')
  })

  test('configures itself by DHCP when the port is confirmed', async () => {
    await run(
      'ovs-vsctl',
      'clear',
      'port',
      'qvoabcdef01-23',
      'trunks',
      'vlan_mode',
      '--',
      'set',
      'port',
      'qvoabcdef01-23',
      'tag=1',
    )
    const started = performance.now()
    agent.handle({ type: 'put', instance: wanted({ interfaces: [port({ confirmed: true })] }) })
    const report = await until('an address', (r) => r.interfaces[0]?.address != null)
    const took = performance.now() - started
    console.log(`# confirmed to configured: ${took.toFixed(0)} ms`)
    assert.equal(report.interfaces[0]!.address, '192.168.1.7')
    // it asks when the port is confirmed, not until then and in vain: each question that is lost costs a second
    const asked = readFileSync(`${directory}/dnsmasq.log`, 'utf8').match(/DHCPDISCOVER/g) ?? []
    assert.equal(asked.length, 1, `asked ${asked.length} times, ${took} ms`)
    const routes = await inside('ip', 'route')
    assert.match(routes, /default via 192\.168\.1\.1 dev eth0 proto dhcp/)
    assert.match(routes, /169\.254\.169\.254 via 192\.168\.1\.2/)
    assert.doesNotMatch(routes, /192\.168\.1\.99/)
    assert.match(await inside('cat', '/etc/resolv.conf'), /search openstacklocal\nnameserver 192\.168\.1\.2/)
    await inside('ping', '-c', '1', '-W', '1', '192.168.1.2')
  })

  test('a restarted nova-compute finds the instance and changes nothing', async () => {
    const pid = pidOf()
    const links = await run('ip', '-o', 'link')
    agent.stop()
    reports.length = 0
    agent = newAgent()
    agent.handle({ type: 'snapshot', instances: [wanted({ interfaces: [port({ confirmed: true })] })] })
    const report = await until('running', (r) => r.state === 'running')
    assert.equal(report.interfaces[0]!.address, '192.168.1.7')
    assert.equal(pidOf(), pid)
    assert.equal(await run('ip', '-o', 'link'), links)
    assert.equal((await run('ovs-vsctl', 'get', 'port', 'qvoabcdef01-23', 'tag')).trim(), '1')
    await inside('ping', '-c', '1', '-W', '1', '192.168.1.2')
  })

  test('a port taken off the bridge comes back', async () => {
    await run('ovs-vsctl', 'del-port', 'qvoabcdef01-23')
    const isBack = async () => (await run('ovs-vsctl', 'list-ports', 'br-int')).includes('qvoabcdef01-23')
    for (let i = 0; i < 1000 && !(await isBack()); i++) await delay(5)
    assert.ok(await isBack())
    await run(
      'ovs-vsctl',
      'clear',
      'port',
      'qvoabcdef01-23',
      'trunks',
      'vlan_mode',
      '--',
      'set',
      'port',
      'qvoabcdef01-23',
      'tag=1',
    )
    await inside('ping', '-c', '1', '-W', '1', '192.168.1.2')
  })

  test('stop keeps the interface but answers nothing; start works again', async () => {
    reports.length = 0
    agent.handle({ type: 'put', instance: wanted({ power: 'stopped', interfaces: [port({ confirmed: true })] }) })
    await until('stopped', (r) => r.state === 'stopped')
    assert.match(await run('ovs-vsctl', 'list-ports', 'br-int'), /qvoabcdef01-23/)
    assert.ok(existsSync('/proc/sys/net/ipv4/conf/tapabcdef01-23'))
    await assert.rejects(run('ip', 'netns', 'exec', 'dhcp', 'ping', '-c', '1', '-W', '1', '192.168.1.7'))
    agent.handle({ type: 'put', instance: wanted({ generation: 1, interfaces: [port({ confirmed: true })] }) })
    await until(
      'started',
      (r) => r.state === 'running' && r.generation === 1 && r.interfaces[0]?.address === '192.168.1.7',
    )
    await inside('ping', '-c', '1', '-W', '1', '192.168.1.2')
  })

  test('a second interface comes and goes', async () => {
    const second = port({
      portId: '99999999-2345-4789-8abc-def012345678',
      mac: 'fa:16:3e:01:02:04',
      hybrid: false,
      dhcp: false,
    })
    agent.handle({ type: 'put', instance: wanted({ generation: 1, interfaces: [port({ confirmed: true }), second] }) })
    await until('two', (r) => r.interfaces.length === 2)
    assert.match(await run('ovs-vsctl', 'list-ports', 'br-int'), /tap99999999-23/)
    await inside('ip', 'link', 'show', 'eth1')
    reports.length = 0
    agent.handle({ type: 'put', instance: wanted({ generation: 1, interfaces: [port({ confirmed: true })] }) })
    await until('one', (r) => r.interfaces.length === 1)
    assert.doesNotMatch(await run('ovs-vsctl', 'list-ports', 'br-int'), /tap9/)
    await assert.rejects(inside('ip', 'link', 'show', 'eth1'))
  })

  test('what is not in the complete list is removed without a trace', async () => {
    const pid = pidOf()
    agent.handle({ type: 'snapshot', instances: [] })
    await until('absent', (r) => r.state === 'absent')
    assert.equal((await run('ovs-vsctl', 'list-ports', 'br-int')).trim(), 'tapdhcp')
    assert.doesNotMatch(await run('ip', '-o', 'link'), /abcdef01/)
    assert.ok(!existsSync(`/proc/${pid}`))
    assert.deepEqual(readdirSync(instancesPath), [])
    assert.doesNotMatch(readFileSync('/proc/mounts', 'utf8'), /compute-test/)
  })

  test('what cannot be set up is reported and cleaned', async () => {
    reports.length = 0
    agent.handle({ type: 'put', instance: wanted({ interfaces: [port({ bridge: 'br-missing' })] }) })
    const report = await until('failed', (r) => r.state === 'failed')
    assert.match(report.fault ?? '', /br-missing does not exist/)
    assert.deepEqual(readdirSync(instancesPath), [])
    assert.doesNotMatch(await run('ip', '-o', 'link'), /abcdef01/)
  })
}
