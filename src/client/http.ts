import { readFileSync } from 'node:fs'
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
  type RequestOptions,
} from 'node:http'
import type * as Https from 'node:https'
import { ConnectError } from './errors.js'

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface HttpOptions {
  /** milliseconds without a byte before a request is given up; none by default */
  readonly timeout?: number
  /** connections to one server at the same time; as many as there are requests by default */
  readonly maxSockets?: number
  /** repeat a request this often when the server cannot be reached */
  readonly retries?: number
  /** accept any server certificate */
  readonly insecure?: boolean
  /** PEM files */
  readonly cacert?: string
  readonly cert?: string
  readonly key?: string
  readonly onRequest?: (request: HttpRequest) => void
  readonly onReply?: (request: HttpRequest, reply: HttpReply) => void
}

interface Secure {
  readonly module: typeof Https
  readonly agent: Https.Agent
  readonly tls: Https.AgentOptions
}

/** HTTP over kept-alive connections. Idle connections do not keep the process alive. */
export class HttpClient {
  readonly #options: HttpOptions
  readonly #agent: Agent
  #https: Secure | null = null

  constructor(options: HttpOptions = {}) {
    this.#options = options
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.maxSockets })
  }

  /** Resolves with any reply, whatever its status; rejects with ConnectError when there is none. */
  async send(request: HttpRequest): Promise<HttpReply> {
    this.#options.onRequest?.(request)
    for (let attempt = 0; ; attempt++) {
      try {
        const reply = await this.#once(request)
        this.#options.onReply?.(request, reply)
        return reply
      } catch (error) {
        if (attempt < (this.#options.retries ?? 0)) continue
        throw new ConnectError(request.url, (error as Error).message)
      }
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy()
    this.#https?.agent.destroy()
  }

  /**
   * The server may close a kept-alive connection in the moment we reuse it: such a request was never seen. It is repeated
   * over a new connection, for the other kept ones may have been closed as well.
   */
  async #once(request: HttpRequest): Promise<HttpReply> {
    const first = await this.#open(request, true)
    try {
      return await exchange(first, request.body, this.#options.timeout)
    } catch (error) {
      if (!first.reusedSocket || (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
      return exchange(await this.#open(request, false), request.body, this.#options.timeout)
    }
  }

  async #open(request: HttpRequest, reuse: boolean): Promise<ClientRequest> {
    const length = request.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(request.body)) }
    const options: RequestOptions = {
      method: request.method,
      headers: { ...request.headers, ...length },
      // here and not by setTimeout of the request, which begins to count only when there is a connection
      timeout: this.#options.timeout,
    }
    if (!request.url.startsWith('https:')) return plainRequest(request.url, { ...options, agent: reuse && this.#agent })
    const https = await this.#secure()
    return https.module.request(request.url, { ...options, ...https.tls, agent: reuse && https.agent })
  }

  /** TLS is loaded only when an endpoint uses it: it would double the start-up time of a command. */
  async #secure(): Promise<Secure> {
    if (this.#https) return this.#https
    const module = await import('node:https')
    const { insecure, cacert, cert, key, maxSockets } = this.#options
    const pem = (file?: string) => (file ? readFileSync(file) : undefined)
    const tls = { rejectUnauthorized: !insecure, ca: pem(cacert), cert: pem(cert), key: pem(key) }
    this.#https = { module, tls, agent: new module.Agent({ keepAlive: true, maxSockets, ...tls }) }
    return this.#https
  }
}

function exchange(request: ClientRequest, body: string | undefined, timeout: number | undefined): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    request.once('error', reject)
    request.once('response', (response) => readReply(response).then(resolve, reject))
    if (timeout) request.once('timeout', () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)))
    request.end(body)
  })
}

function readReply(response: IncomingMessage): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('error', reject)
    response.once('aborted', () => reject(new Error('the connection was closed')))
    response.once('end', () => {
      const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]))
      resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8') })
    })
  })
}
