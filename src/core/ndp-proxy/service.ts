import { type NdpProxyRecord, ndpProxies, ndpProxyPlaces } from '../../store/ndp-proxies.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import { patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { byId, type Collection, findVisible, visibleOwn } from '../collection.js'
import type { Core } from '../core.js'
import { settleAgentGateways } from '../l3/agent-gateways.js'
import { writableRouter } from '../l3/router-service.js'
import type { Work } from '../l3/work.js'
import { visiblePort } from '../port/collection.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { checkEnabled, checkOnce, checkScopesMatch, chooseAddress, interfacesTowards } from './checks.js'
import { proxyNotFound } from './faults.js'

const collection: Collection<Resource> = {
  table: ndpProxies,
  names: { tenant_id: 'project_id' },
  load: async (db, ids) => (await ndpProxies.findIn(db, 'id', ids)).map(showProxy),
  visible: visibleOwn('ndp_proxies'),
  notFound: proxyNotFound,
}

function showProxy(proxy: NdpProxyRecord): Resource {
  return {
    id: proxy.id,
    name: proxy.name,
    tenant_id: proxy.projectId,
    router_id: proxy.routerId,
    port_id: proxy.portId,
    ip_address: proxy.ip,
    description: proxy.description,
    created_at: proxy.createdAt,
    updated_at: proxy.updatedAt,
    revision_number: proxy.revisionNumber,
    project_id: proxy.projectId,
  }
}

/** `/ndp_proxies`: IPv6 addresses of ports that the outside reaches because a router answers for them. */
export function ndpProxyService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: async (work, item) => showProxy(await createProxy(work, item)),
    find: findVisible(collection, byId(ndpProxies)),
    update: async ({ tx }, before, changes) => {
      const { tags: _, ...common } = standardChanges
      const written = await revise(tx, ndpProxies, before, patchOf<NdpProxyRecord>(changes, common))
      return showProxy({ ...before, ...written })
    },
    delete: removeProxy,
  })
}

async function createProxy(work: Work, item: Attributes): Promise<NdpProxyRecord> {
  const { tx, ctx } = work
  const routerId = textOf(item, 'router_id')
  const port = await visiblePort(tx.db, ctx, textOf(item, 'port_id'))
  const interfaces = await interfacesTowards(tx.db, port, routerId)
  const router = await writableRouter(tx.db, ctx, routerId)
  checkEnabled(router)
  const ip = chooseAddress(port, routerId, interfaces, textOf(item, 'ip_address') || null)
  await checkScopesMatch(tx.db, router, port)
  await checkOnce(tx.db, routerId, ip)
  const given = { projectId: projectOf(item, ctx.projectId), description: textOf(item, 'description') }
  const proxy = { ...newStandard(tx.now, given), name: textOf(item, 'name'), routerId, portId: port.id, ip }
  await ndpProxies.insert(tx.db, proxy)
  tx.touch('router', routerId)
  await settleAgentGateways(work, await ndpProxyPlaces(tx.db, 'port', port.id))
  return proxy
}

async function removeProxy(work: Work, { id, routerId, portId }: NdpProxyRecord): Promise<void> {
  const { tx } = work
  const places = await ndpProxyPlaces(tx.db, 'port', portId)
  await ndpProxies.delete(tx.db, { id })
  tx.touch('router', routerId)
  await settleAgentGateways(work, places)
}

/** Proxies for addresses that a port no longer has (`keep` names those it has). */
export async function removeProxiesOf(work: Work, portId: string, keep: readonly string[]): Promise<void> {
  for (const proxy of await ndpProxies.find(work.tx.db, { portId })) {
    if (!keep.includes(proxy.ip)) await removeProxy(work, proxy)
  }
}
