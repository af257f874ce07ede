import type { Sqlite } from '../../base/sqlite.js'
import { NovaFault } from './faults.js'
import { findFlavor } from './flavors.js'
import type { Instance } from './instance.js'

export const RESOURCES = [
  'instances',
  'cores',
  'ram',
  'key_pairs',
  'metadata_items',
  'server_groups',
  'server_group_members',
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
] as const

export type Resource = (typeof RESOURCES)[number]
export type Limits = Readonly<Record<Resource, number>>
type Counted = Readonly<Record<'instances' | 'cores' | 'ram', number>>

/** Nova's word for no limit, which is what all begin with. There are no server groups. */
const UNLIMITED = -1
const UNLESS_SET = (resource: Resource) => (resource.startsWith('server_group') ? 0 : UNLIMITED)
/** the class whose limits are everybody's, unless a project has its own */
const DEFAULTS = 'class:default'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS quota (
  owner TEXT NOT NULL, resource TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (owner, resource));
`

/** How much each project may have. */
export class Quotas {
  readonly #database: Sqlite

  constructor(database: Sqlite) {
    this.#database = database
    database.exec(SCHEMA)
  }

  defaults(): Limits {
    return this.#limits(DEFAULTS)
  }

  of(projectId: string): Limits {
    return this.#limits(DEFAULTS, projectId)
  }

  setDefaults(changes: Partial<Limits>): void {
    this.#set(DEFAULTS, changes)
  }

  set(projectId: string, changes: Partial<Limits>): void {
    this.#set(projectId, changes)
  }

  /** The project has the limits of everybody again. */
  reset(projectId: string): void {
    this.#database.run('DELETE FROM quota WHERE owner = ?', projectId)
  }

  /** The later of the owners wins. */
  #limits(...owners: readonly string[]): Limits {
    const set = owners.map((owner) =>
      this.#database.all<{ resource: Resource; value: number }>('SELECT * FROM quota WHERE owner = ?', owner),
    )
    const limits = RESOURCES.map((resource) => [resource, UNLESS_SET(resource)] as const)
    return Object.fromEntries([...limits, ...set.flat().map(({ resource, value }) => [resource, value])]) as Limits
  }

  #set(owner: string, changes: Partial<Limits>): void {
    for (const [resource, value] of Object.entries(changes))
      this.#database.run('INSERT OR REPLACE INTO quota VALUES (?, ?, ?)', owner, resource, value)
  }
}

/** What instances count for, by the size of their flavors. */
export function countOf(flavorIds: readonly string[]): Counted {
  const flavors = flavorIds.map(findFlavor)
  return {
    instances: flavorIds.length,
    cores: flavors.reduce((sum, flavor) => sum + (flavor?.vcpus ?? 0), 0),
    ram: flavors.reduce((sum, flavor) => sum + (flavor?.ram ?? 0), 0),
  }
}

export const usedBy = (instances: readonly Instance[], projectId: string): Counted =>
  countOf(instances.filter((instance) => instance.projectId === projectId).map(({ flavorId }) => flavorId))

/** Throws when more would be used than a project may have. */
export function requireRoom(limits: Limits, used: Counted, wanted: Counted): void {
  const over = (['cores', 'instances', 'ram'] as const).filter(
    (resource) => limits[resource] >= 0 && wanted[resource] > 0 && used[resource] + wanted[resource] > limits[resource],
  )
  if (over.length === 0) return
  const each = (numbers: Counted) => over.map((resource) => numbers[resource]).join(', ')
  throw new NovaFault(
    403,
    `Quota exceeded for ${over.join(', ')}: Requested ${each(wanted)}, but already used ${each(used)} of ${each(limits)} ${over.join(', ')}`,
  )
}
