import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = Record<string, unknown> & { id: string }

/** A network service as nova sees it: some networks, ports that get addresses, failures on demand. */
export class FakeNeutron {
  readonly #server: Server
  readonly items: Record<string, Item[]> = {
    networks: [{ id: 'net-1', name: 'demo-net', mtu: 1450, subnets: ['sub-1'], shared: false, tenant_id: '' }],
    subnets: [
      {
        id: 'sub-1',
        network_id: 'net-1',
        cidr: '192.168.1.0/24',
        ip_version: 4,
        gateway_ip: '192.168.1.1',
        enable_dhcp: true,
        dns_nameservers: [],
        host_routes: [],
      },
    ],
    ports: [],
    floatingips: [],
    security_groups: [{ id: 'sg-default', name: 'default', description: '', tenant_id: '', security_group_rules: [] }],
    security_group_rules: [],
  }
  /** next requests of this kind (`POST ports`) are refused */
  readonly refuse = new Map<string, { status: number; type: string; message: string }>()
  vifType = 'ovs'
  #nextAddress = 3

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request).then(({ status, body }) =>
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(body === null ? '' : JSON.stringify(body)),
      )
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const url = new URL(request.url!, 'http://x')
    const [path = '', id] = url.pathname.replace('/v2.0/', '').split('/')
    const kind = path.replaceAll('-', '_')
    const one = kind.replace(/s$/, '')
    const refused = this.refuse.get(`${request.method} ${path}`)
    if (refused)
      return {
        status: refused.status,
        body: { NeutronError: { type: refused.type, message: refused.message, detail: '' } },
      }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const given =
      chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, Item>)[one]! : ({} as Item)
    const list = this.items[kind]!
    const found = list.find((item) => item.id === id)
    if (id && !found)
      return {
        status: 404,
        body: { NeutronError: { type: 'NotFound', message: `${one} ${id} could not be found.`, detail: '' } },
      }
    if (request.method === 'POST') return { status: 201, body: { [one]: this.#create(kind, given) } }
    if (request.method === 'PUT')
      return { status: 200, body: { [one]: Object.assign(found!, given, kind === 'ports' ? this.#binding() : {}) } }
    if (request.method === 'DELETE') {
      list.splice(list.indexOf(found!), 1)
      return { status: 204, body: null }
    }
    return {
      status: 200,
      body: id ? { [one]: found } : { [kind]: list.filter((item) => fits(item, url.searchParams)) },
    }
  }

  #create(kind: string, given: Item): Item {
    const port = {
      mac_address: 'fa:16:3e:00:00:01',
      status: 'DOWN',
      fixed_ips: [{ subnet_id: 'sub-1', ip_address: `192.168.1.${this.#nextAddress++}` }],
      security_groups: ['sg-default'],
      ...this.#binding(),
    }
    const item = { ...(kind === 'ports' ? port : {}), ...given, id: randomUUID() }
    this.items[kind]!.push(item)
    return item
  }

  #binding() {
    return { 'binding:vif_type': this.vifType, 'binding:vif_details': { ovs_hybrid_plug: true } }
  }
}

function fits(item: Item, query: URLSearchParams): boolean {
  const keys = new Set(
    [...query.keys()].filter((key) => key !== 'fields' && !(key === 'tenant_id' && item.tenant_id === '')),
  )
  return [...keys].every((key) => query.getAll(key).includes(String(item[key])))
}
