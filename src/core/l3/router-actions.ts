import type { Route } from '../../model/cloud.js'
import type { RouterRecord } from '../../store/routers.js'
import type { Core } from '../core.js'
import type { Attributes, ResourceAction } from '../service.js'
import { addInterface, type InterfaceChange, removeInterface } from './interfaces.js'
import { routerChanged, setRoutes, writableRouter } from './router-service.js'
import { showRouterById } from './router-shape.js'
import { withoutRoutes, withRoutes } from './routes.js'
import type { Work } from './work.js'

type Step<T> = (work: Work, router: RouterRecord, body: Attributes) => Promise<T>

/** PUT /routers/{id}/…: interfaces come and go, routes are added and removed one by one. */
export function routerActions(core: Core): Readonly<Record<string, ResourceAction>> {
  return {
    add_router_interface: interfaceAction(core, addInterface),
    remove_router_interface: interfaceAction(core, removeInterface),
    add_extraroutes: routesAction(core, withRoutes),
    remove_extraroutes: routesAction(core, withoutRoutes),
  }
}

function interfaceAction(core: Core, step: Step<InterfaceChange>): ResourceAction {
  return (ctx, id, body) =>
    core.store.transaction(ctx, async (tx) => {
      const router = await writableRouter(tx.db, ctx, id)
      const { port, subnetIds } = await step({ core, tx, ctx }, router, body)
      await routerChanged(tx, router)
      return {
        id: router.id,
        tenant_id: router.projectId,
        project_id: router.projectId,
        port_id: port.id,
        network_id: port.networkId,
        subnet_id: subnetIds[0],
        subnet_ids: subnetIds,
      }
    })
}

function routesAction(
  core: Core,
  merge: (routes: readonly Route[], given: readonly Route[]) => Route[],
): ResourceAction {
  return (ctx, id, body) =>
    core.store.transaction(ctx, async (tx) => {
      const router = await writableRouter(tx.db, ctx, id)
      const given = (body.router as { readonly routes?: readonly Route[] } | undefined)?.routes ?? []
      await setRoutes({ core, tx, ctx }, router, merge(router.routes, given))
      await routerChanged(tx, router)
      return { router: await showRouterById(tx.db, id) }
    })
}
