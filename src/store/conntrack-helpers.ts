import type { CloudConntrackHelper } from '../model/cloud.js'
import { type Db, int, type RecordOf, Table, text } from './table.js'

/** Ports of routers whose connections the kernel follows by what is said in them. */
export const conntrackHelpers = new Table('conntrack_helpers', {
  id: text('id'),
  routerId: text('router_id'),
  protocol: text('protocol'),
  port: int('port'),
  helper: text('helper'),
})

export type ConntrackHelperRecord = RecordOf<typeof conntrackHelpers.columns>

/** Helpers by router, each sorted by id; routers without any are absent. */
export async function conntrackHelpersOf(
  db: Db,
  routerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ConntrackHelperRecord[]>> {
  const found = new Map<string, ConntrackHelperRecord[]>()
  const rows = await conntrackHelpers.findIn(db, 'routerId', routerIds)
  for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    found.set(row.routerId, [...(found.get(row.routerId) ?? []), row])
  }
  return found
}

/** As the change log has them, inside their router. */
export function renderConntrackHelper({ id, protocol, port, helper }: ConntrackHelperRecord): CloudConntrackHelper {
  return { id, protocol, port, helper }
}
