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

  /** Resolves with nova's answer, its body unread; rejects when there is no answer. */
  send(method: string, path: string, headers: Record<string, string>, body: Buffer): Promise<IncomingMessage> {
    const { protocol, host, port } = this.#address
    const length = body.length > 0 ? { 'Content-Length': String(body.length) } : {}
    const options = {
      host,
      port,
      method,
      path,
      headers: { ...headers, ...length },
      agent: this.#agent,
      timeout: TIMEOUT_MS,
    }
    return new Promise((resolve, reject) => {
      const outgoing = protocol === 'https' ? tlsRequest(options) : request(options)
      outgoing.on('response', resolve)
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
