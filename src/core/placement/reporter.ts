import type { Logger } from '../../base/log.js'
import { type AgentRecord, agents } from '../../store/agents.js'
import type { Store } from '../../store/store.js'
import { systemContext } from '../system-context.js'
import type { PlacementClient } from './client.js'
import { nodesOf, providersOf, resourcesOf } from './providers.js'

/**
 * Tells Placement what agents say of their resources, agent by agent, until it knows (`resources_synced`). What is to be
 * told is in the database: any server may do it, and it may be done twice.
 */
export class PlacementReporter {
  readonly #store: Store
  readonly #client: PlacementClient
  readonly #log: Logger
  readonly #lookAgain: () => void
  readonly #failing = new Set<string>()
  #running: Promise<void> | null = null
  #again = false

  /** `lookAgain`: called when Placement did not answer as it should: it may have moved */
  constructor(store: Store, client: PlacementClient, log: Logger, lookAgain: () => void) {
    this.#store = store
    this.#client = client
    this.#log = log
    this.#lookAgain = lookAgain
  }

  /** Tries all agents that Placement does not know of yet; never throws. */
  run(): Promise<void> {
    this.#again = true
    this.#running ??= this.#drain().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Ends when what is under way has ended. */
  async close(): Promise<void> {
    await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#again) {
      this.#again = false
      await this.#pass().catch((error: unknown) => this.#log.error({ err: error }, 'what Placement lacks is unknown'))
    }
  }

  async #pass(): Promise<void> {
    const waiting = await this.#store.read((db) => agents.find(db, { resourcesSynced: 0 }))
    for (const agent of waiting) {
      try {
        await this.#tell(agent)
        await this.#told(agent)
        this.#failing.delete(agent.id)
      } catch (error) {
        this.#lookAgain()
        this.#failed(agent, error as Error)
      }
    }
  }

  async #tell(agent: AgentRecord): Promise<void> {
    const told = resourcesOf(agent)
    if (!told) return
    const roots = new Map<string, string>()
    for (const node of nodesOf(told)) {
      const uuid = await this.#client.idOf(node)
      if (uuid === undefined) throw new Error(`there is no resource provider '${node}': nova-compute makes it`)
      roots.set(node, uuid)
    }
    const providers = providersOf(agent.agentType, told, roots)
    for (const trait of new Set(providers.flatMap(({ traits }) => traits))) await this.#client.ensureTrait(trait)
    for (const provider of providers) await this.#client.ensureProvider(provider)
  }

  /** Unless the agent said something else meanwhile. */
  async #told({ id, configurations }: AgentRecord): Promise<void> {
    await this.#store.transaction(systemContext('placement'), async (tx) => {
      const now = await agents.findOne(tx.db, { id })
      if (!now) return
      if (JSON.stringify(now.configurations) === JSON.stringify(configurations))
        await agents.update(tx.db, { id }, { resourcesSynced: 1 })
      else this.#again = true
    })
  }

  /** Said once, until it works again. */
  #failed({ id, host, agentType }: AgentRecord, { message: reason }: Error): void {
    const level = this.#failing.has(id) ? 'debug' : 'warn'
    this.#failing.add(id)
    this.#log[level]({ host, agentType, reason }, "Placement was not told of the agent's resources, trying again")
  }
}
