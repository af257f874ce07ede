import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { registerL3 } from './l3/register.js'
import type { Attributes, Resource } from './service.js'
import { admin, member, TestCloud } from './testing/cloud.js'

const demo = member('demo')
const prefixes = ['10.0.0.0/16']

describe('a stored collection', () => {
  let cloud: TestCloud
  let networkId: string
  let portId: string
  before(async () => {
    cloud = await TestCloud.open('', [registerL3])
    networkId = (await cloud.network()).network.id
    portId = (await cloud.port(networkId)).id
  })
  after(() => cloud.close())

  /** Attributes of a new object, by collection: those whose objects have revisions. */
  const revised: Readonly<Record<string, () => Attributes>> = {
    networks: () => ({}),
    subnets: () => ({ network_id: networkId, ip_version: 4, cidr: '192.168.2.0/24' }),
    ports: () => ({ network_id: networkId }),
    security_groups: () => ({}),
    address_groups: () => ({ addresses: prefixes }),
    subnetpools: () => ({ prefixes }),
    policies: () => ({}),
    routers: () => ({}),
    trunks: () => ({ port_id: portId }),
    local_ips: () => ({ network_id: networkId }),
    logs: () => ({ resource_type: 'security_group' }),
    segments: () => ({ network_id: networkId, network_type: 'vxlan' }),
  }

  const make = (name: string, attributes: Attributes): Promise<Resource> =>
    cloud.create(name, { name: 'new', ...attributes }, name === 'segments' ? admin : demo)

  for (const [name, attributes] of Object.entries(revised)) {
    it(`of ${name} changes and deletes what the caller has seen, or nothing`, async () => {
      const { id, revision_number: seen } = await make(name, attributes())
      const collection = cloud.collection(name)
      const ctx = name === 'segments' ? admin : demo
      const changed = await collection.update(ctx, id, { name: 'changed' }, Number(seen))
      assert.deepEqual([changed.name, changed.revision_number], ['changed', Number(seen) + 1])
      const late = { status: 412, message: `Constrained to ${seen}, but current revision is ${Number(seen) + 1}` }
      await assert.rejects(collection.update(ctx, id, { name: 'late' }, Number(seen)), late)
      await assert.rejects(collection.delete(ctx, id, Number(seen)), late)
      assert.equal((await cloud.show(name, id)).name, 'changed')
      await collection.delete(ctx, id, Number(changed.revision_number))
      await assert.rejects(collection.update(ctx, id, { name: 'gone' }), { status: 404 })
      await assert.rejects(collection.delete(ctx, id), { status: 404 })
    })
  }

  it('hides from other projects what it would change or delete', async () => {
    const other = member('other')
    for (const name of ['networks', 'security_groups', 'routers', 'logs']) {
      const { id } = await make(name, revised[name]!())
      await assert.rejects(cloud.collection(name).update(other, id, { name: 'theirs' }), { status: 404 }, name)
      await assert.rejects(cloud.collection(name).delete(other, id), { status: 404 }, name)
      assert.equal((await cloud.show(name, id)).name, 'new')
    }
  })

  it('asks nothing by revision of objects that have none', async () => {
    const { id } = await make('address_scopes', { ip_version: 4 })
    const scopes = cloud.collection('address_scopes')
    assert.equal((await scopes.update(demo, id, { name: 'changed' }, 7)).name, 'changed')
    await scopes.delete(demo, id, 7)
  })

  it('says of a collection without updates that it has none, whatever is asked for', async () => {
    await assert.rejects(cloud.collection('metering_labels').update(admin, 'no-such-label', {}), { status: 405 })
  })
})
