import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { DEMO, fakeApp, MEMBER, OTHER } from './app.fake.js'

describe('paths', () => {
  it('versions and resources, with links from the Host header', async () => {
    const { app, ask } = fakeApp()
    const reply = await app.inject({ url: '/', headers: { host: 'controller:9696' } })
    assert.deepEqual(reply.json(), {
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: 'http://controller:9696/v2.0/' }] }],
    })
    const { body } = await ask('GET', '/v2.0/')
    assert.ok(
      body.resources.some(
        (r: { name: string; collection: string }) => r.name === 'floatingip' && r.collection === 'floatingips',
      ),
    )
    assert.equal((await ask('GET', '/healthcheck')).body, 'OK')
  })

  it('.json, slashes, HEAD, 404 and 405', async () => {
    const { ask, core } = fakeApp()
    core.collections.networks!.add({ id: 'n', project_id: OTHER })
    for (const url of ['/v2.0/networks/n.json', '/v2.0/networks/n/', '//v2.0//networks/n', '/v2.0/networks/n']) {
      assert.equal((await ask('GET', url)).status, 200, url)
    }
    const head = await ask('HEAD', '/v2.0/networks/n')
    assert.deepEqual([head.status, head.body], [200, ''])
    const missing = await ask('GET', '/v2.0/nonsense')
    assert.deepEqual(
      [missing.status, missing.body.NeutronError],
      [404, { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' }],
    )
    const wrong = await ask('PATCH', '/v2.0/networks/n', {})
    assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET, PUT, DELETE'])
    const deleted = await ask('DELETE', '/v2.0/networks/n')
    assert.deepEqual([deleted.status, deleted.body], [204, ''])
    const gone = await ask('GET', '/v2.0/networks/n')
    assert.equal(gone.body.NeutronError.type, 'NetworkNotFound')
    assert.match(String(gone.headers['x-openstack-request-id']), /^req-[0-9a-f-]{36}$/)
  })

  it('tells the client nothing of an unexpected error, and the log everything with the request id', async () => {
    const lines: string[] = []
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
    const { ask, core } = fakeApp({ log })
    core.collections.networks!.failure = new Error('SQLITE_CORRUPT at /var/lib/x')
    const reply = await ask('GET', '/v2.0/networks')
    assert.equal(reply.status, 500)
    assert.equal(reply.body.NeutronError.type, 'HTTPInternalServerError')
    assert.doesNotMatch(JSON.stringify(reply.body), /SQLITE/)
    assert.match(lines[0]!, new RegExp(`${reply.headers['x-openstack-request-id']}.*SQLITE_CORRUPT`))
  })

  it('extensions: what works, singly too', async () => {
    const { ask } = fakeApp()
    const { extensions } = (await ask('GET', '/v2.0/extensions')).body
    const aliases = extensions.map(({ alias }: { alias: string }) => alias)
    for (const alias of ['router', 'dvr', 'binding', 'security-group', 'quotas', 'project-id', 'agent']) {
      assert.ok(aliases.includes(alias), alias)
    }
    assert.equal(new Set(aliases).size, aliases.length)
    assert.equal((await ask('GET', '/v2.0/extensions/dvr.json')).body.extension.name, 'Distributed Virtual Router')
    assert.equal(
      (await ask('GET', '/v2.0/extensions/bgp')).body.NeutronError.message,
      'Extension with alias bgp does not exist',
    )
  })

  it('serves no path of a collection that core does not have', async () => {
    const { core } = fakeApp()
    const { routers: _routers, ...collections } = core.collections
    const { ask } = fakeApp({ services: { ...core, collections } })
    assert.equal((await ask('GET', '/v2.0/routers')).status, 404)
    const { extensions } = (await ask('GET', '/v2.0/extensions')).body
    assert.ok(!extensions.some(({ alias }: { alias: string }) => alias === 'dvr'))
  })
})

