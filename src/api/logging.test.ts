import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestCloud } from '../core/l3/test-cloud.fake.js'
import { faultOf as fault, ServiceApp } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const LOGS = 'log/logs'
const UNKNOWN = 'f0f89a8e-402b-483d-8475-545207a39cb2'

/** The whole service behind its API, on a database in memory. */
describe('logs of security groups', () => {
  let cloud: TestCloud
  let app: ServiceApp
  let ask: ServiceApp['ask']
  before(async () => {
    cloud = await TestCloud.scenario()
    app = new ServiceApp(cloud.services)
    ask = app.ask
  })
  after(async () => {
    await app.close()
    await cloud.close()
  })

  const create = (log: object) =>
    ask('POST', LOGS, ADMIN, { log: { project_id: 'demo-project', resource_type: 'security_group', ...log } })
  const told = async (host: string) => (await cloud.view(host)).filter(({ kind }) => kind === 'port_log')
  async function group(name: string): Promise<string> {
    const made = await ask('POST', 'security-groups', OWNER, { security_group: { name } })
    return made.body.security_group.id
  }

  it('are an administrator’s; name, description and whether they are on can change', async () => {
    const made = await create({ name: 'l', description: 'd', enabled: false })
    assert.equal(made.status, 201)
    const { log } = made.body
    assert.deepEqual(log, {
      id: log.id,
      name: 'l',
      description: 'd',
      tenant_id: 'demo-project',
      resource_type: 'security_group',
      resource_id: null,
      target_id: null,
      event: 'ALL',
      enabled: false,
      created_at: log.created_at,
      updated_at: log.created_at,
      revision_number: 0,
      project_id: 'demo-project',
    })
    assert.deepEqual(fault(await ask('POST', LOGS, OWNER, { log: { resource_type: 'security_group' } })), [
      403,
      'PolicyNotAuthorized',
    ])
    assert.deepEqual((await ask('GET', LOGS, OWNER)).body, { logs: [] })
    assert.equal((await ask('GET', `${LOGS}/${log.id}`, OWNER)).status, 404)
    const path = `${LOGS}/${log.id}`
    const changed = await ask('PUT', path, ADMIN, { log: { name: 'x', enabled: true } })
    assert.deepEqual(
      [changed.body.log.name, changed.body.log.enabled, changed.body.log.revision_number],
      ['x', true, 1],
    )
    for (const fixed of ['event', 'resource_id', 'target_id', 'resource_type']) {
      const reply = await ask('PUT', path, ADMIN, { log: { [fixed]: null } })
      assert.deepEqual(fault(reply), [400, 'HTTPBadRequest'], fixed)
    }
    assert.deepEqual((await ask('GET', `${LOGS}?name=x&enabled=true`, ADMIN)).body.logs, [changed.body.log])
    assert.equal((await ask('DELETE', path, ADMIN)).status, 204)
    assert.deepEqual(fault(await ask('DELETE', path, ADMIN)), [404, 'LogResourceNotFound'])
    assert.deepEqual(fault(await ask('PUT', path, ADMIN, { log: { name: 'y' } })), [404, 'LogResourceNotFound'])
    assert.deepEqual(fault(await ask('GET', path, ADMIN)), [404, 'LogResourceNotFound'])
  })

  it('are about groups and ports that there are', async () => {
    const types = await ask('GET', 'log/loggable-resources', ADMIN)
    assert.deepEqual(types.body, { loggable_resources: [{ type: 'security_group' }] })
    assert.deepEqual((await ask('GET', 'log/loggable-resources', OWNER)).body, { loggable_resources: [] })
    const { network } = await cloud.network('10.1.0.0/24')
    const port = await cloud.instance(network, 'compute1')
    const refused = async (log: object) => fault(await create(log))
    assert.deepEqual(await refused({ resource_type: 'firewall_group' }), [400, 'InvalidLogResourceType'])
    assert.deepEqual(await refused({ event: 'REJECT' }), [400, 'HTTPBadRequest'])
    assert.deepEqual(await refused({ resource_type: undefined }), [400, 'HTTPBadRequest'])
    assert.deepEqual(await refused({ resource_id: 'x' }), [400, 'HTTPBadRequest'])
    assert.deepEqual(await refused({ resource_id: UNKNOWN }), [404, 'ResourceNotFound'])
    assert.deepEqual(await refused({ target_id: UNKNOWN }), [404, 'TargetResourceNotFound'])
    const foreign = await group('foreign')
    assert.deepEqual(await refused({ resource_id: foreign, target_id: port.id }), [400, 'InvalidResourceConstraint'])
    const direct = { port: { network_id: network.id, 'binding:vnic_type': 'direct' } }
    const made = await ask('POST', 'ports', ADMIN, direct)
    assert.deepEqual(await refused({ target_id: made.body.port.id }), [409, 'LoggingTypeNotSupported'])
  })

  it('reach the hosts of the ports they are about', async () => {
    const { network } = await cloud.network('10.2.0.0/24')
    const one = await cloud.instance(network, 'compute1')
    const two = await cloud.instance(network, 'compute2')
    const watched = await group('watched')
    await ask('PUT', `ports/${two.id}`, OWNER, { port: { security_groups: [watched] } })
    const view = (port: { id: string }, ...logs: object[]) => ({ kind: 'port_log', id: port.id, logs })
    const make = async (log: object) => (await create(log)).body.log.id as string

    const ofGroup = await make({ resource_id: watched, event: 'DROP' })
    const groupLog = { id: ofGroup, projectId: 'demo-project', event: 'DROP', groupId: watched }
    assert.deepEqual(await told('compute1'), [])
    assert.deepEqual(await told('compute2'), [view(two, groupLog)])

    const ofPort = await make({ target_id: one.id, event: 'ACCEPT' })
    const portLog = { id: ofPort, projectId: 'demo-project', event: 'ACCEPT', groupId: null }
    assert.deepEqual(await told('compute1'), [view(one, portLog)])
    await ask('PUT', `${LOGS}/${ofPort}`, ADMIN, { log: { enabled: false } })
    assert.deepEqual(await told('compute1'), [])

    const ofAll = await make({})
    const ofOthers = await make({ project_id: 'admin-project' })
    assert.deepEqual(
      (await told('compute1')).filter(({ id }) => id === one.id),
      [view(one, { id: ofAll, projectId: 'demo-project', event: 'ALL', groupId: null })],
    )
    for (const id of [ofAll, ofOthers]) await ask('DELETE', `${LOGS}/${id}`, ADMIN)

    // without a filter there is nothing to log
    await ask('PUT', `ports/${two.id}`, OWNER, { port: { security_groups: [], port_security_enabled: false } })
    assert.deepEqual(await told('compute2'), [])
    assert.equal((await ask('DELETE', `security-groups/${watched}`, OWNER)).status, 204)
    assert.deepEqual(fault(await ask('GET', `${LOGS}/${ofGroup}`, ADMIN)), [404, 'LogResourceNotFound'])
    assert.equal((await ask('DELETE', `ports/${one.id}`, OWNER)).status, 204)
    assert.deepEqual((await ask('GET', LOGS, ADMIN)).body, { logs: [] })
  })
})
