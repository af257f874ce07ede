/** Trunks on real bridges: second passes, a fresh agent, drift, the bridge made anew by whoever plugs, subports that go, removal. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { OvsAgent } from '../../src/agents/ovs/agent.js'
import { exampleObjects, ID, MAC, SETTINGS } from '../../src/agents/ovs/testing/example.fake.js'
import { TRUNK, trunkObjects } from '../../src/agents/ovs/testing/trunk.fake.js'
import { createLogger } from '../../src/base/log.js'
import type { HostObject } from '../../src/bus/contracts/host-view.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { LocalHost } from '../../src/dataplane/command/host.js'
import { traceFlow } from '../../src/dataplane/openflow/unixctl.js'
import { inSandbox, run, type SandboxNode, startNode, until } from '../lib/agent-sandbox.js'

const OVS_RUN = '/run/openvswitch'
const QVO = 'qvo05a1b2c3-d4'
const DEVICES = ['qbr', 'qvb', 'qvo', 'tap'].map((prefix) => `${prefix}5b5b5b5b-5b`).concat('spt-5b5b5b5b-5')
const exists = (device: string) => existsSync(`/proc/sys/net/ipv4/conf/${device}`)
const ports = async (bridge: string) => (await run('ovs-vsctl', 'list-ports', bridge)).trim().split('\n').sort()
const ofportOf = async (name: string) => (await run('ovs-vsctl', 'get', 'interface', name, 'ofport')).trim()

inSandbox('trunk', fileURLToPath(import.meta.url), () => {
  let node: SandboxNode
  let agent: OvsAgent
  let kicks: string[] = []
  const agents: OvsAgent[] = []

  async function newAgent(): Promise<OvsAgent> {
    const settings = { ...SETTINGS, datapathType: null, localIp: null, bridgeMappings: { vlan: 'br-vlan' } }
    const made = new OvsAgent(new LocalHost({ name: 'compute1' }), settings, createLogger('trunk-test'))
    await made.start((reason) => kicks.push(reason))
    agents.push(made)
    return made
  }

  /** The tunnel network of the example is a local one here: nothing leaves the host. */
  const here = (objects: readonly HostObject[]): HostObject[] =>
    objects.flatMap((object): HostObject[] => {
      if (object.kind === 'network' && object.id === ID.demoNet) return [{ ...object, type: 'local' }]
      return object.id === ID.extNet || object.id === ID.fg ? [] : [object]
    })

  /** Brings the host to the objects; then neither a second pass, an audit nor a fresh agent finds anything to do. */
  async function settle(wanted: readonly HostObject[]): Promise<readonly string[]> {
    const view = HostView.of(here(wanted))
    const { errors, readyPorts } = await agent.apply(view, 'change')
    assert.deepEqual(errors, [])
    assert.equal((await agent.apply(view, 'change')).writes, 0, 'a second pass writes nothing')
    assert.equal((await agent.apply(view, 'audit')).writes, 0, 'an audit finds nothing')
    const fresh = await newAgent()
    assert.equal((await fresh.apply(view, 'resync')).writes, 0, 'a fresh agent finds everything in place')
    return [...readyPorts!].sort()
  }

  async function plugIntoTrunk(): Promise<void> {
    kicks = []
    const bridge = ['add-br', TRUNK.bridge, '--', 'set', 'bridge', TRUNK.bridge, 'datapath_type=netdev']
    const device = [
      '--',
      'add-port',
      TRUNK.bridge,
      QVO,
      '--',
      'set',
      'interface',
      QVO,
      `external_ids:iface-id=${ID.instance1}`,
    ]
    await run('ovs-vsctl', ...bridge, ...device, `external_ids:attached-mac="${MAC.i1}"`)
    await until('the agent notices', () => kicks.includes('local'))
  }

  before(async () => {
    node = await startNode()
    await run('ovs-vsctl', 'add-br', 'br-vlan', '--', 'set', 'bridge', 'br-vlan', 'datapath_type=netdev')
    await run('ip', 'link', 'add', 'qvb05a1b2c3-d4', 'type', 'veth', 'peer', 'name', QVO)
    await run('ip', 'link', 'set', 'qvb05a1b2c3-d4', 'up')
    await run('ip', 'link', 'set', QVO, 'up')
    // a stranger's, of a similar name
    await run('ip', 'link', 'add', 'spt-mine', 'type', 'veth', 'peer', 'name', 'tap-mine')
    agent = await newAgent()
  })

  after(async () => {
    for (const made of agents) await made.stop()
    node.close()
  })

  test('without its instance a trunk is nothing', async () => {
    assert.deepEqual(await settle(trunkObjects()), [])
    assert.deepEqual(DEVICES.filter(exists), [])
  })

  test('plugged in, parent and subport are wired; tags lead where they should', async () => {
    await plugIntoTrunk()
    assert.deepEqual(await settle(trunkObjects()), [ID.instance1, TRUNK.subport].sort())
    assert.deepEqual(
      DEVICES.filter((device) => !exists(device)),
      [],
    )
    assert.equal((await run('ovs-vsctl', 'get-fail-mode', TRUNK.bridge)).trim(), 'secure')
    const from = `in_port=${await ofportOf(QVO)},dl_src=${TRUNK.mac},dl_dst=ff:ff:ff:ff:ff:ff`
    const traced = (vlan: string) => traceFlow(OVS_RUN, TRUNK.bridge, `${from}${vlan}`)
    assert.match(
      await traced(`,dl_vlan=${TRUNK.vlan}`),
      new RegExp(`pop_vlan\\s+output:${await ofportOf('spt-5b5b5b5b-5')}\\n`),
    )
    assert.match(await traced(''), new RegExp(`output:${await ofportOf('tpt-05a1b2c3-d')}\\n`))
    for (const vlan of ['101', '1', '0']) assert.match(await traced(`,dl_vlan=${vlan}`), /Datapath actions: drop/)
  })

  test('what somebody breaks is mended', async () => {
    const view = HostView.of(here(trunkObjects()))
    const mended = async (...command: string[]) => {
      await run(...(command as [string, ...string[]]))
      await until(`'${command.join(' ')}' to be mended`, async () => {
        const { errors, readyPorts } = await agent.apply(view, 'audit')
        return errors.length === 0 && readyPorts!.length === 2
      })
      await settle(trunkObjects())
    }
    await mended('ovs-ofctl', '-O', 'OpenFlow14', 'del-flows', TRUNK.bridge)
    await mended('ovs-vsctl', 'del-port', 'tpi-05a1b2c3-d')
    await mended('ovs-vsctl', 'del-port', 'spt-5b5b5b5b-5')
    await mended('ip', 'link', 'set', 'qbr5b5b5b5b-5b', 'down')
    await mended('ip', 'link', 'set', 'tap5b5b5b5b-5b', 'nomaster')
    await mended('ip', 'link', 'del', 'spt-5b5b5b5b-5')
    await mended('ip', 'link', 'del', 'qbr5b5b5b5b-5b')
  })

  test('its bridge made anew, as for another start of the instance, gets everything again', async () => {
    await run('ovs-vsctl', 'del-br', TRUNK.bridge)
    await plugIntoTrunk()
    assert.deepEqual(await settle(trunkObjects()), [ID.instance1, TRUNK.subport].sort())
    assert.deepEqual(await ports(TRUNK.bridge), [QVO, 'spt-5b5b5b5b-5', 'tpt-05a1b2c3-d'])
  })

  test('a subport that goes takes its devices along, the parent stays', async () => {
    const without = trunkObjects().flatMap((object): HostObject[] => {
      if (object.kind === 'trunk') return [{ ...object, subports: [] }]
      return object.id === TRUNK.subport || object.id === TRUNK.net ? [] : [object]
    })
    assert.deepEqual(await settle(without), [ID.instance1])
    assert.deepEqual(DEVICES.filter(exists), [])
    assert.deepEqual(await ports(TRUNK.bridge), [QVO, 'tpt-05a1b2c3-d'])
    assert.deepEqual(await settle(trunkObjects()), [ID.instance1, TRUNK.subport].sort())
  })

  test('a fresh agent removes what is left of a trunk that went while none was running', async () => {
    await run('ovs-vsctl', 'del-br', TRUNK.bridge)
    agent = await newAgent()
    await settle(exampleObjects().filter(({ id }) => id !== ID.instance1))
    assert.deepEqual(DEVICES.filter(exists), [])
    assert.deepEqual(
      (await ports('br-int')).filter((name) => /^(tpi|spi|qvo)/.test(name)),
      [],
    )
    assert.ok(exists('spt-mine'))
  })
})
