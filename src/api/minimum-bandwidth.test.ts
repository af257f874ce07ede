import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { uuid5 } from '../base/uuid5.js'
import { TestCloud } from '../core/l3/test-cloud.fake.js'
import { bridgeProviderId } from '../core/placement/names.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const CONFIG = `
[ml2_type_vlan]
network_vlan_ranges = external:101:110
`

describe('a guaranteed rate', () => {
  let cloud: TestCloud
  let app: ServiceApp
  let ask: ServiceApp['ask']
  before(async () => {
    cloud = await TestCloud.scenario(CONFIG)
    app = new ServiceApp(cloud.services)
    ask = app.ask
    await cloud.reportAgent('compute1', 'Open vSwitch agent', 'neutron-openvswitch-agent', {
      bridge_mappings: { external: 'br-ex' },
      tunnel_types: ['vxlan'],
      tunneling_ip: '10.0.1.1',
      resource_provider_bandwidths: { 'br-ex': { egress: 10_000, ingress: 10_000 } },
    })
  })
  after(async () => {
    await app.close()
    await cloud.close()
  })

  async function make(path: string, name: string, attributes: object) {
    const reply = await ask('POST', path, ADMIN, { [name]: attributes })
    assert.equal(reply.status, 201, JSON.stringify(reply.body))
    return reply.body[name]
  }
  const policy = () => make('qos/policies', 'policy', { name: 'p', shared: true })
  const rules = (id: string) => `qos/policies/${id}/minimum_bandwidth_rules`
  const addRule = (id: string, rule: object) => make(rules(id), 'minimum_bandwidth_rule', rule)
  async function vlan() {
    const provider = { 'provider:network_type': 'vlan', 'provider:physical_network': 'external' }
    const network = await make('networks', 'network', { ...provider, shared: true })
    await make('subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' })
    return network
  }

  it('rules have a direction, and one of each', async () => {
    const { id } = await policy()
    const egress = await addRule(id, { min_kbps: 1000 })
    assert.deepEqual(egress, { id: egress.id, min_kbps: 1000, direction: 'egress' })
    await addRule(id, { min_kbps: 500, direction: 'ingress' })
    const again = await ask('POST', rules(id), ADMIN, { minimum_bandwidth_rule: { min_kbps: 1 } })
    assert.deepEqual(fault(again), [409, 'QoSRulesConflict'])
    const shown = (await ask('GET', `qos/policies/${id}`, OWNER)).body.policy.rules
    assert.deepEqual(shown.map(({ type, min_kbps }: Record<string, unknown>) => [type, min_kbps]).sort(), [
      ['minimum_bandwidth', 1000],
      ['minimum_bandwidth', 500],
    ])
    const alias = { alias_minimum_bandwidth_rule: { min_kbps: 2000 } }
    const changed = await ask('PUT', `qos/alias-minimum-bandwidth-rules/${egress.id}`, ADMIN, alias)
    assert.equal(changed.body.alias_minimum_bandwidth_rule.min_kbps, 2000)
    const types = (await ask('GET', 'qos/rule-types', ADMIN)).body.rule_types
    assert.ok(types.some(({ type }: { type: string }) => type === 'minimum_bandwidth'))
    assert.equal((await ask('DELETE', `${rules(id)}/${egress.id}`, ADMIN)).status, 204)
    assert.equal((await ask('POST', rules(id), OWNER, { minimum_bandwidth_rule: { min_kbps: 1 } })).status, 403)
  })

  it('is no more than the limit', async () => {
    const { id } = await policy()
    const limits = `qos/policies/${id}/bandwidth_limit_rules`
    await make(limits, 'bandwidth_limit_rule', { max_kbps: 1000 })
    const refused = await ask('POST', rules(id), ADMIN, { minimum_bandwidth_rule: { min_kbps: 1001 } })
    assert.deepEqual(fault(refused), [409, 'QoSRuleParameterConflict'])
    await addRule(id, { min_kbps: 1001, direction: 'ingress' })
    const limit = { bandwidth_limit_rule: { max_kbps: 1000, direction: 'ingress' } }
    assert.deepEqual(fault(await ask('POST', limits, ADMIN, limit)), [409, 'QoSRuleParameterConflict'])
  })

  it('is asked of Placement for ports on physical networks', async () => {
    const { id } = await policy()
    const network = await vlan()
    const port = await make('ports', 'port', { network_id: network.id, qos_policy_id: id })
    assert.equal(port.resource_request, null)
    const made = [await addRule(id, { min_kbps: 1000 }), await addRule(id, { min_kbps: 500, direction: 'ingress' })]
    const ids = made.map((rule) => rule.id).sort()
    const group = uuid5(port.id, ids.join(':'))
    const request = (await ask('GET', `ports/${port.id}`, ADMIN)).body.port.resource_request
    assert.deepEqual(request, {
      request_groups: [
        {
          id: group,
          required: ['CUSTOM_PHYSNET_EXTERNAL', 'CUSTOM_VNIC_TYPE_NORMAL'],
          resources: { NET_BW_EGR_KILOBIT_PER_SEC: 1000, NET_BW_IGR_KILOBIT_PER_SEC: 500 },
        },
      ],
      same_subtree: [group],
    })
    assert.equal((await ask('GET', `ports/${port.id}`, OWNER)).body.port?.resource_request, undefined)
    const byNetwork = await vlan()
    await ask('PUT', `networks/${byNetwork.id}`, ADMIN, { network: { qos_policy_id: id } })
    const other = await make('ports', 'port', { network_id: byNetwork.id })
    assert.equal(other.resource_request.request_groups.length, 1)
    const tunnel = await make('networks', 'network', {})
    const refusals = [
      await ask('POST', 'ports', ADMIN, { port: { network_id: tunnel.id, qos_policy_id: id } }),
      await ask('PUT', `networks/${tunnel.id}`, ADMIN, { network: { qos_policy_id: id } }),
    ]
    const free = await policy()
    await make('ports', 'port', { network_id: tunnel.id, qos_policy_id: free.id })
    refusals.push(await ask('POST', rules(free.id), ADMIN, { minimum_bandwidth_rule: { min_kbps: 1 } }))
    assert.deepEqual(refusals.map(fault), [
      [409, 'QosRuleNotSupported'],
      [409, 'QosRuleNotSupportedByNetwork'],
      [409, 'QosRuleNotSupported'],
    ])
  })

  it('that nova allocated decides where the port can be bound, and stays as it is', async () => {
    const { id } = await policy()
    const other = await policy()
    const rule = await addRule(id, { min_kbps: 1000 })
    await addRule(other.id, { min_kbps: 2000 })
    const network = await vlan()
    const port = await make('ports', 'port', { network_id: network.id, qos_policy_id: id })
    const group = port.resource_request.request_groups[0].id
    const bind = (provider: string) =>
      ask('PUT', `ports/${port.id}`, ADMIN, {
        port: {
          'binding:host_id': 'compute1',
          'binding:profile': { allocation: { [group]: provider } },
          device_owner: 'compute:nova',
        },
      })
    assert.equal((await bind(bridgeProviderId('compute2', 'br-ex'))).body.port['binding:vif_type'], 'binding_failed')
    assert.equal((await bind(bridgeProviderId('compute1', 'br-ex'))).body.port['binding:vif_type'], 'ovs')
    const refusals = [
      await ask('PUT', `${rules(id)}/${rule.id}`, ADMIN, { minimum_bandwidth_rule: { min_kbps: 1 } }),
      await ask('DELETE', `${rules(id)}/${rule.id}`, ADMIN),
      await ask('POST', rules(id), ADMIN, { minimum_bandwidth_rule: { min_kbps: 1, direction: 'ingress' } }),
      await ask('PUT', `ports/${port.id}`, ADMIN, { port: { qos_policy_id: other.id } }),
    ]
    for (const refusal of refusals) assert.deepEqual(fault(refusal), [501, 'NotImplementedError'])
    // limits are no matter of Placement's
    await make(`qos/policies/${id}/bandwidth_limit_rules`, 'bandwidth_limit_rule', { max_kbps: 5000 })
  })

  it('of packets is counted in each direction or in both, and asked of Placement on every network', async () => {
    const { id } = await policy()
    const path = `qos/policies/${id}/minimum_packet_rate_rules`
    const add = (rule: object) => ask('POST', path, ADMIN, { minimum_packet_rate_rule: rule })
    const egress = (await add({ min_kpps: 100 })).body.minimum_packet_rate_rule
    assert.deepEqual(egress, { id: egress.id, min_kpps: 100, direction: 'egress' })
    assert.deepEqual(fault(await add({ min_kpps: 1 })), [409, 'QoSRulesConflict'])
    assert.deepEqual(fault(await add({ min_kpps: 1, direction: 'any' })), [409, 'QoSRuleParameterConflict'])
    assert.deepEqual(fault(await add({ direction: 'ingress' })), [400, 'HTTPBadRequest'])
    const ingress = (await add({ min_kpps: 200, direction: 'ingress' })).body.minimum_packet_rate_rule
    const both = { minimum_packet_rate_rule: { direction: 'any' } }
    assert.deepEqual(fault(await ask('PUT', `${path}/${ingress.id}`, ADMIN, both)), [409, 'QoSRuleParameterConflict'])
    const alias = `qos/alias-minimum-packet-rate-rules/${ingress.id}`
    const changed = await ask('PUT', alias, ADMIN, { alias_minimum_packet_rate_rule: { min_kpps: 300 } })
    assert.equal(changed.body.alias_minimum_packet_rate_rule.min_kpps, 300)

    const tunnel = await make('networks', 'network', { shared: true })
    const port = await make('ports', 'port', { network_id: tunnel.id, qos_policy_id: id })
    const group = uuid5(port.id, [egress.id, ingress.id].sort().join(':'))
    const packets = { NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC: 100, NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC: 300 }
    assert.deepEqual(port.resource_request, {
      request_groups: [{ id: group, required: ['CUSTOM_VNIC_TYPE_NORMAL'], resources: packets }],
      same_subtree: [group],
    })
    const bandwidth = await ask('POST', rules(id), ADMIN, { minimum_bandwidth_rule: { min_kbps: 1 } })
    assert.deepEqual(fault(bandwidth), [409, 'QosRuleNotSupported'])
    const shared = await policy()
    await make(`qos/policies/${shared.id}/minimum_packet_rate_rules`, 'minimum_packet_rate_rule', {
      min_kpps: 7,
      direction: 'any',
    })
    await addRule(shared.id, { min_kbps: 1000 })
    const physical = await vlan()
    const two = await make('ports', 'port', { network_id: physical.id, qos_policy_id: shared.id })
    assert.deepEqual(
      two.resource_request.request_groups.map(({ resources }: { resources: object }) => resources),
      [{ NET_BW_EGR_KILOBIT_PER_SEC: 1000 }, { NET_PACKET_RATE_KILOPACKET_PER_SEC: 7 }],
    )
    assert.equal(two.resource_request.same_subtree.length, 2)
    await ask('PUT', `ports/${two.id}`, ADMIN, { port: { device_owner: 'compute:nova' } })
    const [rule] = (await ask('GET', `qos/policies/${shared.id}/minimum_packet_rate_rules`, ADMIN)).body
      .minimum_packet_rate_rules
    const late = await ask('DELETE', `qos/policies/${shared.id}/minimum_packet_rate_rules/${rule.id}`, ADMIN)
    assert.deepEqual(fault(late), [501, 'NotImplementedError'])
  })
})
