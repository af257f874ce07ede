import { ApiError } from '../../client/errors.js'
import type { ServiceClient } from '../../client/service.js'
import { hasStatus, TRIES, VERSION } from './client.js'
import { allocationChanged, allocationRemoved, noCapacity, placementRefused, providerNotAllocated } from './faults.js'

/** Amounts by resource provider and resource class; in a difference what is below 0 is given back. */
export type Amounts = Readonly<Record<string, Readonly<Record<string, number>>>>

/** What a consumer holds; without allocations there is nothing else either. */
interface Held {
  readonly allocations: Readonly<Record<string, { readonly resources: Readonly<Record<string, number>> }>>
  readonly project_id?: string
  readonly user_id?: string
  readonly consumer_generation?: number | null
}

/** Takes a change back. */
export type PutBack = () => Promise<void>

/** What instances hold in Placement. Nova makes the allocations; amounts of them follow their ports' policies. */
export class Allocations {
  readonly #service: ServiceClient
  readonly #lookAgain: () => void

  /** `lookAgain`: called when Placement did not answer as it should: it may have moved */
  constructor(service: ServiceClient, lookAgain: () => void) {
    this.#service = service
    this.#lookAgain = lookAgain
  }

  /**
   * Adds `difference` to what `consumer` holds of providers that it has something of: all or nothing. Resolves to what
   * takes it back. Faults: no capacity, the consumer or a provider of it is gone, others are changing it all the time.
   */
  async change(consumer: string, difference: Amounts): Promise<PutBack> {
    const from = await this.#write(consumer, difference, ({ allocations }) => {
      if (isEmpty(allocations)) throw allocationRemoved(consumer)
      const unknown = Object.keys(difference).find((provider) => !allocations[provider])
      if (unknown) throw providerNotAllocated(unknown, consumer)
    })
    const back = opposite(difference, from)
    const forgotten = isEmpty(added(from.allocations, difference))
    return async () => {
      // nothing comes back for an instance that has gone meanwhile
      const check = ({ allocations }: Held) => {
        if (!forgotten && isEmpty(allocations)) throw allocationRemoved(consumer)
      }
      await this.#write(consumer, back, check, from)
    }
  }

  /** Resolves to what was held before. `owner`: says whose the consumer is when it holds nothing any more. */
  async #write(consumer: string, difference: Amounts, check: (held: Held) => void, owner?: Held): Promise<Held> {
    const path = `/allocations/${encodeURIComponent(consumer)}`
    for (let left = TRIES; left > 0; left--) {
      const held = await this.#call<Held>('GET', path)
      check(held)
      const { project_id, user_id } = { ...owner, ...held }
      const allocations = added(held.allocations, difference)
      const body = { allocations, project_id, user_id, consumer_generation: held.consumer_generation ?? null }
      try {
        await this.#call('PUT', path, body)
        return held
      } catch (error) {
        if (!hasStatus(error, 409)) throw error
        if (!(error as Error).message.includes('placement.concurrent_update')) throw noCapacity(difference, consumer)
      }
    }
    throw allocationChanged(consumer)
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    try {
      return await this.#service.call<T>(method, path, { headers: VERSION, ...(body ? { body } : {}) })
    } catch (error) {
      if (hasStatus(error, 409)) throw error
      if (error instanceof ApiError && error.status < 500) throw placementRefused(error.message.replaceAll('\n', ' '))
      this.#lookAgain()
      throw error
    }
  }
}

const isEmpty = (allocations: Held['allocations']) => Object.keys(allocations).length === 0

/** What is held with the difference added; what comes to nothing is left out. Pure. */
function added(held: Held['allocations'], difference: Amounts): Held['allocations'] {
  const providers = new Set([...Object.keys(held), ...Object.keys(difference)])
  return Object.fromEntries(
    [...providers].flatMap((provider) => {
      const resources: Record<string, number> = { ...held[provider]?.resources }
      for (const [name, amount] of Object.entries(difference[provider] ?? {})) {
        const sum = (resources[name] ?? 0) + amount
        if (sum > 0) resources[name] = sum
        else delete resources[name]
      }
      return Object.keys(resources).length === 0 ? [] : [[provider, { resources }] as const]
    }),
  )
}

/** What leads back to `from`: no more was taken than there was. Pure. */
function opposite(difference: Amounts, from: Held): Amounts {
  const entries = Object.entries(difference).map(([provider, amounts]) => {
    const had = (name: string) => from.allocations[provider]?.resources[name] ?? 0
    const back = Object.entries(amounts).map(([name, amount]) => [name, Math.min(had(name), -amount)] as const)
    return [provider, Object.fromEntries(back)] as const
  })
  return Object.fromEntries(entries)
}
