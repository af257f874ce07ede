import { performance } from 'node:perf_hooks'
import { Connection, type Reply } from './client.js'
import type { Server } from './server.js'

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

/** What a load came to. Times in milliseconds. */
export interface Figures {
  readonly requests: number
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
  /** processor time of the server for one request; unlike the others, this stays the same on a busy machine */
  readonly server_cpu_ms: number
  /** that of this load generator: if it comes near to a request's share of the time, it is what is measured */
  readonly client_cpu_ms: number
}

export interface Outcome {
  readonly figures: Figures
  readonly replies: readonly Reply[]
}

/** Several connections that share one list of requests. */
export class Clients {
  readonly #connections: readonly Connection[]
  readonly #server: Server

  private constructor(server: Server, connections: readonly Connection[]) {
    this.#server = server
    this.#connections = connections
  }

  static async open(server: Server, count: number): Promise<Clients> {
    const { port, token } = server
    const open = () => Connection.open(port, token)
    return new Clients(server, await Promise.all(Array.from({ length: count }, open)))
  }

  /** Carries out the requests, each connection taking the next one when it is free. Throws when one is answered by an error. */
  async run(requests: readonly Request[]): Promise<Outcome> {
    const times: number[] = []
    const replies = new Array<Reply>(requests.length)
    let next = 0
    const started = performance.now()
    const cpuBefore = this.#server.cpuMs()
    const ownBefore = process.cpuUsage()
    const work = async (connection: Connection) => {
      for (let i = next++; i < requests.length; i = next++) {
        const { method, path, body } = requests[i]!
        const sent = performance.now()
        const reply = await connection.request(method, path, body)
        times.push(performance.now() - sent)
        if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.status} ${reply.body.toString()}`)
        replies[i] = reply
      }
    }
    await Promise.all(this.#connections.map(work))
    const seconds = (performance.now() - started) / 1000
    const own = process.cpuUsage(ownBefore)
    const each = (cpuMs: number) => round(cpuMs / requests.length)
    const server_cpu_ms = each(this.#server.cpuMs() - cpuBefore)
    const client_cpu_ms = each((own.user + own.system) / 1000)
    return { replies, figures: { ...figuresOf(times, seconds), server_cpu_ms, client_cpu_ms } }
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }
}

function figuresOf(times: number[], seconds: number): Omit<Figures, 'server_cpu_ms' | 'client_cpu_ms'> {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (part: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!)
  return { requests: times.length, per_second: Math.round(times.length / seconds), p50_ms: at(0.5), p99_ms: at(0.99) }
}

const round = (value: number) => Math.round(value * 100) / 100
