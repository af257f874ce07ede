import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { faultOf as fault, type OpenService, withService } from './service-app.fake.js'

const ADMIN = { 'x-project-id': 'admin-project' }
const OWNER = { 'x-project-id': 'demo-project', 'x-roles': 'member' }
const READER = { 'x-project-id': 'demo-project', 'x-roles': 'reader' }
const OTHER = { 'x-project-id': 'other-project', 'x-roles': 'member' }
const UNKNOWN = 'f0f89a8e-402b-483d-8475-545207a39cb2'
const FTP = { protocol: 'tcp', port: 21, helper: 'ftp' }

/** The whole service behind its API, on a database in memory. */
describe('conntrack helpers of routers', () => {
  let cloud: OpenService['cloud']
  let ask: OpenService['ask']
  let path: string
  let routerId: string
  withService(async (opened) => {
    ;({ cloud, ask } = opened)
    const { subnet } = await cloud.network('192.168.1.0/24')
    const router = await cloud.make('routers', { name: 'r' })
    const external = await cloud.externalNetwork()
    await cloud.act(router, 'add_router_interface', { subnet_id: subnet.id })
    await cloud.change('routers', router.id, { external_gateway_info: { network_id: external.id } })
    routerId = router.id
    path = `routers/${routerId}/conntrack_helpers`
  })

  const add = (helper: object, headers: Record<string, string> = OWNER) =>
    ask('POST', path, headers, { conntrack_helper: helper })
  const told = async () =>
    (await cloud.view('network1')).flatMap((object) => (object.kind === 'router' ? object.conntrackHelpers : []))

  it('are made, changed, shown in their router, told to hosts and deleted', async () => {
    const before = (await ask('GET', `routers/${routerId}`, OWNER)).body.router
    assert.deepEqual(before.conntrack_helpers, [])
    const made = await add(FTP)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { id } = made.body.conntrack_helper
    assert.deepEqual(made.body.conntrack_helper, { id, ...FTP })
    assert.deepEqual(await told(), [{ id, ...FTP }])
    const shown = (await ask('GET', `routers/${routerId}`, READER)).body.router
    assert.deepEqual(shown.conntrack_helpers, [FTP])
    assert.equal(shown.revision_number, before.revision_number + 1)
    const changed = await ask('PUT', `${path}/${id}`, OWNER, { conntrack_helper: { port: '2121' } })
    assert.deepEqual(changed.body.conntrack_helper, { id, ...FTP, port: 2121 })
    assert.deepEqual((await ask('GET', `${path}?port=2121`, READER)).body.conntrack_helpers, [
      changed.body.conntrack_helper,
    ])
    assert.equal((await ask('DELETE', `${path}/${id}`, READER)).status, 403)
    assert.equal((await ask('DELETE', `${path}/${id}`, OWNER)).status, 204)
    assert.deepEqual(await told(), [undefined])
    assert.deepEqual(fault(await ask('GET', `${path}/${id}`, OWNER)), [404, 'ConntrackHelperNotFound'])
  })

  it('refuse what is not allowed, or there already', async () => {
    assert.deepEqual(fault(await add({ ...FTP, helper: 'gopher' })), [400, 'ConntrackHelperNotAllowed'])
    const wrong = await add({ ...FTP, protocol: 'udp' })
    assert.deepEqual(fault(wrong), [400, 'InvalidProtocolForHelper'])
    assert.match(wrong.body.NeutronError.message, /^Conntrack Helper ftp does not support: udp. .* are: tcp$/)
    assert.deepEqual(fault(await add({ ...FTP, protocol: 'nonsense' })), [400, 'HTTPBadRequest'])
    assert.deepEqual(fault(await add({ ...FTP, port: 65536 })), [400, 'HTTPBadRequest'])
    const { id } = (await add(FTP)).body.conntrack_helper
    const again = await add(FTP)
    assert.deepEqual(fault(again), [400, 'BadRequest'])
    assert.match(again.body.NeutronError.message, /'protocol': 'tcp', 'port': 21, 'helper': 'ftp'}.$/)
    const second = (await add({ protocol: 'udp', port: 69, helper: 'tftp' })).body.conntrack_helper.id
    const same = await ask('PUT', `${path}/${second}`, OWNER, { conntrack_helper: FTP })
    assert.deepEqual(fault(same), [400, 'BadRequest'])
    for (const each of [id, second]) await ask('DELETE', `${path}/${each}`, OWNER)
  })

  it('are those of a router that the caller sees', async () => {
    assert.equal((await add(FTP, OTHER)).status, 404)
    assert.equal((await add(FTP, READER)).status, 403)
    assert.equal((await ask('GET', path, OTHER)).status, 404)
    const elsewhere = `routers/${UNKNOWN}/conntrack_helpers`
    assert.deepEqual(fault(await ask('GET', elsewhere, ADMIN)), [404, 'RouterNotFound'])
  })

  it('go with their router', async () => {
    const router = await cloud.make('routers', { name: 'other' })
    const own = `routers/${router.id}/conntrack_helpers`
    const { id } = (await ask('POST', own, OWNER, { conntrack_helper: FTP })).body.conntrack_helper
    // a helper of one router is none of another
    assert.equal((await ask('GET', `${path}/${id}`, OWNER)).status, 404)
    assert.equal((await ask('DELETE', `routers/${router.id}`, OWNER)).status, 204)
    assert.equal((await ask('GET', `${own}/${id}`, ADMIN)).status, 404)
  })
})
