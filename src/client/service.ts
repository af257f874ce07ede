import { ApiError, parseFault } from './errors.js'
import type { HttpClient, HttpReply } from './http.js'

export type QueryValue = string | number | boolean | readonly (string | number | boolean)[] | undefined
export type Query = Readonly<Record<string, QueryValue>>

/** What a service client needs from its session. */
export interface Authority {
  readonly http: HttpClient
  readonly userAgent: string
  /** null: send no token */
  token(): Promise<string | null>
  /** forgets the token that was refused; false when there is nothing to get another one with */
  renew(refused: string | null): boolean
  /** address that paths are appended to, without a trailing slash */
  root(): Promise<string>
}

export interface CallOptions {
  readonly query?: Query
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One service's API. A 401 renews the token once; a status of 400 or above throws ApiError. */
export class ServiceClient {
  readonly #authority: Authority

  constructor(authority: Authority) {
    this.#authority = authority
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.call<T>('GET', path, { query })
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.call<T>('POST', path, { body })
  }

  put<T>(path: string, body?: unknown): Promise<T> {
    return this.call<T>('PUT', path, { body })
  }

  patch<T>(path: string, body?: unknown): Promise<T> {
    return this.call<T>('PATCH', path, { body })
  }

  async delete(path: string, query?: Query): Promise<void> {
    await this.call('DELETE', path, { query })
  }

  /** The same service with a client's token, which is never renewed. */
  as(token: string): ServiceClient {
    return new ServiceClient({ ...this.#authority, token: async () => token, renew: () => false })
  }

  /** Parsed JSON of the reply; null when it has no body. `path` may also be a whole address (a `next` link). */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const url = await this.#url(path, options.query)
    const reply = await this.#request(method, url, options)
    if (reply.status >= 400) throw failure(reply, url)
    return (reply.body === '' ? null : JSON.parse(reply.body)) as T
  }

  /** The reply as it came, whatever its status, for those who have their own words for failures. */
  async send(method: string, path: string, options: CallOptions = {}): Promise<HttpReply> {
    return this.#request(method, await this.#url(path, options.query), options)
  }

  async #url(path: string, query?: Query): Promise<string> {
    const address = /^https?:\/\//.test(path) ? path : (await this.#authority.root()) + path
    return address + queryString(query)
  }

  async #request(method: string, url: string, options: CallOptions): Promise<HttpReply> {
    const token = await this.#authority.token()
    const reply = await this.#exchange(method, url, options, token)
    if (reply.status !== 401 || !this.#authority.renew(token)) return reply
    return this.#exchange(method, url, options, await this.#authority.token())
  }

  #exchange(method: string, url: string, options: CallOptions, token: string | null): Promise<HttpReply> {
    const headers: Record<string, string> = { Accept: 'application/json', 'User-Agent': this.#authority.userAgent }
    if (options.body !== undefined) headers['Content-Type'] = 'application/json'
    if (token !== null) headers['X-Auth-Token'] = token
    const body = options.body === undefined ? undefined : JSON.stringify(options.body)
    return this.#authority.http.send({ method, url, headers: { ...headers, ...options.headers }, body })
  }
}

function failure(reply: HttpReply, url: string): ApiError {
  const requestId = reply.headers['x-openstack-request-id'] ?? reply.headers['x-compute-request-id'] ?? ''
  return new ApiError({ status: reply.status, ...parseFault(reply.status, reply.body), url, requestId })
}

/** `?a=1&b=2&b=3`; empty when there is nothing to ask. A list repeats its name. */
export function queryString(query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}
