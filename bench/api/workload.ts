import { Clients, type Figures, type Request } from './load.js'
import type { Server } from './server.js'

const NETWORKS = 100
const PORTS = 1000
const MANY_PORTS = 10_000
const BULK = 100
const SHOWS = 5000
const ROUTERS = 50

type Item = { readonly id: string }

/** Every operation once, in the order in which they stand on each other. The result: figures by the operation's name. */
export async function workload(server: Server, count: number): Promise<Record<string, Figures>> {
  const clients = await Clients.open(server, count)
  try {
    return await new Workload(clients).run()
  } finally {
    clients.close()
  }
}

class Workload {
  readonly #clients: Clients
  readonly #figures: Record<string, Figures> = {}

  constructor(clients: Clients) {
    this.#clients = clients
  }

  async run(): Promise<Record<string, Figures>> {
    // compiled code and open databases are what is measured, not the first calls
    await this.#clients.run(times(200, () => get('/v2.0/networks')))
    const networks = await this.#networks()
    const subnets = await this.#subnets(networks)
    await this.#ports(networks)
    await this.#routers(networks, subnets)
    await this.#manyPorts(networks[0]!)
    return this.#figures
  }

  async #networks(): Promise<Item[]> {
    const made = await this.#create(
      'network',
      times(NETWORKS, (i) => post('networks', { name: `net${i}` })),
    )
    await this.#measure(
      'network show',
      times(SHOWS / 5, (i) => get(`/v2.0/networks/${made[i % made.length]!.id}`)),
    )
    await this.#measure(
      'network list (100)',
      times(50, () => get('/v2.0/networks')),
    )
    await this.#measure(
      'network update',
      made.map(({ id }, i) => put(`networks/${id}`, { name: `new${i}` })),
    )
    const spare = await this.#create(
      null,
      times(NETWORKS, (i) => post('networks', { name: `spare${i}` })),
    )
    await this.#measure(
      'network delete',
      spare.map(({ id }) => remove(`networks/${id}`)),
    )
    return made
  }

  async #subnets(networks: readonly Item[]): Promise<Item[]> {
    const body = (network_id: string, i: number) => ({ network_id, ip_version: 4, cidr: `10.${i}.0.0/16` })
    const made = await this.#create(
      'subnet',
      networks.map(({ id }, i) => post('subnets', body(id, i))),
    )
    await this.#measure(
      'subnet show',
      times(SHOWS / 5, (i) => get(`/v2.0/subnets/${made[i % made.length]!.id}`)),
    )
    await this.#measure(
      'subnet list (100)',
      times(50, () => get('/v2.0/subnets')),
    )
    await this.#measure(
      'subnet update',
      made.map(({ id }, i) => put(`subnets/${id}`, { name: `new${i}` })),
    )
    const extra = (network_id: string, i: number) => ({ network_id, ip_version: 4, cidr: `172.16.${i}.0/24` })
    const spare = await this.#create(
      null,
      networks.map(({ id }, i) => post('subnets', extra(id, i))),
    )
    await this.#measure(
      'subnet delete',
      spare.map(({ id }) => remove(`subnets/${id}`)),
    )
    return made
  }

  async #ports(networks: readonly Item[]): Promise<void> {
    const network = (i: number) => networks[i % networks.length]!.id
    const made = await this.#create(
      'port',
      times(PORTS, (i) => post('ports', { network_id: network(i) })),
    )
    await this.#measure(
      'port show',
      times(SHOWS, (i) => get(`/v2.0/ports/${made[i % made.length]!.id}`)),
    )
    await this.#measure(
      'port list (500 full)',
      times(20, () => get('/v2.0/ports?limit=500')),
    )
    await this.#measure(
      'port update',
      made.slice(0, 500).map(({ id }, i) => put(`ports/${id}`, { name: `new${i}` })),
    )
    await this.#measure(
      'port delete',
      made.map(({ id }) => remove(`ports/${id}`)),
    )
  }

  async #routers(networks: readonly Item[], subnets: readonly Item[]): Promise<void> {
    const outside = await this.#external()
    const made = await this.#create(
      'router',
      times(ROUTERS, (i) => post('routers', { name: `r${i}` })),
    )
    await this.#measure(
      'router interface add',
      made.map(({ id }, i) => ({
        method: 'PUT',
        path: `/v2.0/routers/${id}/add_router_interface`,
        body: { subnet_id: subnets[i]!.id },
      })),
    )
    const gateway = { external_gateway_info: { network_id: outside } }
    await this.#measure(
      'router gateway set',
      made.map(({ id }) => put(`routers/${id}`, gateway)),
    )
    const ports = await this.#create(
      null,
      made.map((_, i) => post('ports', { network_id: networks[i]!.id })),
    )
    const floating = await this.#create(
      'floating IP',
      made.map(() => post('floatingips', { floating_network_id: outside })),
    )
    await this.#measure(
      'floating IP associate',
      floating.map(({ id }, i) => put(`floatingips/${id}`, { port_id: ports[i]!.id })),
    )
    await this.#measure(
      'floating IP show',
      times(SHOWS / 5, (i) => get(`/v2.0/floatingips/${floating[i % floating.length]!.id}`)),
    )
    await this.#measure(
      'floating IP list (50)',
      times(50, () => get('/v2.0/floatingips')),
    )
    await this.#measure(
      'floating IP delete',
      floating.map(({ id }) => remove(`floatingips/${id}`)),
    )
    await this.#measure(
      'router show',
      times(SHOWS / 5, (i) => get(`/v2.0/routers/${made[i % made.length]!.id}`)),
    )
    await this.#measure(
      'router list (50)',
      times(50, () => get('/v2.0/routers')),
    )
    await this.#measure(
      'router update',
      made.map(({ id }, i) => put(`routers/${id}`, { name: `new${i}` })),
    )
    await this.#measure(
      'router interface remove',
      made.map(({ id }, i) => ({
        method: 'PUT',
        path: `/v2.0/routers/${id}/remove_router_interface`,
        body: { subnet_id: subnets[i]!.id },
      })),
    )
    await this.#measure(
      'router delete',
      made.map(({ id }) => remove(`routers/${id}`)),
    )
  }

  async #external(): Promise<string> {
    const [network] = await this.#create(null, [post('networks', { name: 'outside', 'router:external': true })])
    await this.#create(null, [post('subnets', { network_id: network!.id, ip_version: 4, cidr: '203.0.0.0/16' })])
    return network!.id
  }

  /** One network with 100, then 10,000 ports: what does a further one cost, and what do lists? */
  async #manyPorts({ id: network_id }: Item): Promise<void> {
    const single = (i: number) => post('ports', { network_id, name: `many${i}`, device_id: `device${i}` })
    await this.#create(null, times(100, single))
    await this.#create('port (100 in the network)', times(300, single))
    const bulk = () =>
      ({
        method: 'POST',
        path: '/v2.0/ports',
        body: { ports: times(BULK, (i) => ({ network_id, name: `bulk${i}` })) },
      }) as const
    await this.#measure(`port bulk create (${BULK} each)`, times((MANY_PORTS - 400) / BULK, bulk))
    const made = await this.#create(
      'port (10,000 in the network)',
      times(300, (i) => single(1000 + i)),
    )
    await this.#measure(
      'port show (of 10,000)',
      times(SHOWS, (i) => get(`/v2.0/ports/${made[i % made.length]!.id}`)),
    )
    await this.#measure(
      'port list (500 full, of 10,000)',
      times(20, () => get('/v2.0/ports?limit=500')),
    )
    await this.#measure(
      'port list (page of 500 by marker, of 10,000)',
      times(20, (i) => get(`/v2.0/ports?limit=500&marker=${made[i]!.id}`)),
    )
    await this.#measure(
      'port filter by device_id (of 10,000)',
      times(500, (i) => get(`/v2.0/ports?device_id=device${1000 + (i % 300)}`)),
    )
    await this.#measure(
      'port filter by name (of 10,000)',
      times(200, (i) => get(`/v2.0/ports?name=many${1000 + (i % 300)}`)),
    )
    await this.#measure(
      'port list (10,000 full)',
      times(3, () => get('/v2.0/ports')),
    )
    await this.#measure(
      'port delete (of 10,000)',
      made.map(({ id }) => remove(`ports/${id}`)),
    )
  }

  async #measure(name: string, requests: readonly Request[]): Promise<void> {
    const { figures } = await this.#clients.run(requests)
    this.#figures[name] = figures
    process.stderr.write(`  ${name}: ${figures.per_second}/s, p50 ${figures.p50_ms} ms, p99 ${figures.p99_ms} ms\n`)
  }

  /** `name` null: made for what comes, not measured. */
  async #create(name: string | null, requests: readonly Request[]): Promise<Item[]> {
    const { figures, replies } = await this.#clients.run(requests)
    if (name !== null) {
      this.#figures[`${name} create`] = figures
      process.stderr.write(
        `  ${name} create: ${figures.per_second}/s, p50 ${figures.p50_ms} ms, p99 ${figures.p99_ms} ms\n`,
      )
    }
    return replies.map(({ body }) => Object.values(JSON.parse(body.toString()) as Record<string, Item>)[0]!)
  }
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const get = (path: string): Request => ({ method: 'GET', path })
const remove = (path: string): Request => ({ method: 'DELETE', path: `/v2.0/${path}` })
const post = (collection: string, item: unknown): Request => ({
  method: 'POST',
  path: `/v2.0/${collection}`,
  body: { [collection.slice(0, -1)]: item },
})
const put = (path: string, item: unknown): Request => ({
  method: 'PUT',
  path: `/v2.0/${path}`,
  body: { [path.split('/')[0]!.slice(0, -1)]: item },
})
