import { ApiError } from './errors.js'
import { findByIdOrName } from './network.js'
import { ServiceClient } from './service.js'

export interface ServerAddress {
  readonly addr: string
  readonly version: 4 | 6
  readonly 'OS-EXT-IPS:type'?: 'fixed' | 'floating'
  readonly 'OS-EXT-IPS-MAC:mac_addr'?: string
}

/** A compute instance; extension attributes keep their prefixed names. */
export interface Server {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly tenant_id?: string
  readonly user_id?: string
  readonly addresses?: Readonly<Record<string, readonly ServerAddress[]>>
  readonly flavor?: { readonly id?: string; readonly original_name?: string }
  readonly image?: { readonly id: string } | ''
  readonly 'OS-EXT-STS:task_state'?: string | null
  readonly 'OS-EXT-STS:power_state'?: number
  readonly 'OS-EXT-SRV-ATTR:host'?: string | null
  readonly [attribute: string]: unknown
}

export interface ServerRequest {
  readonly name: string
  readonly flavorRef: string
  readonly imageRef?: string
  readonly networks?: readonly ServerNic[] | 'auto' | 'none'
  readonly security_groups?: readonly { readonly name: string }[]
  readonly key_name?: string
  /** base64 */
  readonly user_data?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly availability_zone?: string
  readonly min_count?: number
  readonly max_count?: number
}

export interface ServerNic {
  readonly uuid?: string
  readonly port?: string
  readonly fixed_ip?: string
}

export interface Flavor {
  readonly id: string
  readonly name: string
  readonly ram: number
  readonly disk: number
  readonly vcpus: number
  readonly [attribute: string]: unknown
}

/** Compute API. Paths are appended to the catalog's address, which holds the version: `/servers/detail`. */
export class ComputeClient extends ServiceClient {
  async servers(query: Readonly<Record<string, string | number>> = {}): Promise<Server[]> {
    return (await this.get<{ servers: Server[] }>('/servers/detail', query)).servers
  }

  async server(id: string): Promise<Server> {
    return (await this.get<{ server: Server }>(`/servers/${encodeURIComponent(id)}`)).server
  }

  /** Starts an instance; the reply has its id and little else, see `server`. */
  async boot(server: ServerRequest): Promise<{ id: string; adminPass?: string }> {
    return (await this.post<{ server: { id: string; adminPass?: string } }>('/servers', { server })).server
  }

  remove(id: string): Promise<void> {
    return this.delete(`/servers/${encodeURIComponent(id)}`)
  }

  /** `os-start`, `os-stop`, `reboot`, `addSecurityGroup`…; the argument's shape is the action's. */
  action<T = unknown>(id: string, name: string, argument: unknown = null): Promise<T> {
    return this.post<T>(`/servers/${encodeURIComponent(id)}/action`, { [name]: argument })
  }

  async flavors(): Promise<Flavor[]> {
    return (await this.get<{ flavors: Flavor[] }>('/flavors/detail')).flavors
  }

  /** Id of the one server with this id or name (ids win); LookupError otherwise. */
  findServerId(text: string): Promise<string> {
    return findByIdOrName('server', text, async ({ id, name }) => (id ? this.#withId(id) : this.#named(name ?? '')))
  }

  async #withId(id: string): Promise<{ id: string }[]> {
    try {
      return [await this.server(id)]
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return []
      throw error
    }
  }

  /** Nova's name filter is a regular expression that matches anywhere: keep exact matches only. */
  async #named(name: string): Promise<{ id: string; name: string }[]> {
    const { servers } = await this.get<{ servers: { id: string; name: string }[] }>('/servers', { name })
    return servers.filter((server) => server.name === name)
  }
}
