import * as http from 'node:http'
import * as https from 'node:https'

export interface JsonResponse {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** null when there is none, or it is no JSON */
  readonly body: unknown
}

/** Requests to one service over kept connections. A request that gets no answer in `timeoutMs` fails. */
export class JsonClient {
  readonly #agent: http.Agent
  readonly #request: typeof http.request
  readonly #timeoutMs: number

  constructor(protocol: string, timeoutMs = 10_000) {
    const secure = protocol === 'https:'
    const options = { keepAlive: true, maxSockets: 16 }
    this.#agent = secure ? new https.Agent(options) : new http.Agent(options)
    this.#request = secure ? https.request : http.request
    this.#timeoutMs = timeoutMs
  }

  /** A kept connection that the service closed meanwhile is no failure of the service: such a request is sent again. */
  async send(method: string, url: string, headers: http.OutgoingHttpHeaders, body?: unknown): Promise<JsonResponse> {
    try {
      return await this.#once(method, url, headers, body)
    } catch (error) {
      if (!(error as { reusedSocket?: boolean }).reusedSocket) throw error
      return this.#once(method, url, headers, body)
    }
  }

  #once(method: string, url: string, headers: http.OutgoingHttpHeaders, body?: unknown): Promise<JsonResponse> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const json =
        text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
      const options = { method, agent: this.#agent, headers: { Accept: 'application/json', ...json, ...headers } }
      const request = this.#request(url, options, (response) => {
        readBody(response).then(
          (data) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: data }),
          reject,
        )
      })
      request.setTimeout(this.#timeoutMs, () => request.destroy(new Error(`no answer from ${new URL(url).host}`)))
      request.on('error', (error) => {
        const reset = (error as NodeJS.ErrnoException).code === 'ECONNRESET'
        reject(Object.assign(error, { reusedSocket: request.reusedSocket && reset }))
      })
      request.end(text)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

async function readBody(response: http.IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch {
    return null
  }
}
