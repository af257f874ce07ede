#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/**
 * Programs for both ends of a long conversation. Each prints a line when it has begun, then answers every line on its
 * standard input with a line; it ends with its input.
 *
 *   server PORT                 takes one connection; both ends speak all the time, and
 *   client ADDRESS PORT         tell the number of bytes that came
 *   ping ADDRESS                pings twenty times a second; tells what came since it was asked last, as JSON
 */
const PATIENCE_MS = 5_000
const SPEAK_MS = 10

const [action, ...args] = process.argv.slice(2)
const actions: Record<string, (...args: string[]) => void | Promise<void>> = {
  server: (port) => {
    const server = createServer((socket) => {
      server.close()
      speak(socket)
    })
    server.listen(Number(port), () => begin('listening', () => String(heard)))
  },
  client: async (address, port) => {
    const socket = connect(Number(port), address!)
    socket.setTimeout(PATIENCE_MS, () => socket.connecting && socket.destroy(new Error(`${address} does not answer`)))
    await once(socket, 'connect')
    speak(socket)
    begin('connected', () => String(heard))
  },
  ping: (address) => {
    const ping = spawn('ping', ['-i', '0.05', address!], { stdio: ['ignore', 'pipe', 'inherit'] })
    let stretch = newStretch()
    createInterface({ input: ping.stdout }).on('line', (line) => {
      if (!line.includes('icmp_seq=') || line.includes('nreachable')) return
      if (line.includes('DUP!')) stretch.duplicates++
      else stretch.received++
      stretch.longestGapMs = Math.max(stretch.longestGapMs, performance.now() - stretch.last)
      stretch.last = performance.now()
    })
    process.on('exit', () => ping.kill())
    begin('started', () => {
      const { received, duplicates, longestGapMs, last } = stretch
      stretch = newStretch()
      const gap = Math.round(Math.max(longestGapMs, performance.now() - last))
      return JSON.stringify({ received, duplicates, longestGapMs: gap })
    })
  },
}

const newStretch = () => ({ received: 0, duplicates: 0, longestGapMs: 0, last: performance.now() })

let heard = 0

function speak(socket: Socket): void {
  socket.setNoDelay(true)
  socket.on('data', (data) => {
    heard += data.length
  })
  socket.on('error', () => {})
  // what cannot be sent waits in the kernel; not more than that
  const timer = setInterval(() => socket.writableNeedDrain || socket.write('x'), SPEAK_MS)
  socket.on('close', () => clearInterval(timer))
}

function begin(word: string, answer: () => string): void {
  process.stdout.write(`${word}\n`)
  const lines = createInterface({ input: process.stdin })
  lines.on('line', () => process.stdout.write(`${answer()}\n`))
  lines.on('close', () => process.exit())
}

const run = actions[action ?? '']
if (!run) throw new Error(`no such action: ${action}`)
Promise.resolve(run(...args)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
