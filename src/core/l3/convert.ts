import { ndpProxyPlaces } from '../../store/ndp-proxies.js'
import { loadRouter, type RouterRecord, routers } from '../../store/routers.js'
import { settleAgentGateways } from './agent-gateways.js'
import { settleCentralAgent } from './central-agent.js'
import { settleCentralizedPorts } from './centralized-snat.js'
import { settleFloatingIps } from './floating-ip-hosts.js'
import { beginHa, endHa } from './ha/routers.js'
import { interfaceOwner } from './interfaces.js'
import { routerPorts } from './router-ports.js'
import { adoptPort } from './system-ports.js'
import type { Work } from './work.js'

/** How a router is realised. */
export interface Realisation {
  readonly distributed: boolean
  readonly ha: boolean
}

/**
 * Makes a legacy router distributed or the reverse, or gives it several agents instead of one or the reverse; it must be
 * down. The central part gets agents that may have it, interfaces move between one host and every host, and addresses
 * for the snat namespace come or go.
 */
export async function convertRouter(work: Work, router: RouterRecord, { distributed, ha }: Realisation): Promise<void> {
  const { db } = work.tx
  const proxied = await ndpProxyPlaces(db, 'router', router.id)
  await routers.update(db, { id: router.id }, { distributed, ha })
  work.tx.touch('router', router.id)
  if (router.ha && !ha) await endHa(work, router)
  if (!distributed) await settleCentralizedPorts(work, (await loadRouter(db, router.id))!)
  if (ha && !router.ha) await beginHa(work, (await loadRouter(db, router.id))!)
  await settleCentralAgent(work, router.id)
  const now = (await loadRouter(db, router.id))!
  const host = distributed ? '' : (now.central?.host ?? '')
  for (const port of (await routerPorts(db, router.id)).interfaces) {
    await adoptPort(work, port, { deviceId: router.id, deviceOwner: interfaceOwner(now), host })
  }
  await settleCentralizedPorts(work, now)
  await settleFloatingIps(work, 'router_id', router.id)
  await settleAgentGateways(work, [...proxied, ...(await ndpProxyPlaces(db, 'router', router.id))])
}
