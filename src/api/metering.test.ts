import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultOf as fault, type OpenService, withService } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const LABELS = 'metering/metering-labels'
const RULES = 'metering/metering-label-rules'
const UNKNOWN = 'f0f89a8e-402b-483d-8475-545207a39cb2'

/** The whole service behind its API, on a database in memory. */
describe('metering labels', () => {
  let cloud: OpenService['cloud']
  let ask: OpenService['ask']
  withService((opened) => {
    ;({ cloud, ask } = opened)
  })

  async function label(attributes: object = {}) {
    const reply = await ask('POST', LABELS, ADMIN, { metering_label: { name: 'l', ...attributes } })
    assert.equal(reply.status, 201, JSON.stringify(reply.body))
    return reply.body.metering_label
  }
  const addRule = (id: string, rule: object) =>
    ask('POST', RULES, ADMIN, { metering_label_rule: { metering_label_id: id, ...rule } })
  const told = async (host: string) => (await cloud.view(host)).filter(({ kind }) => kind === 'metering_label')

  it('are an administrator’s, and never changed', async () => {
    const made = await label({ description: 'd', project_id: 'demo-project' })
    assert.deepEqual(made, {
      id: made.id,
      name: 'l',
      description: 'd',
      tenant_id: 'demo-project',
      shared: false,
      project_id: 'demo-project',
    })
    assert.equal((await ask('POST', LABELS, OWNER, { metering_label: { name: 'l' } })).status, 403)
    assert.deepEqual((await ask('GET', LABELS, OWNER)).body, { metering_labels: [] })
    assert.equal((await ask('GET', `${LABELS}/${made.id}`, OWNER)).status, 404)
    assert.equal((await ask('PUT', `${LABELS}/${made.id}`, ADMIN, { metering_label: { name: 'x' } })).status, 405)
    assert.deepEqual((await ask('GET', `${LABELS}?name=l`, ADMIN)).body.metering_labels, [made])
    assert.deepEqual(fault(await ask('GET', `${LABELS}/${UNKNOWN}`, ADMIN)), [404, 'MeteringLabelNotFound'])
    assert.deepEqual(fault(await ask('DELETE', `${LABELS}/${UNKNOWN}`, ADMIN)), [404, 'MeteringLabelNotFound'])
    assert.equal((await ask('DELETE', `${LABELS}/${made.id}`, ADMIN)).status, 204)
  })

  it('count what their rules say', async () => {
    const { id } = await label()
    const made = await addRule(id, { remote_ip_prefix: '10.0.0.0/24' })
    const rule = made.body.metering_label_rule
    assert.deepEqual(rule, {
      id: rule.id,
      metering_label_id: id,
      direction: 'ingress',
      excluded: false,
      remote_ip_prefix: '10.0.0.0/24',
      source_ip_prefix: null,
      destination_ip_prefix: null,
    })
    const rules = `${RULES}?metering_label_id=${id}`
    assert.deepEqual((await ask('GET', rules, ADMIN)).body.metering_label_rules, [rule])
    assert.deepEqual(fault(await addRule(id, { remote_ip_prefix: '10.0.0.128/25' })), [
      409,
      'MeteringLabelRuleOverlaps',
    ])
    for (const other of [{ direction: 'egress' }, { excluded: true }, { remote_ip_prefix: 'fd02::/64' }])
      assert.equal((await addRule(id, { remote_ip_prefix: '10.0.0.128/25', ...other })).status, 201)
    const pair = { source_ip_prefix: '10.0.0.0/24', destination_ip_prefix: '8.8.8.8' }
    assert.equal((await addRule(id, pair)).status, 201)
    assert.deepEqual(fault(await addRule(id, pair)), [409, 'DuplicateMeteringRuleInPost'])
    assert.equal((await addRule(id, { ...pair, destination_ip_prefix: null })).status, 201)

    assert.deepEqual(fault(await ask('GET', `${RULES}/${UNKNOWN}`, ADMIN)), [404, 'MeteringLabelRuleNotFound'])
    assert.equal((await ask('DELETE', `${RULES}/${rule.id}`, ADMIN)).status, 204)
    assert.equal((await ask('DELETE', `${LABELS}/${id}`, ADMIN)).status, 204)
    assert.deepEqual((await ask('GET', rules, ADMIN)).body.metering_label_rules, [])
  })

  it('refuse rules that mean nothing', async () => {
    const { id } = await label()
    for (const wrong of [
      {},
      { remote_ip_prefix: '10.0.0.0/24', source_ip_prefix: '10.0.0.0/24' },
      { source_ip_prefix: '10.0.0.0/24', destination_ip_prefix: 'fd00::/8' },
    ])
      assert.deepEqual(fault(await addRule(id, wrong)), [400, 'InvalidInput'])
    for (const wrong of [{ direction: 'both' }, { remote_ip_prefix: '10.0.0.0/33' }])
      assert.deepEqual(fault(await addRule(id, { remote_ip_prefix: '10.0.0.0/24', ...wrong })), [400, 'HTTPBadRequest'])
    assert.deepEqual(fault(await addRule(UNKNOWN, { remote_ip_prefix: '10.0.0.0/24' })), [404, 'MeteringLabelNotFound'])
    await ask('DELETE', `${LABELS}/${id}`, ADMIN)
  })

  it('are told to hosts with routers of their project that lead outside', async () => {
    const own = await label({ project_id: 'demo-project' })
    const others = await label({ project_id: 'other-project' })
    await addRule(own.id, { remote_ip_prefix: '192.168.1.0/24' })
    assert.deepEqual(await told('network1'), [])
    const external = await cloud.externalNetwork()
    const { subnet } = await cloud.network('192.168.1.0/24')
    const router = await cloud.make('routers', { name: 'r' })
    await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
    await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
    assert.deepEqual(
      (await told('network1')).map(({ id }) => id),
      [own.id],
    )
    await ask('DELETE', `${LABELS}/${own.id}`, ADMIN)
    const shared = await label({ project_id: 'other-project', shared: true })
    assert.deepEqual(
      (await told('network1')).map(({ id }) => id),
      [shared.id],
    )
    for (const { id } of [others, shared]) await ask('DELETE', `${LABELS}/${id}`, ADMIN)
    assert.deepEqual(await told('network1'), [])
  })
})
