import { randomUUID } from 'node:crypto'
import {
  type FlavorRecord,
  flavorProfiles,
  flavors,
  type ServiceProfileRecord,
  serviceProfiles,
} from '../../store/flavors.js'
import { routers } from '../../store/routers.js'
import type { Db } from '../../store/table.js'
import { flagOf, patchOf, textOf } from '../attributes.js'
import { type Collection, everything, findVisible, named, requireVisible } from '../collection.js'
import type { Core } from '../core.js'
import type { FlavorProfileService, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { ROUTER_DRIVERS, SERVICE_TYPES } from './drivers.js'
import {
  alreadyAssociated,
  driverNotFound,
  flavorInUse,
  flavorNotFound,
  invalidServiceType,
  notAssociated,
  profileEmpty,
  profileInUse,
  profileNotFound,
} from './faults.js'

const flavorCollection: Collection<Resource> = {
  table: flavors,
  names: {},
  load: showFlavors,
  visible: () => everything,
  notFound: flavorNotFound,
}

const profileCollection: Collection<Resource> = {
  table: serviceProfiles,
  names: {},
  load: async (db, ids) => (await serviceProfiles.findIn(db, 'id', ids)).map(showProfile),
  visible: () => everything,
  notFound: profileNotFound,
}

async function showFlavors(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const links = await flavorProfiles.findIn(db, 'flavorId', ids)
  return (await flavors.findIn(db, 'id', ids)).map((flavor) => ({
    id: flavor.id,
    name: flavor.name,
    description: flavor.description,
    enabled: flavor.enabled,
    service_profiles: links.flatMap((link) => (link.flavorId === flavor.id ? [link.serviceProfileId] : [])).sort(),
    service_type: flavor.serviceType,
  }))
}

function showProfile({ id, description, driver, enabled, metainfo }: ServiceProfileRecord): Resource {
  return { id, description, driver, enabled, metainfo }
}

/** Flavors: names under which users ask for a router of some kind. */
export function flavorService(core: Core): ResourceService {
  return storedCollection(core, flavorCollection, {
    create: async ({ tx: { db } }, item) => {
      const serviceType = textOf(item, 'service_type')
      if (!SERVICE_TYPES.includes(serviceType)) throw invalidServiceType(serviceType)
      const texts = { name: textOf(item, 'name'), description: textOf(item, 'description') }
      const flavor = { id: randomUUID(), ...texts, serviceType, enabled: flagOf(item, 'enabled', true) }
      await flavors.insert(db, flavor)
      return (await showFlavors(db, [flavor.id]))[0]!
    },
    find: findVisible(flavorCollection, named),
    update: async ({ tx: { db } }, { id }, changes) => {
      const patch = patchOf<FlavorRecord>(changes, {
        name: (name: string) => ({ name }),
        description: (description: string) => ({ description }),
        enabled: (enabled: boolean) => ({ enabled }),
      })
      await flavors.update(db, { id }, patch)
      return (await showFlavors(db, [id]))[0]!
    },
    delete: async ({ tx: { db } }, { id }) => {
      if (await routers.findOne(db, { flavorId: id })) throw flavorInUse(id)
      await flavors.delete(db, { id })
    },
  })
}

/** Service profiles: the ways in which routers are realised, as an administrator puts them behind flavors. */
export function serviceProfileService(core: Core): ResourceService {
  return storedCollection(core, profileCollection, {
    create: async ({ tx: { db } }, item) => {
      const texts = { driver: textOf(item, 'driver'), metainfo: textOf(item, 'metainfo') }
      checkProfile(texts)
      const common = { description: textOf(item, 'description'), enabled: flagOf(item, 'enabled', true) }
      const profile = { id: randomUUID(), ...common, ...texts }
      await serviceProfiles.insert(db, profile)
      return showProfile(profile)
    },
    find: findVisible(profileCollection, named),
    update: async ({ tx: { db } }, { id }, changes) => {
      await checkUnused(db, id)
      const before = (await serviceProfiles.findOne(db, { id }))!
      const patch = patchOf<ServiceProfileRecord>(changes, {
        description: (description: string) => ({ description }),
        driver: (driver: string) => ({ driver }),
        enabled: (enabled: boolean) => ({ enabled }),
        metainfo: (metainfo: string) => ({ metainfo }),
      })
      checkProfile({ ...before, ...patch })
      await serviceProfiles.update(db, { id }, patch)
      return showProfile({ ...before, ...patch })
    },
    delete: async ({ tx: { db } }, { id }) => {
      await checkUnused(db, id)
      await serviceProfiles.delete(db, { id })
    },
  })
}

function checkProfile({ driver, metainfo }: Pick<ServiceProfileRecord, 'driver' | 'metainfo'>): void {
  if (driver === '' && metainfo === '') throw profileEmpty()
  if (driver !== '' && !Object.hasOwn(ROUTER_DRIVERS, driver)) throw driverNotFound(driver)
}

async function checkUnused(db: Db, serviceProfileId: string): Promise<void> {
  if (await flavorProfiles.findOne(db, { serviceProfileId })) throw profileInUse(serviceProfileId)
}

/** `/flavors/{id}/service_profiles`: which profiles are behind a flavor. */
export function flavorProfileService(core: Core): FlavorProfileService {
  return {
    add: (ctx, flavorId, serviceProfileId) =>
      core.store.transaction(ctx, async ({ db }) => {
        await requireVisible(db, flavorCollection, ctx, flavorId)
        await requireVisible(db, profileCollection, ctx, serviceProfileId)
        const link = { flavorId, serviceProfileId }
        if (await flavorProfiles.findOne(db, link)) throw alreadyAssociated(serviceProfileId, flavorId)
        await flavorProfiles.insert(db, link)
      }),
    remove: (ctx, flavorId, serviceProfileId) =>
      core.store.transaction(ctx, async ({ db }) => {
        const link = { flavorId, serviceProfileId }
        if (!(await flavorProfiles.findOne(db, link))) throw notAssociated(serviceProfileId, flavorId)
        await flavorProfiles.delete(db, link)
      }),
  }
}
