import type { Core } from './core.js'
import type { L3Scheduling } from './scheduler/l3-scheduling.js'
import type { AutoAllocationService, FlavorProfileService, ResourceAction, ResourceService } from './service.js'

/** What a service plug-in adds to `core`. It takes part in the rest through `core.hooks`. */
export interface CorePart {
  readonly collections?: Readonly<Record<string, ResourceService>>
  readonly actions?: Readonly<Record<string, Readonly<Record<string, ResourceAction>>>>
  readonly scheduling?: L3Scheduling
  readonly autoAllocation?: AutoAllocationService
  readonly flavorProfiles?: FlavorProfileService
  /** ends timers */
  readonly close?: () => Promise<void>
}

/** Makes a part: registers hooks, quota resources, renderers of the change log (`core.store.renderer`). */
export type CorePartFactory = (core: Core) => CorePart
