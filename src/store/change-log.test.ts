import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { admin, member, TestCloud } from '../core/testing/cloud.js'
import type { CloudHost, CloudPort } from '../model/cloud.js'
import { openStore } from './open.js'

describe('change log', () => {
  it('has every change in order, with who asked for it, and equals the rows', async () => {
    const cloud = await TestCloud.open()
    let commits = 0
    cloud.store.onCommit(() => commits++)
    const { network, subnet } = await cloud.network()
    const port = await cloud.port(network.id)
    await cloud.collection('ports').update(member('demo'), port.id, { name: 'renamed' })
    const { revision, objects } = await cloud.store.load()
    const changes = await cloud.store.since(0)
    assert.deepEqual(
      changes.map((change) => change.revision),
      Array.from({ length: revision }, (_, i) => i + 1),
    )
    assert.equal(cloud.built.reports.currentRevision(), revision)
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['security_group', 'network', 'subnet', 'port', 'port'],
    )
    assert.equal(commits, 4)
    const recorded = objects.find(({ id }) => id === port.id) as CloudPort
    assert.deepEqual(recorded, changes.at(-1)!.value)
    assert.equal(recorded.name, 'renamed')
    assert.deepEqual(recorded.fixedIps, [{ subnetId: subnet.id, ip: '192.168.1.2' }])
    assert.equal(recorded.host, null)
    const log = await cloud.store.read((db) =>
      db.selectFrom('change_log').selectAll().where('object_id', '=', port.id).execute(),
    )
    assert.deepEqual(
      log.map(({ request_id, actor, project_id }) => [request_id, actor, project_id]),
      [
        ['req-1', 'user', 'demo'],
        ['req-1', 'user', 'demo'],
      ],
    )
    await cloud.collection('ports').delete(admin, port.id)
    assert.deepEqual(
      (await cloud.store.since(revision)).map(({ kind, id, value }) => [kind, id, value]),
      [['port', port.id, null]],
    )
    await cloud.close()
  })

  it('writes nothing for a heartbeat, for a repeated report, or for a change of what no host needs', async () => {
    const cloud = await TestCloud.open()
    await cloud.ovsHost('compute1')
    const [host] = (await cloud.store.load()).objects as CloudHost[]
    assert.match(host!.dvrMac!, /^fa:16:3f:/)
    assert.deepEqual(
      { ...host, dvrMac: null },
      {
        kind: 'host',
        id: 'compute1',
        dvrMac: null,
        tunnelIp: '10.0.1.31',
        tunnelMac: null,
        tunnelTypes: ['gre', 'vxlan'],
        bridgeMappings: { vlan: 'br-vlan', external: 'br-ex' },
        l3AgentId: null,
        l3Mode: null,
      },
    )
    const before = cloud.store.revision
    await cloud.ovsHost('compute1')
    await cloud.report('compute1', 'Metadata agent')
    assert.equal(cloud.store.revision, before)
    await cloud.report('compute1', 'L3 agent', { agent_mode: 'dvr' })
    const [after] = (await cloud.store.load()).objects as CloudHost[]
    assert.equal(after!.l3Mode, 'dvr')
    assert.equal(after!.dvrMac, host!.dvrMac)
    await cloud.close()
  })

  it('rolls back rows, revisions and records together', async () => {
    const cloud = await TestCloud.open()
    const { network } = await cloud.network()
    const before = await cloud.store.load()
    const ports = [{ network_id: network.id }, { network_id: network.id, fixed_ips: [{ ip_address: '10.0.0.1' }] }]
    await assert.rejects(cloud.collection('ports').create(member('demo'), ports))
    assert.deepEqual(await cloud.store.load(), before)
    assert.equal((await cloud.list('ports')).length, 0)
    await cloud.close()
  })

  it('is all there when the database is opened again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'store-'))
    const url = `sqlite:///${join(directory, 'neutron.sqlite')}`
    const first = await openStore(url)
    await first.transaction(admin, async (tx) => {
      await tx.db.insertInto('hosts').values({ host: 'compute1', dvr_mac: null }).execute()
      tx.touch('host', 'compute1')
    })
    const loaded = await first.load()
    await first.close()
    const second = await openStore(url)
    assert.equal(second.revision, 1)
    assert.deepEqual(await second.load(), loaded)
    await second.close()
    await rm(directory, { recursive: true })
  })
})
