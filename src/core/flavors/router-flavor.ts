import { flavorProfiles, flavors, serviceProfiles } from '../../store/flavors.js'
import type { Db } from '../../store/table.js'
import { invalidInput } from '../fault-messages.js'
import { badRouter } from '../l3/faults.js'
import type { Attributes } from '../service.js'
import { ROUTER_DRIVERS } from './drivers.js'
import { flavorDisabled, flavorNotFound } from './faults.js'

/** The flavor a new router is asked to have, and what that makes it; null when none is asked for. */
export async function routerFlavor(
  db: Db,
  item: Attributes,
): Promise<{ readonly flavorId: string; readonly distributed: boolean } | null> {
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
  const distributed = ROUTER_DRIVERS[first.driver]!
  if (item.distributed !== undefined && item.distributed !== distributed) {
    throw invalidInput(
      `Flavor ${flavorId} does not make routers with distributed=${item.distributed ? 'True' : 'False'}`,
    )
  }
  return { flavorId, distributed }
}
