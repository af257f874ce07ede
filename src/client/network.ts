import { LookupError } from './errors.js'
import type { NetworkCollections } from './network-types.js'
import { type Query, ServiceClient } from './service.js'

type Collection = keyof NetworkCollections & string
type Body = Readonly<Record<string, unknown>>

/** Networking API. Paths of `get`, `post`… begin with `/v2.0`. */
export class NetworkClient extends ServiceClient {
  async list<C extends Collection>(collection: C, query?: Query): Promise<NetworkCollections[C][]> {
    const reply = await this.get<Record<string, NetworkCollections[C][]>>(`/v2.0/${collection}`, query)
    return reply[pluralKey(collection)] ?? []
  }

  async show<C extends Collection>(collection: C, id: string): Promise<NetworkCollections[C]> {
    return this.#one(collection, await this.get(`/v2.0/${collection}/${encodeURIComponent(id)}`))
  }

  async create<C extends Collection>(collection: C, body: Body): Promise<NetworkCollections[C]> {
    return this.#one(collection, await this.post(`/v2.0/${collection}`, { [singularKey(collection)]: body }))
  }

  async update<C extends Collection>(collection: C, id: string, body: Body): Promise<NetworkCollections[C]> {
    const path = `/v2.0/${collection}/${encodeURIComponent(id)}`
    return this.#one(collection, await this.put(path, { [singularKey(collection)]: body }))
  }

  remove(collection: Collection, id: string): Promise<void> {
    return this.delete(`/v2.0/${collection}/${encodeURIComponent(id)}`)
  }

  /** Attaches a subnet or a port to a router. */
  addRouterInterface(router: string, what: { subnet_id: string } | { port_id: string }): Promise<RouterInterface> {
    return this.put(`/v2.0/routers/${router}/add_router_interface`, what)
  }

  removeRouterInterface(router: string, what: { subnet_id: string } | { port_id: string }): Promise<RouterInterface> {
    return this.put(`/v2.0/routers/${router}/remove_router_interface`, what)
  }

  /** Id of the one resource with this id or name (ids win); LookupError otherwise. */
  async findId(collection: Collection, text: string): Promise<string> {
    return findByIdOrName(singularKey(collection), text, async (query) => {
      const reply = await this.get<Record<string, { id: string }[]>>(`/v2.0/${collection}`, { ...query, fields: 'id' })
      return reply[pluralKey(collection)] ?? []
    })
  }

  #one<C extends Collection>(collection: C, reply: Record<string, NetworkCollections[C]>): NetworkCollections[C] {
    const value = reply[singularKey(collection)]
    if (value === undefined) throw new TypeError(`the reply has no '${singularKey(collection)}'`)
    return value
  }
}

export interface RouterInterface {
  readonly id: string
  readonly port_id: string
  readonly subnet_id?: string
  readonly subnet_ids?: readonly string[]
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

/** Whether a text looks like an id (with or without dashes, as identity's are). */
export function looksLikeId(text: string): boolean {
  return UUID.test(text)
}

/** The look-up rule of OpenStack's clients: an id wins, then exactly one name. */
export async function findByIdOrName(
  resource: string,
  text: string,
  list: (query: { id?: string; name?: string }) => Promise<readonly { readonly id: string }[]>,
): Promise<string> {
  if (looksLikeId(text)) {
    const [byId] = await list({ id: text })
    if (byId) return byId.id
  }
  const byName = await list({ name: text })
  if (byName.length > 1) throw new LookupError(resource, text, 'several')
  const [found] = byName
  if (!found) throw new LookupError(resource, text, 'none')
  return found.id
}

/** JSON key of a collection: `security-groups` -> `security_groups`. */
export function pluralKey(collection: string): string {
  return collection.slice(collection.lastIndexOf('/') + 1).replaceAll('-', '_')
}

/** JSON key of one resource: `rbac-policies` -> `rbac_policy`. */
export function singularKey(collection: string): string {
  return pluralKey(collection).replace(/ies$/, 'y').replace(/s$/, '')
}
