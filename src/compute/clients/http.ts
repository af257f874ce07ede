import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, Agent as TlsAgent } from 'node:https'

export interface JsonResponse {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface JsonRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

const TIMEOUT_MS = 60_000
const plain = new Agent({ keepAlive: true })
const tls = new TlsAgent({ keepAlive: true })

/** One JSON request over a kept connection. Resolves with any status; rejects when there is no answer. */
export function requestJson({ method, url, headers = {}, body }: JsonRequest, retry = true): Promise<JsonResponse> {
  const secure = url.startsWith('https:')
  const payload = body === undefined ? undefined : JSON.stringify(body)
  const content =
    payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? httpsRequest : httpRequest)(
      url,
      {
        method,
        agent: secure ? tls : plain,
        timeout: TIMEOUT_MS,
        headers: { accept: 'application/json', ...content, ...headers },
      },
      (response) =>
        collect(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parse(text) }),
          reject,
        ),
    )
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`${method} ${url}: no answer within ${TIMEOUT_MS / 1000} s`)),
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // the server closed a kept connection while we were about to use it: nothing was processed
      if (retry && outgoing.reusedSocket && error.code === 'ECONNRESET')
        resolve(requestJson({ method, url, headers, body }, false))
      else reject(error)
    })
    outgoing.end(payload)
  })
}

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function parse(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
