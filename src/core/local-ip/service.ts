import { randomUUID } from 'node:crypto'
import type { LocalIpMode } from '../../model/cloud.js'
import { OWNER } from '../../model/owners.js'
import { type LocalIpRecord, localIpAssociations, localIps } from '../../store/local-ips.js'
import { loadPort, type PortRecord } from '../../store/ports.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import { subnetsOfNetwork } from '../../store/subnets.js'
import { patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import { byId, type Collection, findVisible, visibleOwn } from '../collection.js'
import type { Core } from '../core.js'
import { elevated } from '../l3/work.js'
import { visibleNetwork } from '../network/collection.js'
import { createPort } from '../port/create.js'
import { deletePort } from '../port/delete.js'
import type { Attributes, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { chooseAddress, namedPort } from './addresses.js'
import { localIpInUse, localIpNotFound, noIpv4Subnet, portOrNetworkRequired } from './faults.js'

const collection: Collection<Resource> = {
  table: localIps,
  names: { tenant_id: 'project_id' },
  load: async (db, ids) => (await localIps.findIn(db, 'id', ids)).map(showLocalIp),
  visible: visibleOwn('local_ips'),
  notFound: localIpNotFound,
}

function showLocalIp(record: LocalIpRecord): Resource {
  return {
    id: record.id,
    name: record.name,
    description: record.description,
    tenant_id: record.projectId,
    local_port_id: record.localPortId,
    network_id: record.networkId,
    local_ip_address: record.ip,
    ip_mode: record.mode,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    revision_number: record.revisionNumber,
    project_id: record.projectId,
  }
}

/** `/local_ips`: addresses that lead to another port on each host. */
export function localIpService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: async (work, item) => showLocalIp(await createLocalIp(work, item)),
    find: visibleLocalIp,
    update: async ({ tx }, before, changes) => {
      const { tags: _, ...common } = standardChanges
      const written = await revise(tx, localIps, before, patchOf<LocalIpRecord>(changes, common))
      return showLocalIp({ ...before, ...written })
    },
    delete: deleteLocalIp,
  })
}

export const visibleLocalIp = findVisible(collection, byId(localIps))

async function createLocalIp(work: Work, item: Attributes): Promise<LocalIpRecord> {
  const { tx, ctx } = work
  const id = randomUUID()
  const projectId = projectOf(item, ctx.projectId)
  const asked = textOf(item, 'local_ip_address') || null
  const [portId, networkId] = [textOf(item, 'local_port_id'), textOf(item, 'network_id')]
  if (!portId && !networkId) throw portOrNetworkRequired()
  const port = portId
    ? await namedPort(tx.db, ctx, 'local_ip', portId)
    : await reservePort(work, { id, projectId, networkId, asked })
  const record: LocalIpRecord = {
    ...newStandard(tx.now, { id, projectId, description: textOf(item, 'description') }),
    name: textOf(item, 'name'),
    localPortId: port.id,
    networkId: port.networkId,
    ip: chooseAddress(port, asked),
    mode: textOf(item, 'ip_mode', 'translate') as LocalIpMode,
  }
  await localIps.insert(tx.db, record)
  tx.touch('local_ip', id)
  return record
}

interface Reservation {
  readonly id: string
  readonly projectId: string
  readonly networkId: string
  /** null: whichever is free */
  readonly asked: string | null
}

/** A port that keeps the address for the local IP, of IPv4 alone. */
async function reservePort(work: Work, { id, projectId, networkId, asked }: Reservation): Promise<PortRecord> {
  const { core, tx, ctx } = work
  await visibleNetwork(tx.db, ctx, networkId)
  const subnets = (await subnetsOfNetwork(tx.db, networkId)).filter(({ ipVersion }) => ipVersion === 4)
  if (subnets.length === 0) throw noIpv4Subnet(networkId)
  return createPort(core, tx, elevated(ctx), {
    network_id: networkId,
    project_id: projectId,
    device_id: id,
    device_owner: OWNER.localIp,
    fixed_ips: [asked === null ? { subnet_id: subnets[0]!.id } : { ip_address: asked }],
    port_security_enabled: false,
  })
}

async function deleteLocalIp({ core, tx, ctx }: Work, { id, localPortId }: LocalIpRecord): Promise<void> {
  if (await localIpAssociations.findOne(tx.db, { localIpId: id })) throw localIpInUse(id)
  const port = await loadPort(tx.db, localPortId)
  await localIps.delete(tx.db, { id })
  tx.touch('local_ip', id)
  if (port?.deviceOwner === OWNER.localIp) await deletePort(core, tx, elevated(ctx), port.id)
}
