import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { type ConntrackHelperRecord, conntrackHelpers } from '../../store/conntrack-helpers.js'
import { routers } from '../../store/routers.js'
import type { Db } from '../../store/table.js'
import { patchOf, textOf } from '../attributes.js'
import { byId, type Collection, everything, findVisible } from '../collection.js'
import type { Core } from '../core.js'
import { routerChanged, writableRouter } from '../l3/router-service.js'
import type { Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { duplicateHelper, helperNotAllowed, helperNotFound, wrongProtocol } from './faults.js'

const collection: Collection<Resource> = {
  table: conntrackHelpers,
  names: {},
  load: showAll,
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`conntrack_helpers.router_id in (select id from routers where project_id = ${ctx.projectId})`,
  notFound: helperNotFound,
}

const visibleHelper = findVisible(collection, byId(conntrackHelpers))

/** With the router and its project, which are for paths and for who may do what. */
async function showAll(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const records = await conntrackHelpers.findIn(db, 'id', ids)
  const owners = new Map(
    (await routers.findIn(db, 'id', [...new Set(records.map(({ routerId }) => routerId))])).map(({ id, projectId }) => [
      id,
      projectId,
    ]),
  )
  return records.map(({ id, routerId, protocol, port, helper }) => ({
    id,
    protocol,
    port,
    helper,
    router_id: routerId,
    project_id: owners.get(routerId)!,
  }))
}

/** `/routers/{id}/conntrack_helpers`. A router with its helpers is one value. */
export function conntrackHelperService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: async (work, item) => {
      const record = {
        id: randomUUID(),
        routerId: textOf(item, 'router_id'),
        protocol: textOf(item, 'protocol'),
        port: Number(item.port),
        helper: textOf(item, 'helper'),
      }
      await settle(work, record, () => conntrackHelpers.insert(work.tx.db, record))
      return (await showAll(work.tx.db, [record.id]))[0]!
    },
    find: visibleHelper,
    update: async (work, before, changes) => {
      const { db } = work.tx
      const patch = patchOf<ConntrackHelperRecord>(changes, {
        protocol: (protocol: string) => ({ protocol }),
        port: (port: number) => ({ port }),
        helper: (helper: string) => ({ helper }),
      })
      await settle(work, { ...before, ...patch }, () => conntrackHelpers.update(db, { id: before.id }, patch))
      return (await showAll(db, [before.id]))[0]!
    },
    delete: async (work, { id, routerId }) => {
      const router = await writableRouter(work.tx.db, work.ctx, routerId)
      await conntrackHelpers.delete(work.tx.db, { id })
      await routerChanged(work.tx, router)
    },
  })
}

/** Checks a helper as wanted, writes it, and notes the change of its router. */
async function settle(
  { core, tx, ctx }: Work,
  wanted: ConntrackHelperRecord,
  write: () => Promise<void>,
): Promise<void> {
  const { id, routerId, protocol, port, helper } = wanted
  checkAllowed(core, wanted)
  const router = await writableRouter(tx.db, ctx, routerId)
  const same = await conntrackHelpers.findOne(tx.db, { routerId, protocol, port, helper })
  // as Python prints the values
  if (same && same.id !== id)
    throw duplicateHelper(
      `{'router_id': '${routerId}', 'protocol': '${protocol}', 'port': ${port}, 'helper': '${helper}'}`,
    )
  await write()
  await routerChanged(tx, router)
}

function checkAllowed({ config }: Core, { helper, protocol }: ConntrackHelperRecord): void {
  const allowed = config.DEFAULT.allowed_conntrack_helpers
  const protocols = allowed.flatMap((pair) => (pair.startsWith(`${helper}:`) ? pair.slice(helper.length + 1) : []))
  if (protocols.length === 0) throw helperNotAllowed(helper)
  if (!protocols.includes(protocol)) throw wrongProtocol(helper, protocol, protocols)
}
