#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { count, datagrams } from './datagrams.js'
import { ftpFetch, ftpServer } from './ftp.js'

/**
 * Small programs for both ends of a connection, run inside instances and nodes. Each prints what it found on standard
 * output; a server first prints `listening`, and ends when its standard input does. Exit code 1: the far end could not be reached or said something else.
 *
 *   whoami-server PORT          tells every caller the address it is seen under
 *   whoami ADDRESS PORT         asks such a server
 *   receive PORT                takes one connection and answers with the SHA-256 of what came
 *   send ADDRESS PORT BYTES     sends random bytes and compares the answer
 *   ftp-server PORT            calls back where callers tell it to (FTP in active mode)
 *   ftp ADDRESS PORT            has such a server call back, prints the address that it was told
 *   give PORT BYTES             sends as many bytes to every caller
 *   take ADDRESS PORT           takes all that such a server sends, prints how many bytes
 *   get URL                     the body of an HTTP answer
 *   echo PORT                   sends back what callers say
 *   talk ADDRESS PORT           says something to such a server twenty times a second in one connection, prints each answer
 *   datagrams ADDRESS PORT RATE COUNT   sends datagrams of one byte, as many a second
 *   count PORT                  counts datagrams, prints after each pause how many came and within how many milliseconds
 *   leash COMMAND …             runs it until standard input ends
 *   watch ADDRESS               prints the answers to a hundred pings a second, each with its time, until standard input ends
 */
const PATIENCE_MS = 5_000
const [action, ...args] = process.argv.slice(2)

const actions: Record<string, (...args: string[]) => void | Promise<void>> = {
  'whoami-server': (port) => {
    createServer((socket) => {
      socket.on('error', () => {})
      socket.end(String(socket.remoteAddress).replace(/^::ffff:/, ''))
    }).listen(Number(port), listening)
  },
  whoami: async (address, port) => {
    const socket = call(address!, port!)
    process.stdout.write(await text(socket))
  },
  receive: (port) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const hash = createHash('sha256')
      socket.on('data', (data) => hash.update(data))
      socket.on('end', () => socket.end(hash.digest('hex')))
      server.close()
    })
    server.listen(Number(port), listening)
  },
  send: async (address, port, bytes) => {
    const socket = call(address!, port!)
    const answer = text(socket)
    const data = randomBytes(Number(bytes))
    socket.end(data)
    const sent = createHash('sha256').update(data).digest('hex')
    const arrived = await answer
    if (arrived !== sent) throw new Error(`sent ${bytes} bytes with SHA-256 ${sent}, arrived ${arrived || 'nothing'}`)
    process.stdout.write(sent)
  },
  give: (port, bytes) => {
    createServer((socket) => {
      socket.on('error', () => {})
      socket.end(Buffer.alloc(Number(bytes)))
    }).listen(Number(port), listening)
  },
  take: async (address, port) => {
    let bytes = 0
    for await (const chunk of call(address!, port!)) bytes += (chunk as Buffer).length
    process.stdout.write(String(bytes))
  },
  'ftp-server': (port) => ftpServer(Number(port), listening),
  ftp: async (address, port) => {
    process.stdout.write(await ftpFetch(address!, Number(port)))
  },
  get: async (url) => {
    const request = http.get(url!, { signal: AbortSignal.timeout(PATIENCE_MS) })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`${url}: status ${response.statusCode}`)
    for await (const chunk of response) process.stdout.write(chunk)
  },
  echo: (port) => {
    createServer((socket) => {
      socket.on('error', () => {})
      socket.pipe(socket)
    }).listen(Number(port), listening)
  },
  talk: (address, port) => {
    const socket = connect({ host: address!, port: Number(port), noDelay: true })
    socket.on('error', () => {})
    socket.on('data', (data) => process.stdout.write(data))
    let said = 0
    setInterval(() => socket.write(`${said++}\n`), 50)
    process.stdin.resume().once('end', () => process.exit())
  },
  datagrams: (address, port, rate, count) => datagrams(address!, Number(port), Number(rate), Number(count)),
  count: (port) => count(Number(port)),
  leash: async (command, ...rest) => {
    await leashed(command!, rest)
  },
  watch: async (address) => {
    await leashed('ping', ['-D', '-n', '-i', '0.01', '-c', '12000', address!])
  },
}

/** Entering a pid namespace puts a process in between, which does not pass signals on: standard input is the leash. */
function listening(): void {
  process.stdin.resume().once('end', () => process.exit())
  process.stdout.write('listening\n')
}

async function leashed(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  process.stdin.resume().once('end', () => child.kill('SIGTERM'))
  await once(child, 'exit')
  process.exit()
}

function call(address: string, port: string): Socket {
  const socket = connect({ host: address, port: Number(port), allowHalfOpen: true })
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`${address} port ${port} does not answer`)))
  return socket
}

async function text(socket: Socket): Promise<string> {
  let all = ''
  for await (const chunk of socket) all += String(chunk)
  socket.end()
  return all
}

const run = actions[action ?? '']
if (!run) throw new Error(`no such action: ${action}`)
Promise.resolve(run(...args)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
