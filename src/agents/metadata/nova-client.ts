import { Agent, type IncomingMessage, request } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'

export interface NovaAddress {
  readonly protocol: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** accept any certificate */
  readonly insecure: boolean
}

const TIMEOUT_MS = 60_000

/** Nova's metadata service, over connections that stay open. */
export class NovaClient {
  readonly #address: NovaAddress
  readonly #agent: Agent

  constructor(address: NovaAddress) {
    this.#address = address
    const options = { keepAlive: true, maxSockets: 64, timeout: TIMEOUT_MS }
    this.#agent =
      address.protocol === 'https'
        ? new TlsAgent({ ...options, rejectUnauthorized: !address.insecure })
        : new Agent(options)
  }

  /**
   * Resolves with nova's answer, its body unread; rejects when there is no answer. Nova may close a kept connection in the
   * moment it is used again: such a request is repeated over a new one.
   */
  async send(method: string, path: string, headers: Record<string, string>, body: Buffer): Promise<IncomingMessage> {
    try {
      return await this.#once(method, path, headers, body, false)
    } catch (error) {
      if (!(error as { stale?: boolean }).stale) throw error
      return this.#once(method, path, headers, body, true)
    }
  }

  #once(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: Buffer,
    fresh: boolean,
  ): Promise<IncomingMessage> {
    const { protocol, host, port, insecure } = this.#address
    const length = body.length > 0 ? { 'Content-Length': String(body.length) } : {}
    const options = {
      host,
      port,
      method,
      path,
      headers: { ...headers, ...length },
      // without an agent TLS takes its options from here
      agent: fresh ? false : this.#agent,
      rejectUnauthorized: !insecure,
      timeout: TIMEOUT_MS,
    }
    return new Promise((resolve, reject) => {
      const outgoing = protocol === 'https' ? tlsRequest(options) : request(options)
      outgoing.on('response', resolve)
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
      outgoing.on('error', (error: NodeJS.ErrnoException) =>
        reject(Object.assign(error, { stale: outgoing.reusedSocket && error.code === 'ECONNRESET' })),
      )
      outgoing.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
