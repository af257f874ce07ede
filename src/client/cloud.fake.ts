import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pluralKey, singularKey } from './network.js'

type Item = Record<string, unknown>

export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: unknown
  readonly token: string | undefined
}

/** Attributes of today's API that a Kilo client never saw; every resource has them. */
const MODERN = { description: '', tags: [], revision_number: 1, created_at: '2026-01-01T00:00:00Z' }

const DEFAULTS: Readonly<Record<string, Item>> = {
  networks: {
    admin_state_up: true,
    status: 'ACTIVE',
    shared: false,
    subnets: [],
    'router:external': false,
    'provider:network_type': 'vlan',
    'provider:physical_network': null,
    'provider:segmentation_id': null,
    mtu: 1500,
    port_security_enabled: true,
  },
  subnets: {
    name: '',
    enable_dhcp: true,
    gateway_ip: null,
    dns_nameservers: [],
    host_routes: [],
    ipv6_address_mode: null,
    ipv6_ra_mode: null,
    subnetpool_id: null,
    service_types: [],
  },
  ports: { name: '', status: 'DOWN', admin_state_up: true, fixed_ips: [], security_groups: [], device_id: '' },
  routers: {
    admin_state_up: true,
    status: 'ACTIVE',
    distributed: true,
    ha: false,
    routes: [],
    external_gateway_info: null,
    enable_ndp_proxy: false,
  },
  floatingips: { fixed_ip_address: null, port_id: null, router_id: null, status: 'DOWN', port_details: null },
  'security-groups': { security_group_rules: [], stateful: true },
  'security-group-rules': {
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote_ip_prefix: null,
    remote_group_id: null,
    ethertype: 'IPv4',
  },
}

/** First parts of paths below which there are several collections. */
const GROUPS: readonly string[] = ['metering', 'qos']