describe('sub-resources', () => {
  it('router actions: owner only, replies of whole routers under the caller’s policy', async () => {
    const { ask, core } = fakeApp()
    const { id } = core.collections.routers!.add({ project_id: DEMO, distributed: true })
    const subnet_id = '69d38773-794a-4e49-b887-6de6734e792d'
    const added = await ask('PUT', `/v2.0/routers/${id}/add_router_interface`, { subnet_id }, MEMBER)
    assert.deepEqual([added.status, added.body.subnet_ids], [200, [subnet_id]])
    const stranger = { ...MEMBER, 'x-project-id': OTHER }
    assert.equal((await ask('PUT', `/v2.0/routers/${id}/add_router_interface`, { subnet_id }, stranger)).status, 404)
    const routes = { router: { routes: [{ destination: '10.9.0.0/24', nexthop: '192.168.1.9' }] } }
    const reply = await ask('PUT', `/v2.0/routers/${id}/add_extraroutes`, routes, MEMBER)
    assert.deepEqual([reply.status, reply.body.router.id, 'distributed' in reply.body.router], [200, id, false])
    assert.equal((await ask('PUT', `/v2.0/routers/${id}/add_extraroutes`, { router: {} }, MEMBER)).status, 400)
  })

  it('schedules routers and networks to agents', async () => {
    const { ask, core } = fakeApp()
    const agent = core.collections.agents!.add({ agent_type: 'L3 agent' }).id
    const router = core.collections.routers!.add({ project_id: OTHER }).id
    const added = await ask('POST', `/v2.0/agents/${agent}/l3-routers`, { router_id: router })
    assert.deepEqual([added.status, added.body], [201, null])
    assert.deepEqual(
      (await ask('GET', `/v2.0/agents/${agent}/l3-routers`)).body.routers.map((r: { id: string }) => r.id),
      [router],
    )
    assert.deepEqual(
      (await ask('GET', `/v2.0/routers/${router}/l3-agents`)).body.agents.map((a: { id: string }) => a.id),
      [agent],
    )
    assert.equal((await ask('DELETE', `/v2.0/agents/${agent}/l3-routers/${router}`)).status, 204)
    assert.equal(core.hosted.size, 0)
  })

  it('quotas: own ones for everybody, others’ and changes for an admin', async () => {
    const { ask } = fakeApp()
    assert.equal((await ask('GET', `/v2.0/quotas/${DEMO}.json`, undefined, MEMBER)).body.quota.network, 100)
    const others = await ask('GET', `/v2.0/quotas/${OTHER}`, undefined, MEMBER)
    assert.deepEqual([others.status, others.body.NeutronError.type], [403, 'AdminRequired'])
    const updated = await ask('PUT', `/v2.0/quotas/${DEMO}`, { quota: { network: '5' } })
    assert.equal(updated.body.quota.network, 5)
    assert.equal((await ask('GET', `/v2.0/quotas/${DEMO}/details.json`)).body.quota.network.limit, 5)
    assert.equal((await ask('GET', `/v2.0/quotas/${DEMO}/default`)).body.quota.network, 100)
    assert.equal((await ask('GET', '/v2.0/quotas')).body.quotas[0].project_id, DEMO)
    assert.equal((await ask('GET', '/v2.0/quotas/tenant', undefined, MEMBER)).body.tenant.tenant_id, DEMO)
    assert.equal((await ask('PUT', `/v2.0/quotas/${DEMO}`, { quota: { boats: 1 } })).status, 400)
    assert.equal((await ask('PUT', `/v2.0/quotas/${DEMO}`, { quota: { network: -2 } })).status, 400)
    assert.equal((await ask('DELETE', `/v2.0/quotas/${DEMO}`)).status, 204)
    assert.deepEqual((await ask('GET', '/v2.0/quotas')).body, { quotas: [] })
  })

  it('tags: whole and single', async () => {
    const { ask, core } = fakeApp()
    const { id } = core.collections.security_groups!.add({ project_id: DEMO })
    const url = `/v2.0/security-groups/${id}/tags`
    assert.deepEqual((await ask('PUT', url, { tags: ['red', 'a.json'] }, MEMBER)).body, { tags: ['red', 'a.json'] })
    assert.equal((await ask('PUT', `${url}/blue`, undefined, MEMBER)).status, 201)
    assert.equal((await ask('GET', `${url}/a.json`, undefined, MEMBER)).status, 204)
    assert.equal((await ask('DELETE', `${url}/red`, undefined, MEMBER)).status, 204)
    assert.deepEqual((await ask('GET', url, undefined, MEMBER)).body, { tags: ['a.json', 'blue'] })
    const missing = await ask('GET', `${url}/red`, undefined, MEMBER)
    assert.deepEqual([missing.status, missing.body.NeutronError.type], [404, 'TagNotFound'])
    assert.equal((await ask('PUT', url, { tags: ['x', 'x'] }, MEMBER)).status, 400)
    assert.equal((await ask('DELETE', url, undefined, MEMBER)).status, 204)
    assert.equal((await ask('PUT', url, { tags: [] }, { ...MEMBER, 'x-roles': 'reader' })).status, 403)
  })

  it('availability zones have neither id nor owner', async () => {
    const { ask, core } = fakeApp()
    for (const resource of ['router', 'network']) {
      core.collections.availability_zones!.add({ state: 'available', resource, name: 'nova' })
    }
    const reply = await ask('GET', '/v2.0/availability_zones?resource=router', undefined, MEMBER)
    assert.deepEqual(reply.body, {
      availability_zones: [{ state: 'available', resource: 'router', name: 'nova' }],
    })
    assert.equal((await ask('POST', '/v2.0/availability_zones', {})).status, 405)
  })

  it('rules inside a security group look as they do alone', async () => {
    const { ask, core } = fakeApp()
    const rule = { standard_attr_id: 1, direction: 'ingress', id: 'r', project_id: DEMO }
    const { id } = core.collections.security_groups!.add({ project_id: DEMO, security_group_rules: [rule] })
    const [shown] = (await ask('GET', `/v2.0/security-groups/${id}`)).body.security_group.security_group_rules
    assert.deepEqual(shown, { id: 'r', tenant_id: DEMO, direction: 'ingress', project_id: DEMO })
  })

  it('revision: in sync when every agent applied what concerned its host', async () => {
    const errors = [{ kind: 'port', id: 'p', message: 'no such device' }]
    let l3 = 4
    let told: number | null = 9
    const revisions = {
      current: () => 9,
      standing: async () => ({
        applied: [
          { host: 'compute1', binary: 'neutron-l3-agent', revision: l3, errors: [] },
          { host: 'compute1', binary: 'neutron-openvswitch-agent', revision: 7, errors },
        ],
        told,
        touched: { compute1: 6 },
      }),
    }
    const { ask } = fakeApp({ revisions })
    const read = async () => (await ask('GET', '/v2.0/eastwest/revision')).body
    assert.deepEqual(await read(), {
      revision: 9,
      hosts: { compute1: { 'neutron-l3-agent': 4, 'neutron-openvswitch-agent': 7 } },
      errors: [{ host: 'compute1', binary: 'neutron-openvswitch-agent', ...errors[0] }],
      in_sync: false,
    })
    l3 = 6
    assert.equal((await read()).in_sync, true)
    told = 8
    assert.equal((await read()).in_sync, false)
    told = null
    assert.equal((await read()).in_sync, false)
    assert.equal((await ask('GET', '/v2.0/eastwest/revision', undefined, MEMBER)).status, 403)
  })
})
