import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { NovaClient } from '../agents/metadata/nova-client.js'
import { HttpClient } from './http.js'

/** A server that keeps every connection open and closes it when it is used a second time. */
let server: Server
let port: number
let connections = 0
const sockets = new Set<Socket>()

before(async () => {
  server = createServer((socket) => {
    connections++
    sockets.add(socket)
    let asked = 0
    socket.on('error', () => {})
    socket.on('data', () => {
      if (++asked > 1) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=60\r\n\r\nok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
after(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

test('a request that meets a connection just closed is repeated over a new one', async () => {
  const client = new HttpClient()
  const get = () => client.send({ method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {} })
  // two connections are kept, both of which are closed when they are used again
  await Promise.all([get(), get()])
  assert.equal((await get()).body, 'ok')
  assert.equal(connections, 3)
  client.close()
})

test('so does the metadata agent', async () => {
  connections = 0
  const client = new NovaClient({ protocol: 'http', host: '127.0.0.1', port, insecure: false })
  const get = async () => {
    const answer = await client.send('GET', '/', {}, Buffer.alloc(0))
    answer.resume()
    await new Promise((resolve) => answer.once('end', resolve))
    return answer.statusCode
  }
  await Promise.all([get(), get()])
  assert.equal(await get(), 200)
  assert.equal(connections, 3)
  client.close()
})
