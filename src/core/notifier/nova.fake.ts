/** Identity and compute service in one process, with nova's own rules for external events (API 2.1 to 2.50, Antelope). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServerEvent } from './event.js'

const NAMES = ['network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted']
const STATUSES = ['failed', 'completed', 'in-progress']
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

type Json = Record<string, unknown>

/** Why nova answers 400 to a body; null when it takes it. */
function refusal(body: Json): string | null {
  const { events, ...others } = body
  if (Object.keys(others).length > 0) return 'Additional properties are not allowed'
  if (!Array.isArray(events) || events.length === 0) return 'events is too short'
  return events.map(eventRefusal).find((reason) => reason !== null) ?? null
}

function eventRefusal(event: Json): string | null {
  const { name, server_uuid, status, tag, ...others } = event
  if (Object.keys(others).length > 0) return 'Additional properties are not allowed'
  if (typeof server_uuid !== 'string' || !UUID.test(server_uuid)) return `${server_uuid} is not a 'uuid'`
  if (!NAMES.includes(name as string)) return `${name} is not one of ${NAMES}`
  if (status !== undefined && !STATUSES.includes(status as string)) return `${status} is not one of ${STATUSES}`
  return tag === undefined || (typeof tag === 'string' && tag.length <= 255) ? null : 'tag is too long'
}

export interface Endpoint {
  readonly interface: string
  readonly region_id: string
  /** what follows the address of this server */
  readonly path: string
  /** another server's address */
  readonly at?: string
}

export class FakeNova {
  /** events of each request that was taken */
  readonly requests: ServerEvent[][] = []
  /** bodies that were answered with 400 */
  readonly refused: unknown[] = []
  /** path of each request, whatever became of it */
  readonly paths: string[] = []
  /** instance -> its host, null while it has none */
  readonly instances = new Map<string, string | null>()
  endpoints: readonly Endpoint[] = [{ interface: 'public', region_id: 'RegionOne', path: '/v2.1' }]
  /** whether it knows a token */
  knows: (token: string) => boolean = (token) => token === 'the-token'
  /** so many requests for events are answered with 503 */
  unavailable = 0
  readonly #server: Server
  readonly #waiting: (() => void)[] = []

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** `[nova]` of neutron.conf. */
  config(extra = ''): string {
    return `[nova]\nauth_url = ${this.url}\nusername = nova\npassword = NOVA_PASS\nproject_name = service\n${extra}`
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** All events, when there are that many. */
  async events(count: number): Promise<ServerEvent[]> {
    await this.until(() => this.requests.flat().length >= count)
    return this.requests.flat()
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += chunk
    const body = JSON.parse(text) as Json
    if (request.url === '/v3/auth/tokens') this.#signIn(body, response)
    else this.#external(request, body, response)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  #signIn(body: Json, response: ServerResponse): void {
    const { identity } = body.auth as { identity: { password: { user: { password: string } } } }
    const ok = identity.password.user.password === 'NOVA_PASS'
    response.writeHead(ok ? 201 : 401, { 'x-subject-token': 'the-token' })
    const endpoints = this.endpoints.map(({ path, at = this.url, ...rest }) => ({ ...rest, url: `${at}${path}` }))
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    response.end(
      JSON.stringify({ token: { expires_at, user: { id: 'nova' }, catalog: [{ type: 'compute', endpoints }] } }),
    )
  }

  #external(request: IncomingMessage, body: Json, response: ServerResponse): void {
    this.paths.push(request.url!)
    if (!this.knows(String(request.headers['x-auth-token']))) return void response.writeHead(401).end()
    if (!request.url!.endsWith('/os-server-external-events')) return void response.writeHead(404).end()
    if (this.unavailable-- > 0) return void response.writeHead(503).end()
    const reason = refusal(body)
    if (reason !== null) {
      this.refused.push(body)
      return void response.writeHead(400).end(JSON.stringify({ badRequest: { code: 400, message: reason } }))
    }
    const events = body.events as ServerEvent[]
    this.requests.push(events)
    const answered = events.map((event) => ({ ...event, ...this.#outcome(event.server_uuid) }))
    response.writeHead(answered.every(({ code }) => code === 200) ? 200 : 207)
    response.end(JSON.stringify({ events: answered }))
  }

  #outcome(server: string): { code: number; status: string } {
    if (!this.instances.has(server)) return { code: 404, status: 'failed' }
    return this.instances.get(server) === null ? { code: 422, status: 'failed' } : { code: 200, status: 'completed' }
  }
}
