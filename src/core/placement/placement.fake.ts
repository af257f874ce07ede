import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Allocated = Record<string, { resources: Record<string, number> }>

interface Consumer {
  allocations: Allocated
  project_id: string
  user_id: string
  consumer_generation: number | null
}

/** What Placement does with allocations, and a Keystone that lets everybody in, on one port of this host. */
export class FakePlacement {
  readonly #server: Server
  readonly #consumers = new Map<string, Consumer>()
  /** by `PROVIDER CLASS`; what is not here has no end */
  readonly capacity = new Map<string, number>()
  /** runs before a PUT is looked at: somebody else's change */
  meanwhile: () => void = () => {}
  /** bodies of PUT requests that were carried out */
  readonly written: Consumer[] = []
  /** answered to all but sign-ins */
  failing: number | null = null

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async open(): Promise<FakePlacement> {
    const placement = new FakePlacement()
    await new Promise<void>((resolve) => placement.#server.listen(0, '127.0.0.1', resolve))
    return placement
  }

  /** For the server's configuration file. */
  get config(): string {
    return `[placement]\nauth_url = ${this.#url}/v3\nusername = neutron\npassword = secret\nproject_name = service\n`
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Allocates as nova does when it makes an instance, or anew. */
  allocate(consumer: string, amounts: Readonly<Record<string, Readonly<Record<string, number>>>>): void {
    const allocations = Object.fromEntries(
      Object.entries(amounts).map(([provider, resources]) => [provider, { resources: { ...resources } }]),
    )
    const generation = this.#consumers.get(consumer)?.consumer_generation ?? 0
    this.#store(consumer, { allocations, project_id: 'demo', user_id: 'user', consumer_generation: generation + 1 })
  }

  /** Amounts by provider and class; nothing when the consumer is gone. */
  held(consumer: string): Record<string, Record<string, number>> {
    const { allocations = {} } = this.#consumers.get(consumer) ?? {}
    return Object.fromEntries(Object.entries(allocations).map(([provider, { resources }]) => [provider, resources]))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const reply = (status: number, json?: unknown) => response.writeHead(status).end(json && JSON.stringify(json))
    if (request.url === '/v3/auth/tokens') {
      const endpoints = [{ interface: 'public', region_id: 'RegionOne', url: this.#url }]
      const catalog = [{ type: 'placement', endpoints }]
      const token = { expires_at: new Date(Date.now() + 3_600_000).toISOString(), user: { id: 'neutron' }, catalog }
      response.setHeader('x-subject-token', 'token')
      return void reply(201, { token })
    }
    if (this.failing !== null) return void reply(this.failing, error('placement.undefined_code', 'out of order'))
    const consumer = decodeURIComponent(request.url!.split('/')[2]!)
    if (request.method === 'GET') return void reply(200, this.#consumers.get(consumer) ?? { allocations: {} })
    this.meanwhile()
    reply(...this.#put(consumer, JSON.parse(body) as Consumer))
  }

  #put(consumer: string, asked: Consumer): [status: number, body?: unknown] {
    const generation = this.#consumers.get(consumer)?.consumer_generation ?? null
    if (asked.consumer_generation !== generation) return [409, error('placement.concurrent_update', 'generation')]
    if (!asked.project_id || !asked.user_id) return [400, error('placement.undefined_code', 'whose?')]
    if (!this.#fits(consumer, asked.allocations)) return [409, error('placement.undefined_code', 'over capacity')]
    this.written.push(asked)
    this.#store(consumer, { ...asked, consumer_generation: (generation ?? 0) + 1 })
    return [204]
  }

  #store(consumer: string, held: Consumer): void {
    if (Object.keys(held.allocations).length === 0) this.#consumers.delete(consumer)
    else this.#consumers.set(consumer, held)
  }

  #fits(consumer: string, asked: Allocated): boolean {
    const others = [...this.#consumers].filter(([id]) => id !== consumer).map(([, { allocations }]) => allocations)
    return [...this.capacity].every(([key, capacity]) => {
      const [provider, name] = key.split(' ') as [string, string]
      const amounts = [...others, asked].map((allocations) => allocations[provider]?.resources[name] ?? 0)
      return amounts.reduce((sum, amount) => sum + amount, 0) <= capacity
    })
  }
}

const error = (code: string, detail: string) => ({ errors: [{ status: 409, title: 'Conflict', detail, code }] })
