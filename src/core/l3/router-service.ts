import type { Route } from '../../model/cloud.js'
import { lockRouter, type RouterRecord, routers } from '../../store/routers.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import type { Transaction } from '../../store/transaction.js'
import { checkZoneHints } from '../agent/availability-zones.js'
import { flagOf, listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { type Collection, findVisible, visibleOwn } from '../collection.js'
import type { Core } from '../core.js'
import { routerFlavor } from '../flavors/router-flavor.js'
import { enableOnCreate, enableOnUpdate } from '../ndp-proxy/enable.js'
import { checkQuota } from '../quota/limits.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { convertRouter } from './convert.js'
import { activeRouterConversion, activeRouterHaChange, routerInUse, routerNotFound } from './faults.js'
import { applyGateway, type GatewayInfo } from './gateway.js'
import { beginHa, endHa } from './ha/routers.js'
import { routerPorts, surroundings } from './router-ports.js'
import { showRouterById, showRouters } from './router-shape.js'
import { checkRoutes } from './routes.js'
import type { Work } from './work.js'

const collection: Collection<Resource> = {
  table: routers,
  names: { tenant_id: 'project_id' },
  load: showRouters,
  visible: visibleOwn('routers'),
  notFound: routerNotFound,
}

export function routerService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: createRouter,
    find: writableRouter,
    update: async (work, router, changes) => {
      await updateRouter(work, router, changes)
      return showRouterById(work.tx.db, router.id)
    },
    delete: deleteRouter,
  })
}

/** The router when the context may see it, locked for this transaction; RouterNotFound otherwise. */
export const writableRouter = findVisible(collection, lockRouter)

/** Notes a change of the router that is not in its own row (its interfaces). */
export async function routerChanged(tx: Transaction, router: RouterRecord): Promise<void> {
  await revise(tx, routers, router)
  tx.touch('router', router.id)
}

/** Creates a router inside a transaction; as shown. */
export async function createRouter(work: Work, item: Attributes): Promise<Resource> {
  const { core, tx, ctx } = work
  const projectId = projectOf(item, ctx.projectId)
  await checkQuota(core, tx, projectId, 'router')
  const availabilityZoneHints = listOf<string>(item, 'availability_zone_hints')
  await checkZoneHints(tx.db, 'router', availabilityZoneHints)
  const flavor = await routerFlavor(tx.db, item)
  const ha = flavor?.ha ?? flagOf(item, 'ha', core.config.DEFAULT.l3_ha)
  const standard = newStandard(tx.now, {
    projectId,
    description: textOf(item, 'description'),
    tags: listOf<string>(item, 'tags'),
  })
  await routers.insert(tx.db, {
    ...standard,
    name: textOf(item, 'name'),
    adminStateUp: flagOf(item, 'admin_state_up', true),
    status: 'ACTIVE',
    distributed: flavor?.distributed ?? flagOf(item, 'distributed', core.config.DEFAULT.router_distributed),
    ha,
    flavorId: flavor?.flavorId ?? null,
    gatewayPortId: null,
    gatewayNetworkId: null,
    gatewayQosPolicyId: null,
    enableNdpProxy: false,
    enableSnat: true,
    routes: [],
    availabilityZoneHints,
  })
  tx.touch('router', standard.id)
  if (ha) await beginHa(work, (await lockRouter(tx.db, standard.id))!)
  const info = gatewayInfo(item)
  if (info) await applyGateway(work, (await lockRouter(tx.db, standard.id))!, info)
  await enableOnCreate(work, standard.id, item)
  return showRouterById(tx.db, standard.id)
}

/** Undefined: not given; null (or `{}`): no gateway. */
function gatewayInfo(attributes: Attributes): GatewayInfo | null | undefined {
  const info = attributes.external_gateway_info as GatewayInfo | null | undefined
  return info === undefined ? undefined : info?.network_id ? info : null
}

async function updateRouter(work: Work, router: RouterRecord, changes: Attributes): Promise<void> {
  const { tx } = work
  const patch = patchOf<RouterRecord>(changes, {
    ...standardChanges,
    admin_state_up: (adminStateUp: boolean) => ({ adminStateUp }),
  })
  await revise(tx, routers, router, patch)
  tx.touch('router', router.id)
  const distributed = flagOf(changes, 'distributed', router.distributed)
  const ha = flagOf(changes, 'ha', router.ha)
  // down now, or going down with this request
  if (patch.adminStateUp ?? router.adminStateUp) {
    if (distributed !== router.distributed) throw activeRouterConversion()
    if (ha !== router.ha) throw activeRouterHaChange()
  }
  if (distributed !== router.distributed || ha !== router.ha) await convertRouter(work, router, { distributed, ha })
  const info = gatewayInfo(changes)
  if (info !== undefined) await applyGateway(work, (await lockRouter(tx.db, router.id))!, info)
  await enableOnUpdate(work, router, changes)
  if (changes.routes !== undefined) await setRoutes(work, router, (changes.routes as readonly Route[] | null) ?? [])
}

/** Replaces the router's routes after checking that it can follow them. */
export async function setRoutes({ core, tx }: Work, router: RouterRecord, asked: readonly Route[]): Promise<void> {
  const routes = asked.map(({ destination, nexthop }) => ({ destination, nexthop }))
  checkRoutes(router.id, routes, core.config.DEFAULT.max_routes, await surroundings(tx.db, router.id))
  await routers.update(tx.db, { id: router.id }, { routes })
  tx.touch('router', router.id)
}

/** Deletes a router without interfaces; its gateway goes with it. */
export async function deleteRouter(work: Work, router: RouterRecord): Promise<void> {
  const { tx } = work
  if ((await routerPorts(tx.db, router.id)).interfaces.length > 0) throw routerInUse(router.id)
  await applyGateway(work, router, null)
  if (router.ha) await endHa(work, router)
  await routers.delete(tx.db, { id: router.id })
  tx.touch('router', router.id)
}
