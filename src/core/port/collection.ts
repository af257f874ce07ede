import { sql } from 'kysely'
import { loadPort, loadPorts, type PortRecord, ports, selectPorts } from '../../store/ports.js'
import type { Condition, Db } from '../../store/table.js'
import { type Collection, everything, loadVisible } from '../collection.js'
import type { Core } from '../core.js'
import { portNotFound } from '../fault-messages.js'
import type { RequestContext, Resource } from '../service.js'
import { showPorts } from './shape.js'

/** A port is seen by its own project and by the owner of its network. */
function visible(ctx: RequestContext): Condition {
  if (ctx.isAdmin || ctx.isService) return everything
  return sql`ports.project_id = ${ctx.projectId} or ports.network_id in
    (select id from networks where project_id = ${ctx.projectId})`
}

export function portCollection(core: Core): Collection<Resource> {
  const show = (db: Db, ports: readonly PortRecord[]) => showPorts(db, ports, core.config.DEFAULT.dns_domain)
  return {
    table: ports,
    names: {
      tenant_id: 'project_id',
      'binding:host_id': 'host_id',
      'binding:vif_type': 'vif_type',
      'binding:vnic_type': 'vnic_type',
    },
    special: { fixed_ips: fixedIpsFilter, security_groups: groupsFilter },
    load: async (db, ids) => show(db, await loadPorts(db, ids)),
    select: async (db, where, tail) => show(db, await selectPorts(db, where, tail)),
    visible: (ctx) => (ctx.isAdmin ? everything : visible(ctx)),
    notFound: portNotFound,
  }
}

/** `ip_address=…`, `subnet_id=…`, `ip_address_substr=…`: OR within a key, AND between keys. */
function fixedIpsFilter(values: readonly string[]): Condition {
  const byKey = new Map<string, string[]>()
  for (const value of values) {
    const at = value.indexOf('=')
    const key = at < 0 ? 'ip_address' : value.slice(0, at)
    byKey.set(key, [...(byKey.get(key) ?? []), value.slice(at + 1)])
  }
  const terms = [...byKey].map(
    ([key, wanted]) => sql`ports.id in (select port_id from ip_allocations where ${addressTerm(key, wanted)})`,
  )
  return terms.length === 0 ? sql`1 = 0` : sql.join(terms, sql` and `)
}

function addressTerm(key: string, wanted: readonly string[]): Condition {
  if (key === 'subnet_id') return sql`subnet_id in (${sql.join(wanted)})`
  if (key === 'ip_address_substr') {
    return sql.join(
      wanted.map((part) => sql`ip like ${`%${part.replaceAll(/[%_]/g, '')}%`}`),
      sql` or `,
    )
  }
  return sql`ip in (${sql.join(wanted)})`
}

function groupsFilter(values: readonly string[]): Condition {
  return sql`ports.id in (select port_id from port_security_groups where security_group_id in (${sql.join(values)}))`
}

/** The port when the context may see it; PortNotFound otherwise. */
export async function visiblePort(db: Db, ctx: RequestContext, id: string): Promise<PortRecord> {
  return loadVisible(db, { table: ports, visible, notFound: portNotFound }, ctx, id, () => loadPort(db, id))
}
