#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import http from 'node:http'

/**
 * Questions of an instance to the servers of its network; each prints the answer as JSON.
 *
 *   http URL REQUEST...         status and body of each HTTP answer; status 0: none in time. A request is a JSON list: a path, then
 *                               headers (`Name:value`)
 *   dhcp TO MAC ADDRESS         asks the DHCP server at TO (all: 255.255.255.255) to prolong the lease of an address that the
 *                               instance has; null: no answer
 */
const PATIENCE_MS = 3_000
const [action, ...args] = process.argv.slice(2)

const actions: Record<string, (...args: string[]) => Promise<unknown>> = {
  http: async (url, ...requests) => {
    const answers = []
    for (const request of requests) {
      const [path = '', ...headers] = JSON.parse(request) as string[]
      answers.push(await askHttp(new URL(path, url), headers))
    }
    return answers
  },
  dhcp: async (to, mac, address) => {
    const socket = createSocket('udp4')
    socket.bind(68, address)
    await once(socket, 'listening')
    socket.setBroadcast(true)
    // the answer to a broadcast comes to the address, too: the client has one (RFC 2131, 4.3.2)
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(2_000) }).catch(() => null)
    socket.send(renewRequest(mac!, address!), 67, to)
    const [message, from] = ((await answer) ?? [null, null]) as [Buffer | null, RemoteInfo | null]
    socket.close()
    return message && { from: from!.address, ...readReply(message) }
  },
}

async function askHttp(url: URL, headers: readonly string[]): Promise<{ status: number | undefined; body: string }> {
  // pairs, so that a header can be given twice
  const pairs = ['host', url.host, ...headers.flatMap((header) => header.split(/:(.*)/s).slice(0, 2))]
  try {
    const request = http.get(url, { headers: pairs as never, signal: AbortSignal.timeout(PATIENCE_MS) })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    let body = ''
    for await (const chunk of response) body += String(chunk)
    return { status: response.statusCode, body }
  } catch {
    return { status: 0, body: '' }
  }
}

/** DHCPREQUEST in state RENEWING or REBINDING (RFC 2131, table 5). */
function renewRequest(mac: string, address: string): Buffer {
  const message = Buffer.alloc(300)
  message.set([1, 1, 6, 0])
  message.writeUInt32BE(randomBytes(4).readUInt32BE(), 4)
  message.set(address.split('.').map(Number), 12)
  message.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), 28)
  message.set([0x63, 0x82, 0x53, 0x63, 53, 1, 3, 255], 236)
  return message
}

/** What a server's message says: ACK (5) or NAK (6), the address, the lease's seconds, the server's own address. */
function readReply(message: Buffer): Record<string, unknown> {
  const options = new Map<number, Buffer>()
  for (let at = 240; at < message.length && message[at] !== 255; at += 2 + message[at + 1]!)
    options.set(message[at]!, message.subarray(at + 2, at + 2 + message[at + 1]!))
  const type = options.get(53)?.[0]
  return {
    type: type === 5 ? 'ack' : type === 6 ? 'nak' : `type ${type}`,
    address: [...message.subarray(16, 20)].join('.'),
    lease: options.get(51)?.readUInt32BE() ?? 0,
    server: [...(options.get(54) ?? [])].join('.'),
  }
}

const run = actions[action ?? '']
if (!run) throw new Error(`no such action: ${action}`)
run(...args).then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  },
)
