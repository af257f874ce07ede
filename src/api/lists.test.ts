import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEMO, fakeApp, OTHER } from './app.fake.js'

const byNumber = (a: { id: string }, b: { id: string }) => Number(a.id.slice(1)) - Number(b.id.slice(1))

describe('lists', () => {
  it('hands filters on: repeated, booleans, addresses, tags, either name of the project', async () => {
    const { ask, core } = fakeApp()
    const query = [
      'name=a&name=b&admin_state_up=1',
      `tenant_id=${DEMO}&mac_address=FA:16:3E:00:00:01`,
      'fixed_ips=ip_address=2001:DB8::1&fixed_ips=subnet_id=s',
      'tags=red,blue&not-tags-any=x&description=',
    ].join('&')
    const reply = await ask('GET', `/v2.0/ports?${query}`)
    assert.equal(reply.status, 200)
    assert.deepEqual(core.collections.ports!.lastList!.filters, {
      name: ['a', 'b'],
      admin_state_up: ['true'],
      project_id: [DEMO],
      mac_address: ['fa:16:3e:00:00:01'],
      fixed_ips: ['ip_address=2001:db8::1', 'subnet_id=s'],
      tags: ['red', 'blue'],
      'not-tags-any': ['x'],
      description: [''],
    })
  })

  it('shows the fields that were asked for', async () => {
    const { ask, core } = fakeApp()
    core.collections.networks!.add({ id: 'n1', name: 'a', project_id: OTHER, subnets: ['s'] })
    const reply = await ask('GET', '/v2.0/networks.json?fields=id&fields=subnets')
    assert.deepEqual(reply.body, { networks: [{ id: 'n1', subnets: ['s'] }] })
    assert.deepEqual((await ask('GET', '/v2.0/networks/n1?fields=name')).body, { network: { name: 'a' } })
  })

  const refusals: readonly [string, string][] = [
    ['nope=1', "['nope'] is invalid attribute for filtering"],
    ['sort_key=name', 'The number of sort_keys and sort_dirs must be same'],
    ['sort_key=subnets&sort_dir=asc', "['subnets'] is invalid attribute for sort_keys"],
    ['sort_key=name&sort_dir=up', "['up'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'"],
    ['limit=-1', "Limit must be an integer 0 or greater and not '-1'"],
  ]
  for (const [query, message] of refusals) {
    it(`refuses ?${query}`, async () => {
      const reply = await fakeApp().ask('GET', `/v2.0/networks?${query}`)
      assert.deepEqual([reply.status, reply.body.NeutronError.message], [400, message])
    })
  }

  it('sorts and pages, with links as long as there may be more', async () => {
    const { ask, core } = fakeApp()
    for (const id of ['n1', 'n2', 'n3']) core.collections.networks!.add({ id, name: id, project_id: OTHER })
    const first = await ask('GET', '/v2.0/networks?limit=2&sort_key=name&sort_dir=desc&fields=id')
    assert.deepEqual(core.collections.networks!.lastList!.sort, [{ key: 'name', dir: 'desc' }])
    const [next, previous] = first.body.networks_links
    assert.equal(
      next.href,
      'http://localhost:80/v2.0/networks?limit=2&sort_key=name&sort_dir=desc&fields=id&marker=n2'.replace(':80', ':80'),
    )
    assert.match(previous.href, /marker=n1&page_reverse=True$/)
    const second = await ask('GET', new URL(next.href).pathname + new URL(next.href).search)
    assert.deepEqual(second.body.networks, [{ id: 'n3' }])
    assert.deepEqual(
      second.body.networks_links.map((link: { rel: string }) => link.rel),
      ['previous'],
    )
    const empty = await ask('GET', '/v2.0/networks?limit=1&marker=n3')
    assert.deepEqual(empty.body.networks, [])
    assert.match(empty.body.networks_links[0].href, /\?limit=1&page_reverse=True$/)
    await ask('GET', '/v2.0/networks?limit=2&marker=n3&page_reverse=True')
    assert.equal(core.collections.networks!.lastList!.reverse, true)
    assert.ok(!('networks_links' in (await ask('GET', '/v2.0/networks')).body))
  })

  it('sends a long list in pieces, which is the same list', async () => {
    const { ask, core } = fakeApp()
    const networks = Array.from({ length: 1001 }, (_, i) => ({ id: `n${i}`, name: `ä${i}`, project_id: OTHER }))
    for (const network of networks) core.collections.networks!.add(network)
    const whole = await ask('GET', '/v2.0/networks?fields=id&fields=name')
    assert.equal(whole.headers['transfer-encoding'], 'chunked')
    assert.match(String(whole.headers['content-type']), /^application\/json/)
    const shown = networks.map(({ id, name }) => ({ id, name }))
    assert.deepEqual(whole.body.networks.toSorted(byNumber), shown)
    const paged = await ask('GET', '/v2.0/networks?limit=1001&fields=id')
    assert.equal(paged.body.networks.length, 1001)
    assert.deepEqual(
      paged.body.networks_links.map(({ rel }: { rel: string }) => rel),
      ['next', 'previous'],
    )
  })

  it('caps pages at pagination_max_limit', async () => {
    const { ask, core } = fakeApp({ paginationMaxLimit: 5 })
    for (const [query, limit] of [
      ['', 5],
      ['?limit=0', 5],
      ['?limit=3', 3],
      ['?limit=9', 5],
    ] as const) {
      await ask('GET', `/v2.0/networks${query}`)
      assert.equal(core.collections.networks!.lastList!.limit, limit)
    }
  })
})
