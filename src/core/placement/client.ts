import { ApiError } from '../../client/errors.js'
import type { ServiceClient } from '../../client/service.js'
import type { Inventory, Provider } from './providers.js'

/** The first version with all that is used here: providers in trees, what was written in the answer, generations of consumers. */
export const VERSION = { 'OpenStack-API-Version': 'placement 1.29' }

/** Somebody else may change a provider or consumer at the same time; each time its generation is read anew. */
export const TRIES = 10

interface ProviderJson {
  readonly uuid: string
  readonly generation: number
}

/** The part of Placement's API that telling it of providers needs. Each call can be repeated. */
export class PlacementClient {
  readonly #service: ServiceClient

  constructor(service: ServiceClient) {
    this.#service = service
  }

  /** Id of the provider with this name; undefined when there is none. */
  async idOf(name: string): Promise<string | undefined> {
    const query = { name }
    const path = '/resource_providers'
    const found = await this.#call<{ resource_providers: ProviderJson[] }>('GET', path, undefined, query)
    return found.resource_providers[0]?.uuid
  }

  /** Makes a trait known. */
  async ensureTrait(name: string): Promise<void> {
    await this.#call('PUT', `/traits/${name}`)
  }

  /** Makes a provider, its place in the tree, its traits and its inventories what they should be. */
  async ensureProvider({ uuid, name, parent, traits, inventories }: Provider): Promise<void> {
    const body = { name, parent_provider_uuid: parent }
    try {
      await this.#call('PUT', `/resource_providers/${uuid}`, body)
    } catch (error) {
      if (!hasStatus(error, 404)) throw error
      await this.#call('POST', '/resource_providers', { uuid, ...body })
    }
    await this.#change(uuid, 'traits', { traits })
    if (inventories) await this.#change(uuid, 'inventories', { inventories })
  }

  async #change(
    uuid: string,
    part: 'traits' | 'inventories',
    body: { readonly traits: readonly string[] } | { readonly inventories: Readonly<Record<string, Inventory>> },
  ): Promise<void> {
    for (let left = TRIES; ; left--) {
      const { generation } = await this.#call<ProviderJson>('GET', `/resource_providers/${uuid}`)
      const whole = { ...body, resource_provider_generation: generation }
      try {
        await this.#call('PUT', `/resource_providers/${uuid}/${part}`, whole)
        return
      } catch (error) {
        if (left <= 1 || !hasStatus(error, 409) || !(error as Error).message.includes('generation')) throw error
      }
    }
  }

  #call<T>(method: string, path: string, body?: unknown, query?: Readonly<Record<string, string>>): Promise<T> {
    return this.#service.call<T>(method, path, { headers: VERSION, ...(body ? { body } : {}), ...(query && { query }) })
  }
}

export const hasStatus = (error: unknown, status: number) => error instanceof ApiError && error.status === status
