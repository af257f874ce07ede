import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { agents, dhcpBindings } from '../../store/agents.js'
import { renderNetworks } from '../../store/networks.js'
import type { Resource } from '../service.js'
import { addressesOf, admin, member, TestCloud } from '../testing/cloud.js'
import { moveNetworksOfDeadAgents } from './failover.js'
import { RESERVED_PORT } from './schedule.js'

describe('DHCP agents of a network', () => {
  let cloud: TestCloud
  let network: Resource
  let subnet: Resource
  beforeEach(async () => {
    cloud = await TestCloud.open('[DEFAULT]\ndhcp_agents_per_network = 2\n')
    for (const host of ['network1', 'network2', 'compute1']) await cloud.ovsHost(host)
    for (const host of ['network1', 'network2']) await cloud.report(host, 'DHCP agent')
    const made = await cloud.network()
    network = made.network
    subnet = made.subnet
    await cloud.port(network.id, { device_owner: 'compute:nova', 'binding:host_id': 'compute1' }, admin)
  })
  afterEach(() => cloud.close())

  const dhcpPorts = async () =>
    (await cloud.list('ports', admin, { filters: { device_owner: ['network:dhcp'] } })).map((port) => ({
      id: port.id,
      ip: addressesOf(port).join(),
      mac: port.mac_address,
      host: port['binding:host_id'],
      deviceId: String(port.device_id),
      vif: port['binding:vif_type'],
    }))
  const agentId = async (host: string) =>
    (await cloud.list('agents')).find((agent) => agent.host === host && agent.agent_type === 'DHCP agent')!.id
  const scheduler = () => cloud.built.services.schedulers
  const bound = async () =>
    (await scheduler().agentsOfNetwork(admin, network.id)).map(({ host }) => String(host)).sort()
  const kill = (id: string) =>
    cloud.store.transaction(admin, (tx) => agents.update(tx.db, { id }, { heartbeatAt: '2020-01-01T00:00:00Z' }))

  it('are two, each with a port of its own', async () => {
    assert.deepEqual(await bound(), ['network1', 'network2'])
    const ports = await dhcpPorts()
    assert.deepEqual(ports.map(({ ip }) => ip).sort(), ['192.168.1.3', '192.168.1.4'])
    assert.deepEqual(ports.map(({ host }) => host).sort(), ['network1', 'network2'])
    assert.equal(new Set(ports.map(({ deviceId }) => deviceId)).size, 2)
  })

  it('leave their port to the next one', async () => {
    const first = (await dhcpPorts()).find(({ host }) => host === 'network1')!
    await scheduler().removeNetworkFromAgent(admin, await agentId('network1'), network.id)
    const kept = (await dhcpPorts()).find(({ id }) => id === first.id)!
    assert.deepEqual([kept.deviceId, kept.host, kept.vif], [RESERVED_PORT, '', 'unbound'])
    await assert.rejects(scheduler().removeNetworkFromAgent(admin, await agentId('network1'), network.id), {
      type: 'NetworkNotHostedByDhcpAgent',
      status: 409,
    })
    await cloud.collection('agents').update(admin, await agentId('network1'), { admin_state_up: false })
    await cloud.ovsHost('network3')
    await cloud.report('network3', 'DHCP agent')
    assert.deepEqual(await bound(), ['network2', 'network3'], 'a new agent fills the gap')
    const heir = (await dhcpPorts()).find(({ host }) => host === 'network3')!
    assert.deepEqual([heir.id, heir.ip, heir.mac], [first.id, first.ip, first.mac])
    await assert.rejects(scheduler().addNetworkToAgent(admin, await agentId('network3'), network.id), {
      type: 'NetworkHostedByDHCPAgent',
      status: 409,
    })
    await assert.rejects(scheduler().addNetworkToAgent(admin, await agentId('network1'), network.id), {
      type: 'InvalidDHCPAgent',
    })
    await cloud.collection('agents').update(admin, await agentId('network1'), { admin_state_up: true })
    await scheduler().addNetworkToAgent(admin, await agentId('network1'), network.id)
    assert.deepEqual(await bound(), ['network1', 'network2', 'network3'], 'by hand there may be more than configured')
  })

  it('are replaced when they are dead and another one is alive', async () => {
    await kill(await agentId('network1'))
    await moveNetworksOfDeadAgents(cloud.built.core)
    assert.deepEqual(await bound(), ['network1', 'network2'], 'nobody could take it')
    await cloud.ovsHost('network3')
    await cloud.report('network3', 'DHCP agent')
    const before = (await dhcpPorts()).find(({ host }) => host === 'network1')!
    await moveNetworksOfDeadAgents(cloud.built.core)
    assert.deepEqual(await bound(), ['network2', 'network3'])
    const after = (await dhcpPorts()).find(({ host }) => host === 'network3')!
    assert.deepEqual([after.id, after.ip, after.mac], [before.id, before.ip, before.mac])
  })

  it('are replaced when they are deleted', async () => {
    await cloud.ovsHost('network3')
    await cloud.report('network3', 'DHCP agent')
    await cloud.collection('agents').delete(admin, await agentId('network1'))
    assert.deepEqual(await bound(), ['network2', 'network3'])
    assert.equal((await dhcpPorts()).length, 2)
  })

  it('serve nothing while they are switched off', async () => {
    const id = await agentId('network1')
    const told = () => cloud.store.read((db) => renderNetworks(db, [network.id]))
    await cloud.collection('agents').update(admin, id, { admin_state_up: false })
    assert.deepEqual((await told())[0]!.dhcpHosts, ['network2'])
    assert.deepEqual(await bound(), ['network1', 'network2'])
    await cloud.collection('agents').update(admin, id, { admin_state_up: true })
    assert.deepEqual((await told())[0]!.dhcpHosts, ['network1', 'network2'])
  })

  it('get a port again when somebody deletes it', async () => {
    const [first] = await dhcpPorts()
    await cloud.collection('ports').delete(admin, first!.id)
    assert.deepEqual((await dhcpPorts()).map(({ ip }) => ip).sort(), ['192.168.1.3', '192.168.1.4'])
  })

  it('have ports while there is a subnet with DHCP, and bindings as long as there is the network', async () => {
    await scheduler().removeNetworkFromAgent(admin, await agentId('network1'), network.id)
    await cloud.collection('subnets').update(member('demo'), subnet.id, { enable_dhcp: false })
    assert.deepEqual(await dhcpPorts(), [])
    await cloud.collection('subnets').update(member('demo'), subnet.id, { enable_dhcp: true })
    assert.equal((await dhcpPorts()).length, 2)
    for (const { id, device_owner } of await cloud.list('ports')) {
      if (device_owner === 'compute:nova') await cloud.collection('ports').delete(admin, id)
    }
    await cloud.collection('networks').delete(member('demo'), network.id)
    assert.deepEqual(await cloud.store.read((db) => dhcpBindings.find(db, {})), [])
  })

  it('of which one does not serve a port any more leave it to the other', async () => {
    const port = await cloud.port(
      network.id,
      { device_owner: 'compute:nova', 'binding:host_id': 'compute1', fixed_ips: [{ subnet_id: subnet.id }] },
      admin,
    )
    await cloud.ready('network1', [port.id], 'dhcp')
    await cloud.ready('network2', [], 'dhcp', true)
    await cloud.ready('compute1', [port.id])
    assert.equal((await cloud.show('ports', port.id)).status, 'ACTIVE')
  })
})
