/**
 * Passes connections of an inherited listening socket (descriptor 3) on: `relay.js HOST PORT`. A lab's API sockets are on the
 * machine's loopback; what cannot take over a socket is reached from there by this process, which runs on the node.
 */
import { connect, createServer, type Socket } from 'node:net'

const INHERITED = 3

const [host, port] = [process.argv[2], Number(process.argv[3])]

/** The other side is asked when there is something to say to it: a server with one thread would wait for it. */
function pass(client: Socket): void {
  client.once('data', (first) => {
    client.pause()
    const server = connect({ host, port, noDelay: true })
    server.on('error', () => client.destroy())
    client.on('error', () => server.destroy())
    server.once('connect', () => {
      server.write(first)
      client.pipe(server).pipe(client)
    })
  })
  client.on('error', () => client.destroy())
}

createServer({ noDelay: true }, pass).listen({ fd: INHERITED })
