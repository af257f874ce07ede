import type { HttpReply } from '../../client/http.js'
import type { CallOptions, Query, ServiceClient } from '../../client/service.js'

/** An error answer of the network service. */
export class NeutronError extends Error {
  readonly status: number
  readonly type: string

  constructor(status: number, type: string, message: string) {
    super(message)
    this.name = 'NeutronError'
    this.status = status
    this.type = type
  }
}

export interface NeutronPort {
  readonly id: string
  readonly network_id: string
  readonly tenant_id: string
  readonly mac_address: string
  readonly status: string
  readonly device_id: string
  readonly device_owner: string
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[]
  readonly security_groups: readonly string[]
  /** `deferred`: it gets addresses with its host */
  readonly ip_allocation?: string
  readonly 'binding:vif_type'?: string
  readonly 'binding:vif_details'?: {
    readonly ovs_hybrid_plug?: boolean
    readonly bridge_name?: string
    readonly datapath_type?: string
  }
}

export interface NeutronNetwork {
  readonly id: string
  readonly name: string
  readonly mtu?: number
  readonly subnets: readonly string[]
  readonly shared: boolean
  readonly tenant_id: string
  readonly 'router:external'?: boolean
}

export interface NeutronSubnet {
  readonly id: string
  readonly network_id: string
  readonly cidr: string
  readonly ip_version: 4 | 6
  readonly gateway_ip: string | null
  readonly enable_dhcp: boolean
  readonly ipv6_address_mode: string | null
  readonly ipv6_ra_mode: string | null
  readonly dns_nameservers: readonly string[]
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[]
}

export interface NeutronFloatingIp {
  readonly id: string
  readonly floating_ip_address: string
  readonly fixed_ip_address: string | null
  readonly port_id: string | null
  readonly floating_network_id: string
}

export interface NeutronSecurityGroup {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly tenant_id: string
  readonly security_group_rules: readonly NeutronRule[]
}

export interface NeutronRule {
  readonly id: string
  readonly security_group_id: string
  readonly direction: string
  readonly ethertype: string
  readonly protocol: string | number | null
  readonly port_range_min: number | null
  readonly port_range_max: number | null
  readonly remote_ip_prefix: string | null
  readonly remote_group_id: string | null
}

/** Collections by their path, with the type of an item. */
interface Collections {
  readonly networks: NeutronNetwork
  readonly subnets: NeutronSubnet
  readonly ports: NeutronPort
  readonly floatingips: NeutronFloatingIp
  readonly 'security-groups': NeutronSecurityGroup
  readonly 'security-group-rules': NeutronRule
}

/** ids a request: a longer URL may be refused */
const IDS_AT_ONCE = 100

/** The network service, as its own user or, with `as`, with a client's token. */
export class Neutron {
  readonly #client: ServiceClient

  /** `client`: its paths begin with `/v2.0` */
  constructor(client: ServiceClient) {
    this.#client = client
  }

  as(token: string): Neutron {
    return new Neutron(this.#client.as(token))
  }

  async list<K extends keyof Collections>(kind: K, query: Query = {}): Promise<Collections[K][]> {
    const long = Object.entries(query).find(([, value]) => Array.isArray(value) && value.length > IDS_AT_ONCE)
    if (long) return this.#listInParts(kind, query, long[0], long[1] as readonly string[])
    if (Object.values(query).some((value) => Array.isArray(value) && value.length === 0)) return []
    const body = await this.#send('GET', kind, { query })
    return body[kind.replaceAll('-', '_')] as Collections[K][]
  }

  async get<K extends keyof Collections>(kind: K, id: string): Promise<Collections[K]> {
    return (await this.#send('GET', `${kind}/${encodeURIComponent(id)}`))[singular(kind)] as Collections[K]
  }

  async create<K extends keyof Collections>(kind: K, values: Record<string, unknown>): Promise<Collections[K]> {
    return (await this.#send('POST', kind, { body: { [singular(kind)]: values } }))[singular(kind)] as Collections[K]
  }

  async update<K extends keyof Collections>(
    kind: K,
    id: string,
    values: Record<string, unknown>,
  ): Promise<Collections[K]> {
    const body = { [singular(kind)]: values }
    return (await this.#send('PUT', `${kind}/${id}`, { body }))[singular(kind)] as Collections[K]
  }

  async delete(kind: keyof Collections, id: string): Promise<void> {
    await this.#send('DELETE', `${kind}/${id}`)
  }

  async #listInParts<K extends keyof Collections>(
    kind: K,
    query: Query,
    key: string,
    values: readonly string[],
  ): Promise<Collections[K][]> {
    const parts: Promise<Collections[K][]>[] = []
    for (let i = 0; i < values.length; i += IDS_AT_ONCE)
      parts.push(this.list(kind, { ...query, [key]: values.slice(i, i + IDS_AT_ONCE) }))
    return (await Promise.all(parts)).flat()
  }

  async #send(method: string, path: string, options: CallOptions = {}): Promise<Record<string, unknown>> {
    const reply = await this.#client.send(method, `/v2.0/${path}`, options)
    if (reply.status >= 400) throw toError(reply)
    return reply.body === '' ? {} : (JSON.parse(reply.body) as Record<string, unknown>)
  }
}

function singular(kind: string): string {
  return kind.replaceAll('-', '_').replace(/s$/, '')
}

function toError({ status, body }: HttpReply): NeutronError {
  const fault = faultOf(body)
  if (typeof fault === 'object') return new NeutronError(status, fault.type ?? '', fault.message ?? '')
  return new NeutronError(status, '', fault ?? `the network service answered ${status}`)
}

/** Undefined: the network service did not say it, something between us and it did. */
function faultOf(body: string): { type?: string; message?: string } | string | undefined {
  try {
    return JSON.parse(body)?.NeutronError
  } catch {
    return undefined
  }
}
