import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultOf as fault, type OpenService, withService } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }

/** The whole service behind its API, on a database in memory. */
describe('QoS policies', () => {
  let cloud: OpenService['cloud']
  let ask: OpenService['ask']
  withService((opened) => {
    ;({ cloud, ask } = opened)
  })

  async function policy(attributes: object = {}) {
    const reply = await ask('POST', 'qos/policies', ADMIN, {
      policy: { name: 'p', project_id: 'demo-project', ...attributes },
    })
    assert.equal(reply.status, 201, JSON.stringify(reply.body))
    return reply.body.policy
  }
  const addLimit = (id: string, rule: object, headers: Record<string, string> = ADMIN) =>
    ask('POST', `qos/policies/${id}/bandwidth_limit_rules`, headers, { bandwidth_limit_rule: rule })
  const told = async (host: string) => (await cloud.view(host)).filter(({ kind }) => kind === 'port_qos')

  it('are tagged under their collection’s name, as Neutron has it, and under their path', async () => {
    const { id } = await policy()
    assert.equal((await ask('PUT', `policies/${id}/tags`, ADMIN, { tags: ['red'] })).status, 200)
    assert.deepEqual((await ask('GET', `qos/policies/${id}/tags`, ADMIN)).body, { tags: ['red'] })
    assert.equal((await ask('DELETE', `policies/${id}/tags/red`, ADMIN)).status, 204)
    assert.deepEqual((await ask('GET', `qos/policies/${id}`, ADMIN)).body.policy.tags, [])
    // tags are the project's own, unlike the policy
    assert.equal((await ask('PUT', `policies/${id}/tags`, OWNER, { tags: ['blue'] })).status, 200)
    const { id: shared } = await policy({ project_id: 'other', shared: true })
    assert.deepEqual(fault(await ask('PUT', `policies/${shared}/tags`, OWNER, { tags: ['blue'] })), [
      403,
      'PolicyNotAuthorized',
    ])
  })

  it('are hidden from others as in Neutron: on updates also when shared, on new rules not at all', async () => {
    const rename = (id: string) => ask('PUT', `qos/policies/${id}`, OWNER, { policy: { name: 'x' } })
    const [own, shared] = [await policy(), await policy({ project_id: 'other', shared: true })]
    assert.deepEqual(fault(await rename(own.id)), [403, 'PolicyNotAuthorized'])
    assert.deepEqual(fault(await rename(shared.id)), [404, 'HTTPNotFound'])
    assert.deepEqual(fault(await ask('DELETE', `qos/policies/${shared.id}`, OWNER)), [403, 'PolicyNotAuthorized'])
    assert.deepEqual(fault(await addLimit('nowhere', { max_kbps: 5 }, OWNER)), [403, 'PolicyNotAuthorized'])
    assert.deepEqual(fault(await addLimit('nowhere', { max_kbps: 5 })), [404, 'QosPolicyNotFound'])
  })

  it('are listed from the start for who does not see the marker', async () => {
    const hidden = await policy({ project_id: 'other', name: 'page' })
    const names = async (headers: Record<string, string>, marker: string) =>
      (await ask('GET', `qos/policies?name=page&limit=2&marker=${marker}`, headers)).body.policies
    assert.deepEqual(await names(OWNER, hidden.id), [])
    await policy({ name: 'page' })
    assert.equal((await names(OWNER, hidden.id)).length, 1)
  })

  it('are an administrator’s, with rules of which each has its own path', async () => {
    assert.equal((await ask('POST', 'qos/policies', OWNER, { policy: { name: 'mine' } })).status, 403)
    const { id } = await policy()
    // dashboards name a project; rules go with their policy
    const limit = await addLimit(id, { max_kbps: 1000, direction: 'ingress', tenant_id: 'p' })
    assert.deepEqual(limit.body.bandwidth_limit_rule, {
      id: limit.body.bandwidth_limit_rule.id,
      max_kbps: 1000,
      max_burst_kbps: 0,
      direction: 'ingress',
    })
    assert.deepEqual(fault(await addLimit(id, { max_kbps: 5, direction: 'ingress' })), [409, 'QoSRulesConflict'])
    assert.deepEqual(fault(await addLimit(id, { max_kbps: -1 })), [400, 'HTTPBadRequest'])
    assert.deepEqual(fault(await addLimit(id, { max_kbps: 5 }, OWNER)), [403, 'PolicyNotAuthorized'])
    assert.deepEqual(fault(await addLimit(limit.body.bandwidth_limit_rule.id, { max_kbps: 5 })), [
      404,
      'QosPolicyNotFound',
    ])
    const mark = await ask('POST', `qos/policies/${id}/dscp_marking_rules`, ADMIN, {
      dscp_marking_rule: { dscp_mark: 26 },
    })
    assert.equal(mark.status, 201)
    const wrong = await ask('POST', `qos/policies/${id}/dscp_marking_rules`, ADMIN, {
      dscp_marking_rule: { dscp_mark: 27 },
    })
    assert.match(wrong.body.NeutronError.message, /^Invalid input for dscp_mark. Reason: '27' is not in \[0, 8, 10/)

    const shown = (await ask('GET', `qos/policies/${id}`, OWNER)).body.policy
    assert.deepEqual([shown.is_default, shown.shared, shown.revision_number], [false, false, 3])
    assert.deepEqual(shown.rules.map(({ type }: { type: string }) => type).sort(), ['bandwidth_limit', 'dscp_marking'])
    const marks = await ask('GET', `qos/policies/${id}/dscp_marking_rules`, OWNER)
    assert.deepEqual(marks.body.dscp_marking_rules, [{ id: mark.body.dscp_marking_rule.id, dscp_mark: 26 }])
    // a rule of one kind is none of another
    const ruleId = limit.body.bandwidth_limit_rule.id
    assert.deepEqual(fault(await ask('GET', `qos/policies/${id}/dscp_marking_rules/${ruleId}`, ADMIN)), [
      404,
      'QosRuleNotFound',
    ])
    const alias = await ask('PUT', `qos/alias-bandwidth-limit-rules/${ruleId}`, ADMIN, {
      alias_bandwidth_limit_rule: { max_kbps: 2000 },
    })
    assert.equal(alias.body.alias_bandwidth_limit_rule.max_kbps, 2000)
    assert.equal(
      (await ask('DELETE', `qos/alias-dscp-marking-rules/${mark.body.dscp_marking_rule.id}`, ADMIN)).status,
      204,
    )
    assert.equal((await ask('DELETE', `qos/policies/${id}`, ADMIN)).status, 204)
    assert.deepEqual(fault(await ask('GET', `qos/policies/${id}`, ADMIN)), [404, 'QosPolicyNotFound'])
  })

  it('reach the host of an instance from its port, or else its network', async () => {
    const [ofNetwork, ofPort] = [await policy({ name: 'network' }), await policy({ name: 'port' })]
    await addLimit(ofNetwork.id, { max_kbps: 3000, max_burst_kbps: 300 })
    await addLimit(ofPort.id, { max_kbps: 1000, direction: 'ingress' })
    const { network } = await cloud.network('10.1.0.0/24')
    const port = await cloud.instance(network, 'compute1')
    const attach = (path: string, name: string, qos_policy_id: string | null) =>
      ask('PUT', path, OWNER, { [name]: { qos_policy_id } })
    assert.equal(
      (await attach(`networks/${network.id}`, 'network', ofNetwork.id)).body.network.qos_policy_id,
      ofNetwork.id,
    )
    const shown = (await ask('GET', `ports/${port.id}`, OWNER)).body.port
    assert.deepEqual([shown.qos_policy_id, shown.qos_network_policy_id], [null, ofNetwork.id])
    const none = { ingress: null, dscp: null }
    // and not the network service's own ports there
    assert.deepEqual(await told('compute1'), [
      { kind: 'port_qos', id: port.id, egress: { kbps: 3000, burstKb: 300 }, ...none },
    ])
    await attach(`ports/${port.id}`, 'port', ofPort.id)
    assert.deepEqual(await told('compute1'), [
      { kind: 'port_qos', id: port.id, egress: null, ingress: { kbps: 1000, burstKb: 800 }, dscp: null },
    ])
    assert.deepEqual(fault(await ask('DELETE', `qos/policies/${ofPort.id}`, ADMIN)), [409, 'QosPolicyInUse'])
    assert.deepEqual(fault(await ask('DELETE', `qos/policies/${ofNetwork.id}`, ADMIN)), [409, 'QosPolicyInUse'])
    await attach(`ports/${port.id}`, 'port', null)
    await attach(`networks/${network.id}`, 'network', null)
    assert.deepEqual(await told('compute1'), [])
    assert.equal((await ask('DELETE', `qos/policies/${ofPort.id}`, ADMIN)).status, 204)
  })

  it('limit floating IPs where they are translated, and gateways where they are', async () => {
    const { id } = await policy({ name: 'addresses' })
    await addLimit(id, { max_kbps: 1000, max_burst_kbps: 100 })
    await addLimit(id, { max_kbps: 2000, max_burst_kbps: 200, direction: 'ingress' })
    const limits = { egress: { kbps: 1000, burstKb: 100 }, ingress: { kbps: 2000, burstKb: 200 } }
    const external = await cloud.externalNetwork()
    const { network, subnet } = await cloud.network('10.2.0.0/24')
    const router = await cloud.make('routers', { name: 'r' })
    await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
    const path = `routers/${router.id}`
    const gateway = (more: object = {}) =>
      ask('PUT', path, OWNER, { router: { external_gateway_info: { network_id: external.id, ...more } } })
    const policyOfGateway = async (reply: ReturnType<typeof gateway>) =>
      (await reply).body.router.external_gateway_info.qos_policy_id
    const at = async (host: string) =>
      (await cloud.view(host)).flatMap((object) => (object.kind === 'router' ? (object.limits ?? []) : []))

    assert.equal(await policyOfGateway(gateway()), null)
    assert.equal(await policyOfGateway(gateway({ qos_policy_id: id })), id)
    // as it is, where nothing is said
    assert.equal(await policyOfGateway(gateway()), id)
    const outer = (await ask('GET', path, OWNER)).body.router.external_gateway_info.external_fixed_ips[0].ip_address
    assert.deepEqual(await at('network1'), [{ address: outer, ...limits }])

    const port = await cloud.instance(network, 'compute1')
    const made = await ask('POST', 'floatingips', OWNER, {
      floatingip: { floating_network_id: external.id, port_id: port.id, qos_policy_id: id },
    })
    const { id: fip, floating_ip_address: address, qos_policy_id } = made.body.floatingip
    assert.equal(qos_policy_id, id)
    assert.deepEqual(await at('compute1'), [{ address, ...limits }])
    assert.deepEqual(await at('network1'), [{ address: outer, ...limits }])
    assert.deepEqual((await ask('GET', `floatingips?qos_policy_id=${id}`, OWNER)).body.floatingips.length, 1)

    assert.deepEqual(fault(await ask('DELETE', `qos/policies/${id}`, ADMIN)), [409, 'QosPolicyInUse'])
    const free = await ask('PUT', `floatingips/${fip}`, OWNER, { floatingip: { qos_policy_id: null } })
    assert.equal(free.body.floatingip.qos_policy_id, null)
    assert.deepEqual(await at('compute1'), [])
    const inUse = await ask('DELETE', `qos/policies/${id}`, ADMIN)
    assert.match(inUse.body.NeutronError.message, new RegExp(`is used by router ${router.id}`))

    const foreign = await policy({ project_id: 'other', name: 'not mine' })
    const wrong = { floatingip: { qos_policy_id: foreign.id } }
    assert.deepEqual(fault(await ask('PUT', `floatingips/${fip}`, OWNER, wrong)), [404, 'QosPolicyNotFound'])
    assert.deepEqual(fault(await gateway({ qos_policy_id: foreign.id })), [404, 'QosPolicyNotFound'])

    await gateway({ qos_policy_id: null })
    const inherit = (qos_policy_id: string | null) =>
      ask('PUT', `networks/${external.id}`, ADMIN, { network: { qos_policy_id } })
    await inherit(id)
    const heir = (await ask('GET', `floatingips/${fip}`, OWNER)).body.floatingip
    assert.deepEqual([heir.qos_policy_id, heir.qos_network_policy_id], [null, id])
    assert.deepEqual(await at('compute1'), [{ address, ...limits }])
    assert.deepEqual(await at('network1'), [{ address: outer, ...limits }])
    const slower = await policy({ name: 'slower' })
    await addLimit(slower.id, { max_kbps: 100 })
    await ask('PUT', `floatingips/${fip}`, OWNER, { floatingip: { qos_policy_id: slower.id } })
    assert.deepEqual(
      (await at('compute1')).map(({ egress }) => egress?.kbps),
      [100],
    )
    await inherit(null)
    assert.deepEqual(await at('network1'), [])

    await ask('DELETE', `floatingips/${fip}`, OWNER)
    await ask('PUT', path, OWNER, { router: { external_gateway_info: null } })
    assert.equal(await policyOfGateway(gateway()), null)
    assert.equal((await ask('DELETE', `qos/policies/${id}`, ADMIN)).status, 204)
  })

  it('of others are for those they are shared with; a project may have one by default', async () => {
    const foreign = await policy({ project_id: 'other', name: 'foreign' })
    const network = { name: 'n', qos_policy_id: foreign.id }
    assert.deepEqual(fault(await ask('POST', 'networks', OWNER, { network })), [404, 'QosPolicyNotFound'])
    await ask('PUT', `qos/policies/${foreign.id}`, ADMIN, { policy: { shared: true } })
    const made = await ask('POST', 'networks', OWNER, { network })
    assert.equal(made.body.network.qos_policy_id, foreign.id)
    const unshared = await ask('PUT', `qos/policies/${foreign.id}`, ADMIN, { policy: { shared: false } })
    assert.deepEqual(fault(unshared), [409, 'RbacPolicyInUse'])

    const hidden = await policy({ project_id: 'other', name: 'hidden' })
    const path = `networks/${made.body.network.id}`
    await ask('PUT', path, ADMIN, { network: { qos_policy_id: hidden.id } })
    const removed = await ask('PUT', path, OWNER, { network: { qos_policy_id: null } })
    assert.deepEqual(fault(removed), [403, 'PolicyRemoveAuthorizationError'])
    await ask('PUT', `qos/policies/${hidden.id}`, ADMIN, { policy: { shared: true } })
    assert.equal((await ask('PUT', path, OWNER, { network: { qos_policy_id: null } })).status, 200)

    const standard = await policy({ name: 'standard', is_default: true })
    const second = { policy: { name: 'second', is_default: true, project_id: 'demo-project' } }
    assert.deepEqual(fault(await ask('POST', 'qos/policies', ADMIN, second)), [409, 'QoSPolicyDefaultAlreadyExists'])
    const policyOf = async (attributes: object) =>
      (await ask('POST', 'networks', OWNER, { network: { name: 'x', ...attributes } })).body.network.qos_policy_id
    assert.equal(await policyOf({}), standard.id)
    assert.equal(await policyOf({ qos_policy_id: null }), null)
  })

  it('limit packets, each direction by itself', async () => {
    const { id } = await policy({ name: 'packets' })
    const rules = `qos/policies/${id}/packet_rate_limit_rules`
    const add = (rule: object) => ask('POST', rules, ADMIN, { packet_rate_limit_rule: rule })
    const made = (await add({ max_kpps: 10 })).body.packet_rate_limit_rule
    assert.deepEqual(made, { id: made.id, max_kpps: 10, max_burst_kpps: 0, direction: 'egress' })
    assert.deepEqual(fault(await add({ max_kpps: 20 })), [409, 'QoSRulesConflict'])
    assert.deepEqual(fault(await add({ max_kpps: 20, direction: 'any' })), [400, 'HTTPBadRequest'])
    assert.deepEqual(fault(await add({ max_kpps: -1, direction: 'ingress' })), [400, 'HTTPBadRequest'])
    assert.deepEqual(fault(await add({ max_burst_kpps: 1 })), [400, 'HTTPBadRequest'])
    assert.equal((await add({ max_kpps: 20, max_burst_kpps: 2, direction: 'ingress' })).status, 201)
    const { network } = await cloud.network('10.3.0.0/24')
    const port = await cloud.instance(network, 'compute1')
    await ask('PUT', `ports/${port.id}`, OWNER, { port: { qos_policy_id: id } })
    const view = (egress: object | null, ingress: object | null) => [
      { kind: 'port_qos', id: port.id, egress: null, ingress: null, dscp: null, packets: { egress, ingress } },
    ]
    const ingress = { perSecond: 20_000, burst: 2000 }
    assert.deepEqual(await told('compute1'), view({ perSecond: 10_000, burst: 8000 }, ingress))
    const alias = `qos/alias-packet-rate-limit-rules/${made.id}`
    const changed = await ask('PUT', alias, ADMIN, { alias_packet_rate_limit_rule: { max_kpps: 1, max_burst_kpps: 1 } })
    assert.equal(changed.body.alias_packet_rate_limit_rule.max_kpps, 1)
    assert.deepEqual(await told('compute1'), view({ perSecond: 1000, burst: 1000 }, ingress))
    assert.equal((await ask('DELETE', alias, ADMIN)).status, 204)
    assert.deepEqual(await told('compute1'), view(null, ingress))
    const shown = (await ask('GET', `qos/policies/${id}`, OWNER)).body.policy.rules
    assert.deepEqual(
      shown.map(({ type }: { type: string }) => type),
      ['packet_rate_limit'],
    )
    await ask('PUT', `ports/${port.id}`, OWNER, { port: { qos_policy_id: null } })
    assert.deepEqual(await told('compute1'), [])
  })

  it('have rules of the types that are listed', async () => {
    const types = (await ask('GET', 'qos/rule-types?all_supported=true', OWNER)).body.rule_types
    assert.deepEqual(types, [
      { type: 'bandwidth_limit' },
      { type: 'packet_rate_limit' },
      { type: 'dscp_marking' },
      { type: 'minimum_bandwidth' },
      { type: 'minimum_packet_rate' },
    ])
    const details = await ask('GET', 'qos/rule-types/bandwidth_limit', ADMIN)
    assert.equal(details.body.rule_type.drivers[0].name, 'openvswitch')
    assert.equal((await ask('GET', 'qos/rule-types/bandwidth_limit', OWNER)).status, 403)
    assert.deepEqual(fault(await ask('GET', 'qos/rule-types/no_such_rule', ADMIN)), [404, 'QosRuleTypeNotFound'])
  })
})