/** A small cloud: tokens with a catalog, collections of the networking API, servers, and failures on demand. */
export class FakeCloud {
  readonly collections = new Map<string, Item[]>()
  readonly servers: Item[] = []
  readonly requests: Seen[] = []
  readonly projects: Item[] = []
  /** ids for the next things that are made */
  readonly ids: string[] = []
  /** replies that are sent instead of the real ones, by `METHOD /path` */
  readonly replies = new Map<string, { status: number; body: unknown }>()
  project = 'cdef0071a0194d19ac6bb63802dc9bae'
  password = 'secret'
  /** end of the tokens that are issued */
  expiresAt = '2026-01-01T01:00:00.000000Z'
  /** what the catalog has of each service; all but `public` have a path of their own */
  interfaces: readonly string[] = ['public']
  /** tokens that are refused from now on */
  readonly revoked = new Set<string>()
  /** what `create` adds to the defaults: collection -> attributes */
  readonly made = new Map<string, Item>()
  #server: Server | null = null
  #tokens = 0
  #counter = 0

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#handle(request, response))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise<void>((resolve) => void this.#server?.close(() => resolve()))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`
  }

  /** Environment of a user. */
  get env(): NodeJS.ProcessEnv {
    return {
      OS_AUTH_URL: `${this.url}/identity/v3`,
      OS_USERNAME: 'demo',
      OS_PASSWORD: this.password,
      OS_TENANT_NAME: 'demo',
    }
  }

  add(collection: string, item: Item): Item {
    const list = this.collections.get(collection) ?? []
    this.collections.set(collection, [...list, item])
    return item
  }

  /** Requests as `METHOD /path?query`, without those for tokens. */
  get calls(): string[] {
    return this.requests
      .filter(({ path }) => path !== '/identity/v3/auth/tokens')
      .map(({ method, path, query }) => `${method} ${path}${query}`)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const url = new URL(request.url ?? '/', 'http://fake')
    const method = request.method ?? 'GET'
    const token = request.headers['x-auth-token'] as string | undefined
    const body = text === '' ? undefined : (JSON.parse(text) as unknown)
    this.requests.push({ method, path: url.pathname, query: url.search, body, token })
    const reply = this.#answer(method, url, body as Item, token)
    const headers = { 'content-type': 'application/json', ...reply.headers }
    response.writeHead(reply.status, headers).end(reply.body === undefined ? '' : JSON.stringify(reply.body))
  }

  #answer(method: string, url: URL, body: Item, token: string | undefined): Reply {
    const planned = this.replies.get(`${method} ${url.pathname}`)
    if (planned) return planned
    if (url.pathname === '/identity/v3/auth/tokens') return this.#issue(body)
    if (token === undefined || this.revoked.has(token)) return fault(401, 'Unauthorized', 'Authentication required')
    if (url.pathname.startsWith('/identity/v3/projects')) return this.#projectList(url)
    if (url.pathname.startsWith('/compute/v2.1'))
      return this.#compute(method, url.pathname.slice('/compute/v2.1'.length))
    return this.#network(method, url, body)
  }

  #issue(body: Item): Reply {
    const { identity } = body.auth as { identity: { password?: { user: { password: string } } } }
    if (identity.password && identity.password.user.password !== this.password) {
      const error = { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' }
      return { status: 401, body: { error } }
    }
    const endpoint = (type: string, path: string) => ({
      type,
      name: type,
      endpoints: this.interfaces.map((name) => ({
        interface: name,
        region: 'RegionOne',
        region_id: 'RegionOne',
        url: `${this.url}${name === 'public' ? '' : `/${name}`}${path}`,
      })),
    })
    const catalog = [endpoint('network', ''), endpoint('compute', '/compute/v2.1'), endpoint('identity', '/identity')]
    const tokenBody = {
      expires_at: this.expiresAt,
      user: { id: 'user-id' },
      project: { id: this.project },
      roles: [{ name: 'member' }],
      catalog,
    }
    return { status: 201, headers: { 'x-subject-token': `token-${++this.#tokens}` }, body: { token: tokenBody } }
  }

  #projectList(url: URL): Reply {
    const name = url.searchParams.get('name')
    return { status: 200, body: { projects: this.projects.filter((one) => name === null || one.name === name) } }
  }

  #compute(method: string, path: string): Reply {
    if (path === '/servers' || path === '/servers/detail') return { status: 200, body: { servers: this.servers } }
    const server = this.servers.find((one) => path === `/servers/${one.id}`)
    if (server) return method === 'DELETE' ? { status: 204 } : { status: 200, body: { server } }
    if (path.endsWith('/action')) return { status: 202 }
    return { status: 404, body: { itemNotFound: { code: 404, message: 'Instance could not be found.' } } }
  }

  #network(method: string, url: URL, body: Item): Reply {
    const parts = url.pathname.split('/').slice(2)
    const collection = parts.splice(0, GROUPS.includes(parts[0]!) ? 2 : 1).join('/')
    const [id, action] = parts
    const key = pluralKey(collection)
    const items = this.collections.get(collection) ?? []
    if (id === undefined && method === 'GET') return { status: 200, body: { [key]: items.filter(matches(url)) } }
    if (id === undefined) return this.#create(collection, body)
    const item = items.find((one) => one.id === id)
    if (!item) return fault(404, 'NotFound', `${collection} ${id} could not be found.`)
    if (action === 'add_router_interface') return { status: 200, body: { id, port_id: this.#id(), ...body } }
    if (action === 'remove_router_interface') return { status: 200, body: { id, port_id: this.#id(), ...body } }
    const single = key.slice(0, -1)
    if (method === 'PUT') Object.assign(item, body[single])
    if (method !== 'DELETE') return { status: 200, body: { [single]: item } }
    this.collections.set(
      collection,
      items.filter((one) => one !== item),
    )
    return { status: 204 }
  }

  #create(collection: string, body: Item): Reply {
    const single = singularKey(collection)
    const given = body[single] as Item
    const owner = given.tenant_id ?? this.project
    const item = {
      id: this.#id(),
      ...MODERN,
      ...DEFAULTS[collection],
      ...this.made.get(collection),
      ...given,
      tenant_id: owner,
      project_id: owner,
    }
    return { status: 201, body: { [single]: this.add(collection, item) } }
  }

  #id(): string {
    return this.ids.shift() ?? `00000000-0000-4000-8000-${String(++this.#counter).padStart(12, '0')}`
  }
}

interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

function fault(status: number, type: string, message: string): Reply {
  return { status, body: { NeutronError: { type, message, detail: '' } } }
}

function matches(url: URL): (item: Item) => boolean {
  const filters = [...url.searchParams.keys()].filter(
    (name) => !['fields', 'sort_key', 'sort_dir', 'limit'].includes(name),
  )
  return (item) => filters.every((name) => url.searchParams.getAll(name).includes(String(item[name])))
}
