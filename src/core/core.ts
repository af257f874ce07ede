import type { Logger } from '../base/log.js'
import type { ServerConfig } from '../config/server.js'
import type { NetworkType } from '../model/cloud.js'
import type { Store } from '../store/store.js'
import type { Hooks } from './hooks.js'
import type { MechanismDriver } from './ml2/mechanism-driver.js'
import type { TypeDriver } from './ml2/type-driver.js'
import type { NovaNotifier } from './notifier/nova.js'
import type { Placement } from './placement/connection.js'
import type { QuotaResource } from './quota/resources.js'

/** What the parts of `core` share. Operations are functions of it and of a transaction. */
export interface Core {
  readonly config: ServerConfig
  readonly store: Store
  readonly log: Logger
  readonly hooks: Hooks
  readonly typeDrivers: ReadonlyMap<NetworkType, TypeDriver>
  readonly mechanismDrivers: readonly MechanismDriver[]
  readonly notifier: NovaNotifier
  /** null: there is none to ask */
  readonly placement: Placement | null
  /** by quota name; parts add theirs while `core` is built */
  readonly quotaResources: Map<string, QuotaResource>
}
