import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { Revisions } from '../../src/api/revisions.js'
import { BusClient } from '../../src/bus/client.js'
import type { ServerMessage } from '../../src/bus/contracts/messages.js'
import { HostView } from '../../src/bus/contracts/view.js'
import { startBus } from '../../src/bus/server.js'
import { addressesOf, admin, TestCloud } from '../../src/core/testing/cloud.js'
import { createDatabase } from '../../src/core/testing/database.js'
import { Cluster, postgresqlBinaries } from '../../src/lab/services/postgresql.js'
import { openStore } from '../../src/store/open.js'
import { until } from '../lib/agent-sandbox.js'

const log = pino({ level: 'silent' })
const ROOT = join(import.meta.dirname, '../..')
const skip = process.getuid?.() === 0 && postgresqlBinaries() ? false : 'needs root and PostgreSQL'

const ACTOR = { requestId: 'r', userId: 'u', projectId: 'p' }

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const argv = ['--import', 'tsx', ...args]
  return spawn(process.execPath, argv, { cwd: ROOT, env: { ...process.env, ...env, NODE_TEST_CONTEXT: undefined } })
}

/** Runs a process of this installation to its end; its standard output. */
async function node(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = start(args, env)
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  assert.equal(code, 0, output + errors)
  return output
}

