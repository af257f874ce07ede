import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type AgentStatus, askAgent } from '../../src/lab/agent-socket.js'
import { boot, defaultGroup, makeNetwork } from '../../src/lab/proof/objects.js'
import { until } from '../../src/lab/proof/until.js'
import { keystoneIsInstalled } from '../../src/lab/services/keystone.js'
import { nodePlace } from '../../src/lab/services/node-place.js'
import { postgresqlBinaries } from '../../src/lab/services/postgresql.js'
import { DebianRabbitmq, rabbitmqIsInstalled } from '../../src/lab/services/rabbitmq.js'
import { daemonsOf } from '../../src/lab/spec.js'
import { expectConformance, NO_TEMPEST, TEMPEST } from '../lib/conformance.js'
import { SKIP, startLab, type TestLab } from '../lib/lab.js'

const installed = postgresqlBinaries() && rabbitmqIsInstalled() && keystoneIsInstalled()
const skip = SKIP || NO_TEMPEST || (installed ? false : 'needs Debian’s PostgreSQL, RabbitMQ and Keystone')

/** The same lab, with Debian's PostgreSQL, RabbitMQ and Keystone in place of what the product brings itself. */
describe('a lab on real services', { skip }, () => {
  let lab: TestLab

  before(async () => {
    lab = await startLab('t-debian', 20_000, 2, 1, { services: 'debian' })
  })
  after(() => lab?.down())

  /** What every agent says of itself, by node and binary. */
  async function statuses(): Promise<Map<string, AgentStatus>> {
    const agents = lab.state.spec.nodes.flatMap((node) =>
      daemonsOf(node)
        .filter((daemon) => daemon.endsWith('-agent'))
        .map(
          async (daemon) =>
            [`${daemon} on ${node.name}`, await askAgent(lab.state, node.name, daemon, 'GET', '/status')] as const,
        ),
    )
    return new Map(await Promise.all(agents))
  }
  const all = async (check: (status: AgentStatus) => boolean) => [...(await statuses()).values()].every(check)

  it('is used as it was set up', async () => {
    const options = await lab.read('controller', 'cat', '/etc/neutron/neutron.conf')
    assert.match(options, /transport_url = rabbit:/)
    assert.match(options, /connection = postgresql/)
    assert.match(await lab.read('controller', 'ss', '-Hltnp'), /:5672 .*beam/)
    assert.match(await lab.read('controller', 'ss', '-Hltnp'), /keystone/)
  })

  it('passes tempest.api.network, and the hosts follow', () => expectConformance(lab.state, 'tempest', TEMPEST))

  it('outlives a restart of the broker: what was changed meanwhile is realised, and nothing else written', async () => {
    const network = await makeNetwork(lab, 'outage', '10.7.0.0/24')
    await boot(lab, { name: 'outage', networkId: network.id, host: 'compute1' })
    await lab.settled()
    const was = await statuses()
    const broker = (await lab.read('controller', 'pgrep', '--exact', 'beam.smp')).trim()
    await lab.on('controller', ['kill', broker])
    await until('the agents to notice', () => all(({ connected }) => !connected))
    const ingress = { security_group_id: await defaultGroup(lab), direction: 'ingress' }
    const rule = { ...ingress, protocol: 'tcp', port_range_min: 4242, port_range_max: 4242 }
    await lab.demo.network.create('security-group-rules', rule)
    const rules = () => lab.read('compute1', 'iptables-save')
    assert.doesNotMatch(await rules(), /4242/)
    await DebianRabbitmq.start(nodePlace(lab.state, 'controller'), lab.state.secrets.busSecret)
    await until('the agents to come back', () => all(({ connected }) => connected))
    await lab.settled()
    assert.match(await rules(), /--dport 4242/)
    const { agents } = await lab.admin.network.get<{ agents: { alive: boolean }[] }>('/v2.0/agents')
    assert.ok(agents.every(({ alive }) => alive))
    for (const [agent, { writes }] of await statuses())
      if (!agent.endsWith('compute1')) assert.equal(writes, was.get(agent)!.writes, `${agent} had nothing to do`)
    const log = await lab.read('controller', 'cat', '/var/log/neutron-server.log')
    assert.ok(!log.includes(lab.state.secrets.busSecret))
  })
})
