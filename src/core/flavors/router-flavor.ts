import { flavorProfiles, flavors, serviceProfiles } from '../../store/flavors.js'
import type { Db } from '../../store/table.js'
import { invalidInput } from '../fault-messages.js'
import type { Realisation } from '../l3/convert.js'
import { badRouter } from '../l3/faults.js'
import type { Attributes } from '../service.js'
import { ROUTER_DRIVERS } from './drivers.js'
import { flavorDisabled, flavorNotFound } from './faults.js'

/** The flavor a new router is asked to have, and what that makes it; null when none is asked for. */
export async function routerFlavor(
  db: Db,
  item: Attributes,
): Promise<({ readonly flavorId: string } & Realisation) | null> {
  const flavorId = item.flavor_id as string | null | undefined
  if (!flavorId) return null
  const flavor = await flavors.findOne(db, { id: flavorId })
  if (!flavor) throw flavorNotFound(flavorId)
  if (!flavor.enabled) throw flavorDisabled()
  const links = await flavorProfiles.find(db, { flavorId })
  const profiles = await serviceProfiles.findIn(
    db,
    'id',
    links.map(({ serviceProfileId }) => serviceProfileId),
  )
  const usable = profiles.filter(({ enabled, driver }) => enabled && driver !== '')
  const [first] = usable.sort((a, b) => (a.id < b.id ? -1 : 1))
  if (!first) throw badRouter(`Flavor ${flavorId} has no enabled service profile with a driver`)
  const made = ROUTER_DRIVERS[first.driver]!
  for (const name of ['distributed', 'ha'] as const) {
    if (item[name] !== undefined && item[name] !== made[name])
      throw invalidInput(`Flavor ${flavorId} does not make routers with ${name}=${item[name] ? 'True' : 'False'}`)
  }
  return { flavorId, ...made }
}