/** The tests of these parts that work on a database; those of the API's description look at forms alone. */
function suites(...parts: readonly string[]): string[] {
  return parts.flatMap((part) =>
    readdirSync(join(ROOT, part), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts'))
      .map((path) => join(part, path))
      .filter((path) => part !== 'src/api' || readFileSync(join(ROOT, path), 'utf8').includes('TestCloud'))
      .filter((path) => !path.includes('/openapi/')),
  )
}

/** The change log is without gaps, and has each of `ports` ports once. */
async function hasLogOf({ store }: TestCloud, ports: number): Promise<void> {
  const { revision } = await store.load()
  await until('it has heard of all', () => store.revision === revision)
  const changes = await store.since(0)
  assert.deepEqual(
    changes.map((change) => change.revision),
    changes.map((_, i) => i + 1),
  )
  assert.equal(changes.filter(({ kind }) => kind === 'port').length, ports)
}

describe('PostgreSQL', { skip }, () => {
  let cluster: Cluster
  before(async () => {
    cluster = await Cluster.start()
  })
  after(() => cluster.close())

  /** Two servers on one new database. */
  async function servers(run: (a: TestCloud, b: TestCloud, url: string) => Promise<void>): Promise<void> {
    const url = await createDatabase(cluster.url())
    // both find an empty database, and both want to make the tables
    const [a, b] = (await Promise.all([openStore(url), openStore(url)])).map((store) =>
      TestCloud.on(store, '[quotas]\nquota_port = -1\n'),
    ) as [TestCloud, TestCloud]
    try {
      await run(a, b, url)
    } finally {
      await a.close()
      await b.close()
    }
  }

  it("passes the store's, the core's and the API's own tests, from networks to floating IPs", async () => {
    const written = async () => {
      const store = await openStore(cluster.url())
      const { rows } = await store.read((db) =>
        sql<{ n: string }>`select pg_current_wal_lsn() - '0/0' as n`.execute(db),
      )
      await store.close()
      return Number(rows[0]!.n)
    }
    const start = await written()
    const files = suites('src/store', 'src/core', 'src/api')
    assert.ok(files.length > 10)
    await node(['--test', '--test-concurrency=2', '--test-timeout=120000', ...files], {
      EASTWEST_TEST_POSTGRESQL: cluster.url(),
      // a seeded part of what they try on SQLite
      FUZZ_CASES: '20',
    })
    assert.ok((await written()) - start > 10_000_000, 'the tests ran on another database')
  })

  it('lets two servers shorten the change log at the same time, while both go on', async () => {
    await servers(async (a, b) => {
      const { network } = await a.network('10.0.0.0/22')
      for (let i = 0; i < 40; i++) await a.port(network.id)
      const last = a.store.revision
      const age = sql`update change_log set time = '2000-01-01T00:00:00Z'`
      await a.store.transaction(ACTOR, (tx) => age.execute(tx.db))
      const pruned = Promise.all([a.store.prune(1), b.store.prune(1)])
      const made = Promise.all([a.port(network.id), b.port(network.id)])
      const [one, other] = await pruned
      // the last record stays, be it an old one or one of the new ones
      assert.ok([last - 1, last].includes(one + other), `${one} and ${other} of ${last}`)
      const ids = (await made).map(({ id }) => id).sort()
      for (const { store } of [a, b]) {
        await until('both are seen', () => store.revision === last + 2)
        const seen = await store.since(last)
        assert.deepEqual(
          [seen.map(({ revision }) => revision), seen.map(({ id }) => id).sort()],
          [[last + 1, last + 2], ids],
        )
      }
    })
  })

  it('gives every one of 200 ports made at once by two processes an address of its own', async () => {
    await servers(async (a, b, url) => {
      const { network } = await a.network('10.0.0.0/22')
      const storm = () => node(['test/lib/port-storm.ts', url, network.id, '100'])
      const addresses = (await Promise.all([storm(), storm()])).flatMap((text) => text.trim().split('\n'))
      assert.equal(addresses.length, 200)
      assert.equal(new Set(addresses).size, 200)
      const listed = (await b.list('ports')).flatMap(addressesOf)
      assert.deepEqual(listed.sort(), addresses.sort())
      await hasLogOf(b, 200)
      await until('server a heard of all', () => a.store.revision === b.store.revision)
    })
  })

  it('tells each server within 100 ms what the other has committed, in order', async () => {
    await servers(async (a, b) => {
      const { network } = await a.network()
      await until('server b is up to date', () => b.store.revision === a.store.revision)
      const delays: number[] = []
      for (let i = 0; i < 9; i++) {
        const [maker, other] = i % 2 === 0 ? [a, b] : [b, a]
        const from = other.store.revision
        const heard = new Promise<number>((resolve) => {
          const stop = other.store.onCommit(() => {
            stop()
            resolve(performance.now())
          })
        })
        const port = await maker.port(network.id)
        const committed = performance.now()
        delays.push((await heard) - committed)
        const changes = await other.store.since(from)
        assert.deepEqual(
          changes.map(({ revision, id }) => [revision, id]),
          [[from + 1, port.id]],
        )
      }
      // mostly: a machine with more to do may be late now and then
      const median = delays.toSorted((x, y) => x - y)[4]!
      assert.ok(median < 100, `${delays.join(', ')} ms`)
    })
  })

  it('keeps what a killed server had told as made, and nothing half', async () => {
    await servers(async (a, b, url) => {
      const { network } = await a.network('10.0.0.0/20')
      const storm = start(['test/lib/port-storm.ts', url, network.id, '1500'])
      const ended = new Promise((resolve) => storm.once('close', resolve))
      let output = ''
      await new Promise<void>((resolve) => {
        storm.once('close', () => resolve())
        storm.stdout.on('data', (chunk) => {
          output += chunk
          if (output.split('\n').length > 40) resolve()
        })
      })
      storm.kill('SIGKILL')
      await ended
      const own = await b.port(network.id)
      const listed = await b.list('ports')
      const addresses = listed.flatMap(addressesOf)
      assert.ok(listed.length < 1500, 'it was faster than the kill')
      for (const told of output.split('\n').slice(0, -1)) assert.ok(addresses.includes(told), told)
      assert.deepEqual([addresses.length, new Set(addresses).size], [listed.length, listed.length])
      assert.ok(listed.every(({ security_groups }) => (security_groups as string[]).length === 1))
      assert.ok(addresses.includes(addressesOf(own)[0]!))
      await hasLogOf(b, listed.length)
    })
  })

  it('lets only those of a group fail that must, early or late, and gives their addresses to the others', async () => {
    await servers(async (a, b) => {
      const { network } = await a.network()
      const asked = [
        {},
        { network_id: 'none' },
        // refused before and after its row is written
        { fixed_ips: [{ ip_address: '10.9.9.9' }] },
        {},
        { fixed_ips: [{ ip_address: '192.168.1.3' }] },
        { mac_address: 'fa:16:3e:00:00:01' },
        { mac_address: 'fa:16:3e:00:00:01' },
        {},
      ]
      const outcomes = await Promise.allSettled(asked.map((attributes) => a.port(network.id, attributes)))
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.type : addressesOf(outcome.value))),
        [
          ['192.168.1.2'],
          'NetworkNotFound',
          'InvalidIpForNetwork',
          ['192.168.1.3'],
          'IpAddressInUse',
          ['192.168.1.4'],
          'MacAddressInUse',
          ['192.168.1.5'],
        ],
      )
      assert.equal((await b.list('ports')).length, 4)
      await hasLogOf(b, 4)
    })
  })

  it('knows in the next change what another server has changed, or anybody else', async () => {
    await servers(async (a, b) => {
      const { network } = await a.network()
      const made = async () => (await a.port(network.id)).port_security_enabled
      assert.deepEqual([await made(), await made()], [true, true])
      await b.collection('networks').update(admin, network.id, { port_security_enabled: false })
      assert.equal(await made(), false)
      // an address that the other has taken, and one that it has given back
      const [other] = addressesOf(await b.port(network.id))
      assert.deepEqual([other, addressesOf(await a.port(network.id))], ['192.168.1.5', ['192.168.1.6']])
      const [first] = await b.list('ports', admin, { filters: { fixed_ips: ['ip_address=192.168.1.3'] } })
      await b.collection('ports').delete(admin, first!.id)
      assert.deepEqual(addressesOf(await a.port(network.id)), ['192.168.1.3'])
      // no log tells of this one
      await b.store.transaction(ACTOR, (tx) => sql`update networks set port_security_enabled = 1`.execute(tx.db))
      assert.equal(await made(), true)
    })
  })

  it('tells no change as made that is lost with its connection, and makes none twice', async () => {
    await servers(async (a, _, url) => {
      const { network } = await a.network('10.0.0.0/20')
      const control = await openStore(url, { poolSize: 1 })
      const cut = sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`
      const names = Array.from({ length: 300 }, (_, i) => `port ${i}`)
      let open = names.length
      const made = Promise.all(
        names.map(async (name) => {
          const told = await a.port(network.id, { name }).then(
            () => true,
            () => false,
          )
          open -= 1
          return { name, told }
        }),
      )
      for (let cuts = 0; open > 0 && cuts < 12; cuts++) {
        const before = open
        await control.read((db) => cut.execute(db))
        await until('it goes on', () => open === 0 || open < before)
      }
      const outcomes = await made
      await control.close()
      const listed = await a.list('ports')
      for (const { name, told } of outcomes) {
        const count = listed.filter((port) => port.name === name).length
        assert.ok(told ? count === 1 : count <= 1, `${name}, told ${told ? 'made' : 'failed'}, is there ${count} times`)
      }
      assert.ok(outcomes.filter(({ told }) => told).length > 100)
      assert.equal(new Set(listed.flatMap(addressesOf)).size, listed.length)
      await hasLogOf(a, listed.length)
    })
  })

  it('leaves nothing of a create that faults, and lets the next one have its address', async () => {
    await servers(async (a, b) => {
      const { network } = await a.network()
      const before = await a.store.load()
      const asked = [{ network_id: network.id }, { network_id: network.id, fixed_ips: [{ ip_address: '10.9.9.9' }] }]
      await assert.rejects(a.collection('ports').create(admin, asked), /10\.9\.9\.9/)
      assert.deepEqual(await b.store.load(), before)
      assert.deepEqual(await b.list('ports'), [])
      assert.deepEqual(addressesOf(await b.port(network.id)), ['192.168.1.2'])
      // what PostgreSQL cannot keep or compare is the client's error, or no match
      await assert.rejects(a.port(network.id, { name: 'a\0b' }), { status: 400 })
      for (const filters of [{ revision_number: ['99999999999'] }, { revision_number: ['x'] }])
        assert.deepEqual(await b.list('ports', admin, { filters }), [])
      const segment = { 'provider:segmentation_id': ['no number'] }
      assert.deepEqual(await b.list('networks', admin, { filters: segment }), [])
    })
  })

  it('reads while others write, each read on one state', async () => {
    await servers(async (a, b) => {
      const { network } = await a.network()
      await a.store.transaction(admin, async (tx) => {
        await tx.db.insertInto('hosts').values({ host: 'held-back', dvr_mac: null }).execute()
        // more than the pool has connections
        const lists = await Promise.all(Array.from({ length: 30 }, (_, i) => (i % 2 ? a : b).list('networks')))
        assert.ok(lists.every((list) => list.length === 1))
      })
      await a.store.read(async (db) => {
        const count = () => db.selectFrom('ports').select('id').execute()
        assert.equal((await count()).length, 0)
        await b.port(network.id)
        assert.equal((await count()).length, 0)
      })
      assert.equal((await a.list('ports')).length, 1)
      await assert.rejects(
        a.store.read((db) => db.deleteFrom('ports').execute()),
        /read-only/,
      )
    })
  })

  it('runs a transaction again whose connection was lost, once', async () => {
    await servers(async (a) => {
      let runs = 0
      await a.store.transaction(admin, async (tx) => {
        runs += 1
        await tx.db.insertInto('hosts').values({ host: 'compute1', dvr_mac: null }).execute()
        tx.touch('host', 'compute1')
        if (runs === 1) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx.db)
      })
      assert.equal(runs, 2)
      assert.equal((await a.store.since(0)).length, 1)
    })
  })

  it('goes on when PostgreSQL is restarted: requests wait, servers hear of each other again', async () => {
    await servers(async (a, b) => {
      const { network } = await a.network()
      await cluster.stopServer()
      const waiting = Promise.all([a.port(network.id), b.port(network.id), a.list('networks')])
      await cluster.startServer()
      const [one, two, list] = await waiting
      assert.deepEqual([...addressesOf(one), ...addressesOf(two)].sort(), ['192.168.1.2', '192.168.1.3'])
      assert.equal(list.length, 1)
      await until('both know everything', () => a.store.revision === b.store.revision)
      await a.port(network.id)
      await until('server b follows again', () => b.store.revision === a.store.revision)
    })
  })

  it('lets servers ask each other, however long the answer, and does not wait for one that hangs', async () => {
    await servers(async (a, b, url) => {
      const [asking, answering] = [a.store.peers!, b.store.peers!]
      const long = Array.from({ length: 3_000 }, (_, i) => `höst${i}`)
      answering.answer(() => long)
      assert.deepEqual(await asking.ask(), [long])
      const third = await openStore(url)
      third.peers!.answer(() => 'third')
      assert.deepEqual((await asking.ask()).map((answer) => (answer === 'third' ? answer : 'long')).sort(), [
        'long',
        'third',
      ])
      answering.answer(() => {
        throw new Error('it is not itself')
      })
      assert.deepEqual(await asking.ask(), ['third', null])
      await third.close()
      await b.store.close()
      await until('nobody else is there', async () => (await asking.ask()).length === 0)
    })
  })

  it('serves agents at either server', async () => {
    const at = (port: number) => ({ scheme: 'stream', host: '127.0.0.1', port, secret: 's' }) as const
    await servers(async (a, b) => {
      const [busA, busB] = (await Promise.all(
        [a, b].map(({ store, built }) =>
          startBus({ source: store, sink: built.reports, transport: at(0), bindHost: '127.0.0.1', name: 'test', log }),
        ),
      )) as [Awaited<ReturnType<typeof startBus>>, Awaited<ReturnType<typeof startBus>>]
      const streams = [busA, busB].map(({ port }, i) => {
        const host = `compute${i + 1}`
        const client = new BusClient(at(port!), { host, binary: 'neutron-openvswitch-agent' }, log)
        const view = new HostView()
        client.on('message', (message: ServerMessage) => view.apply(message))
        client.start()
        return { client, view, host }
      })
      try {
        await a.ovsHost('compute1', '10.0.1.31')
        await b.ovsHost('compute2', '10.0.1.32')
        const { network } = await b.network()
        const made = await Promise.all(
          streams.map(({ host }) =>
            a.port(network.id, { 'binding:host_id': host, device_owner: 'compute:nova' }, admin),
          ),
        )
        for (const [i, { client, view }] of streams.entries()) {
          await until('the agent knows its port', () => view.get('port', made[i]!.id) !== undefined)
          client.send({ type: 'ports', aspect: 'l2', complete: true, ready: [made[i]!.id], gone: [] })
        }
        for (const { id } of made) {
          await until('the port is ACTIVE for both servers', async () =>
            [await a.show('ports', id), await b.show('ports', id)].every(({ status }) => status === 'ACTIVE'),
          )
        }
        // each agent says to its server how far it is, and every server tells it of both
        const revisions = [a, b].map(
          ({ store, built }, i) => new Revisions(built.reports, [busA, busB][i]!, store.peers),
        )
        const last = a.store.revision
        for (const { client } of streams) client.send({ type: 'applied', revision: last, errors: [] })
        for (const each of revisions) {
          await until('all agents are known', async () => {
            const { applied, told, touched } = await each.standing()
            const hosts = applied.filter(({ revision }) => revision === last).map(({ host }) => host)
            return hosts.sort().join() === 'compute1,compute2' && told === last && Object.keys(touched).length === 2
          })
        }
      } finally {
        for (const { client } of streams) client.stop()
        await busA.close()
        await busB.close()
      }
    })
  })
})
