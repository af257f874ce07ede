import { sql } from 'kysely'
import { type LocalIpAssociationRecord, localIpAssociations, localIps } from '../../store/local-ips.js'
import { loadPorts } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { textOf } from '../attributes.js'
import { byId, type Collection, everything, findVisible } from '../collection.js'
import type { Core } from '../core.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { chooseAddress, namedPort } from './addresses.js'
import { associationNotFound, duplicateAssociation } from './faults.js'
import { visibleLocalIp } from './service.js'

/** Inside, an association has the ids of both; its path has that of the port alone. */
const associationId = (localIpId: string, portId: string) => `${localIpId}:${portId}`

const collection: Collection<Resource> = {
  table: localIpAssociations,
  names: {},
  special: {
    local_ip_address: (values) =>
      sql`local_ip_associations.local_ip_id in (select id from local_ips where local_ip_address in (${sql.join([...values])}))`,
    host: (values) =>
      sql`local_ip_associations.fixed_port_id in (select id from ports where host_id in (${sql.join([...values])}))`,
  },
  load: showAll,
  visible: (ctx) =>
    ctx.isAdmin
      ? everything
      : sql`local_ip_associations.local_ip_id in (select id from local_ips where project_id = ${ctx.projectId})`,
  notFound: (id) => associationNotFound(...(id.split(':') as [string, string])),
}

/** With the local IP and its project, which are for paths and for who may do what. */
async function showAll(db: Db, ids: readonly string[]): Promise<Resource[]> {
  const records = await localIpAssociations.findIn(db, 'id', ids)
  const owners = await localIps.findIn(db, 'id', [...new Set(records.map(({ localIpId }) => localIpId))])
  const ports = await loadPorts(db, [...new Set(records.map(({ fixedPortId }) => fixedPortId))])
  const [ownerOf, portOf] = [new Map(owners.map((o) => [o.id, o])), new Map(ports.map((port) => [port.id, port]))]
  return records.map(({ id, localIpId, fixedPortId, fixedIp }) => ({
    id,
    local_ip_address: ownerOf.get(localIpId)!.ip,
    fixed_port_id: fixedPortId,
    fixed_ip: fixedIp,
    host: portOf.get(fixedPortId)?.hostId ?? '',
    local_ip_id: localIpId,
    project_id: ownerOf.get(localIpId)!.projectId,
  }))
}

/** `/local_ips/{id}/port_associations`: on each host the port that stands for the local IP there. */
export function localIpAssociationService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: createAssociation,
    find: findVisible(collection, byId(localIpAssociations)),
    delete: remove,
  })
}

async function createAssociation({ tx, ctx }: Work, item: Attributes): Promise<Resource> {
  const { id: localIpId } = await visibleLocalIp(tx.db, ctx, textOf(item, 'local_ip_id'))
  const port = await namedPort(tx.db, ctx, 'local_ip_port_association', textOf(item, 'fixed_port_id'))
  const fixedIp = chooseAddress(port, textOf(item, 'fixed_ip') || null)
  const id = associationId(localIpId, port.id)
  if (await localIpAssociations.findOne(tx.db, { id })) throw duplicateAssociation(localIpId, port.id)
  await localIpAssociations.insert(tx.db, { id, localIpId, fixedPortId: port.id, fixedIp })
  tx.touch('local_ip', localIpId)
  return (await showAll(tx.db, [id]))[0]!
}

async function remove({ tx }: Work, { id, localIpId }: LocalIpAssociationRecord): Promise<void> {
  await localIpAssociations.delete(tx.db, { id })
  tx.touch('local_ip', localIpId)
}

/** Associations with addresses that a port no longer has (`keep` names those it has). */
export async function removeAssociationsOf(work: Work, portId: string, keep: readonly string[]): Promise<void> {
  for (const record of await localIpAssociations.find(work.tx.db, { fixedPortId: portId })) {
    if (!keep.includes(record.fixedIp)) await remove(work, record)
  }
}
