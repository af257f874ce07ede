import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import WebSocket from 'ws'
import { BusClient } from './client.js'
import type { ServerMessage } from './contracts/messages.js'
import { HostView } from './contracts/view.js'
import { FakeSource, notingSink } from './fake-source.fake.js'
import { IDS, instancePort, scenarioCloud } from './projection/scenario-cloud.fake.js'
import { type Bus, startBus } from './server.js'

const log = pino({ level: 'silent' })

const address = (port: number, secret = 's3') => ({ scheme: 'stream', host: '127.0.0.1', port, secret }) as const
const url = (bus: Bus, secret?: string) => address(bus.port!, secret)
const listen = { transport: address(0), bindHost: '127.0.0.1', name: 'test', log }

async function withBus(run: (bus: Bus, source: FakeSource, seen: unknown[]) => Promise<void>): Promise<void> {
  const source = new FakeSource(scenarioCloud())
  const seen: unknown[] = []
  const bus = await startBus({ source, sink: notingSink(seen), ...listen })
  try {
    await run(bus, source, seen)
  } finally {
    await bus.close()
  }
}

async function next(client: BusClient): Promise<ServerMessage> {
  return (await once(client, 'message'))[0] as ServerMessage
}

describe('bus', () => {
  it('sends a snapshot, then only changes of the host', async () => {
    await withBus(async (bus, source) => {
      const client = new BusClient(url(bus), { host: 'compute1', binary: 'test' }, log)
      const view = new HostView()
      client.on('message', (message) => view.apply(message))
      client.start()
      assert.equal((await next(client)).type, 'snapshot')
      source.commit(instancePort('0e0000', '10.9.9.9', null, { networkId: 'elsewhere', securityGroups: [] }))
      source.commit(instancePort('0a0000', '192.168.1.7', 'compute2'))
      const change = await next(client)
      assert.equal(change.type, 'change')
      assert.equal(change.revision, 2)
      assert.equal(view.get('neighbour', '0a0000')?.host, 'compute2')
      assert.equal(bus.touched().compute1, 2)
      client.stop()
    })
  })

  it('continues where an agent stopped, without repeating what it has', async () => {
    await withBus(async (bus, source) => {
      const client = new BusClient(url(bus), { host: 'compute1', binary: 'test' }, log)
      client.start()
      await next(client)
      // the stream breaks; the client reconnects by itself and names its position
      const broken = once(client, 'connected')
      client.interrupt()
      await broken
      source.commit(instancePort('0b0000', '192.168.1.8', 'compute2'))
      const change = await next(client)
      assert.equal(change.type, 'change')
      assert.deepEqual(
        (change as { put: readonly { id: string }[] }).put.map(({ id }) => id).filter((id) => id === '0b0000'),
        ['0b0000'],
      )
      client.stop()
    })
  })

  it('reads everything anew when the log no longer has what came after its last look', async () => {
    await withBus(async (bus, source) => {
      const client = new BusClient(url(bus), { host: 'compute1', binary: 'test' }, log)
      const view = new HostView()
      client.on('message', (message) => view.apply(message))
      client.start()
      await next(client)
      source.commitUnseen(
        instancePort('0a0000', '192.168.1.7', 'compute2'),
        instancePort('0b0000', '192.168.1.8', 'compute2'),
      )
      source.commit(instancePort('0c0000', '192.168.1.9', 'compute2'))
      const change = await next(client)
      assert.deepEqual([change.type, change.revision], ['change', 3])
      const known = ['0a0000', '0b0000', '0c0000'].map((id) => view.get('neighbour', id)?.host)
      assert.deepEqual(known, ['compute2', 'compute2', 'compute2'])
      client.interrupt()
      await once(client, 'connected')
      source.commit(instancePort('0d0000', '192.168.1.10', 'compute2'))
      assert.equal((await next(client)).revision, 4)
      assert.equal(bus.projected(), 4)
      client.stop()
    })
  })

  it('hands reports to the sink in order and refuses agents without the secret', async () => {
    await withBus(async (bus, _source, seen) => {
      const stranger = new BusClient(url(bus, 'wrong'), { host: 'compute1', binary: 'test' }, log)
      let admitted = false
      stranger.on('connected', () => {
        admitted = true
      })
      stranger.start()
      const client = new BusClient(url(bus), { host: 'network1', binary: 'test' }, log)
      client.start()
      await next(client)
      client.send({ type: 'applied', revision: 7, errors: [] })
      client.send({ type: 'ports', aspect: 'l2', complete: true, ready: [IDS.router], gone: [] })
      while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve))
      assert.deepEqual(
        seen.map((args) => (args as unknown[]).at(-1)).map((message) => (message as { type: string }).type),
        ['applied', 'ports'],
      )
      assert.equal(admitted, false)
      client.stop()
      stranger.stop()
    })
  })

  it('ends a stream that speaks no sense, and serves the others', async () => {
    await withBus(async (bus) => {
      const headers = { authorization: 'Bearer s3' }
      for (const [path, text] of [
        ['/v1/hosts/compute1', 'no json'],
        ['/v1/hosts/compute1', 'null'],
        ['/v1/hosts/%zz', '{}'],
        ['/elsewhere', '{}'],
      ] as const) {
        const socket = new WebSocket(`ws://127.0.0.1:${bus.port}${path}`, { headers })
        socket.on('open', () => socket.send(text))
        socket.on('error', () => {})
        await once(socket, 'close')
      }
      const client = new BusClient(url(bus), { host: 'compute1', binary: 'test' }, log)
      client.start()
      assert.equal((await next(client)).type, 'snapshot')
      client.stop()
    })
  })

  it('makes an agent repeat a report that could not be kept', async () => {
    const seen: unknown[] = []
    const kept = notingSink(seen)
    const away = async () => {
      kept.portsReady = notingSink(seen).portsReady
      throw new Error('the database is away')
    }
    const failing = Object.assign(kept, { portsReady: away })
    const bus = await startBus({ source: new FakeSource([]), sink: failing, ...listen })
    const client = new BusClient(url(bus), { host: 'compute1', binary: 'test' }, log)
    client.on('connected', () =>
      client.send({ type: 'ports', aspect: 'l2', complete: true, ready: [IDS.router], gone: [] }),
    )
    client.start()
    await once(client, 'disconnected')
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    client.stop()
    await bus.close()
  })
})
