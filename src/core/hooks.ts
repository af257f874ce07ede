import type { AgentRecord } from '../store/agents.js'
import type { HaState } from '../store/ha-routers.js'
import type { NetworkRecord } from '../store/networks.js'
import type { PortRecord } from '../store/ports.js'
import type { SubnetRecord } from '../store/subnets.js'
import type { Transaction } from '../store/transaction.js'
import type { RequestContext } from './service.js'

interface Base {
  readonly tx: Transaction
  readonly ctx: RequestContext
}

/**
 * What other parts of `core` may take part in. Every handler runs inside the transaction: it may refuse (throw a
 * fault) and may change more rows. What must happen after the commit goes through `tx.afterCommit`.
 */
export interface HookEvents {
  'network.after-create': Base & { readonly network: NetworkRecord }
  'network.before-update': Base & {
    readonly network: NetworkRecord
    readonly changes: Readonly<Record<string, unknown>>
  }
  'network.after-update': Base & { readonly before: NetworkRecord; readonly network: NetworkRecord }
  /** before ports are looked at: handlers may delete ports of their own */
  'network.before-delete': Base & { readonly network: NetworkRecord }
  'network.after-delete': Base & { readonly network: NetworkRecord }

  'subnet.after-create': Base & { readonly subnet: SubnetRecord }
  'subnet.before-update': Base & { readonly subnet: SubnetRecord; readonly changes: Readonly<Record<string, unknown>> }
  'subnet.after-update': Base & { readonly before: SubnetRecord; readonly subnet: SubnetRecord }
  'subnet.before-delete': Base & { readonly subnet: SubnetRecord }
  'subnet.after-delete': Base & { readonly subnet: SubnetRecord }

  /** attributes as asked for, nothing is written yet */
  'port.before-create': Base & {
    readonly attributes: Readonly<Record<string, unknown>>
    readonly network: NetworkRecord
  }
  /** addresses are allocated, the binding was tried */
  'port.after-create': Base & { readonly port: PortRecord; readonly network: NetworkRecord }
  'port.before-update': Base & { readonly port: PortRecord; readonly changes: Readonly<Record<string, unknown>> }
  'port.after-update': Base & { readonly before: PortRecord; readonly port: PortRecord }
  /** `byApi`: a request for this very port, not a part of something else's removal */
  'port.before-delete': Base & { readonly port: PortRecord; readonly byApi: boolean }
  'port.after-delete': Base & { readonly port: PortRecord; readonly byApi: boolean }
  /** the port got a host that can wire it; runs after `after-create`/`after-update` */
  'port.bound': Base & { readonly port: PortRecord; readonly host: string }
  /** the port left a host (rebound, unbound or deleted: then `port` is its last value) */
  'port.unbound': Base & { readonly port: PortRecord; readonly host: string }
  'port.status-changed': Base & { readonly port: PortRecord; readonly from: string }

  'security-group.after-delete': Base & { readonly id: string }

  /** an agent's first report, or one with other configurations than before, or the first after it was dead */
  'host.reported': Base & { readonly agent: AgentRecord; readonly isNew: boolean; readonly revived: boolean }
  'agent.before-delete': Base & { readonly agent: AgentRecord }
  'floatingips.reported': Base & {
    readonly host: string
    readonly active: readonly string[]
    readonly failed: readonly string[]
  }
  /** ports that the agent of a host cannot wire, all of them; also when there are none any more */
  'ports.failed': Base & { readonly host: string; readonly ports: readonly string[] }
  'ha-states.reported': Base & { readonly host: string; readonly states: Readonly<Record<string, HaState>> }
}

export type HookName = keyof HookEvents
type Handler<E extends HookName> = (event: HookEvents[E]) => Promise<void>

/** Handlers by event, run one after the other in the order they were added. */
export class Hooks {
  readonly #handlers = new Map<HookName, Handler<never>[]>()

  on<E extends HookName>(event: E, handler: Handler<E>): void {
    const handlers = this.#handlers.get(event)
    if (handlers) handlers.push(handler as Handler<never>)
    else this.#handlers.set(event, [handler as Handler<never>])
  }

  async run<E extends HookName>(event: E, payload: HookEvents[E]): Promise<void> {
    for (const handler of this.#handlers.get(event) ?? []) await (handler as Handler<E>)(payload)
  }
}
