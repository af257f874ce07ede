import { ports } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { type SubportRecord, type TrunkRecord, trunksOfParents } from '../../store/trunks.js'
import { standardTail } from '../attributes.js'
import type { Resource } from '../service.js'

export function showTrunk(trunk: TrunkRecord): Resource {
  return {
    id: trunk.id,
    name: trunk.name,
    tenant_id: trunk.projectId,
    port_id: trunk.portId,
    admin_state_up: trunk.adminStateUp,
    status: trunk.status,
    sub_ports: trunk.subports.map(showSubport),
    ...standardTail(trunk),
  }
}

export function showSubport({ portId, segmentationType, segmentationId }: SubportRecord) {
  return { port_id: portId, segmentation_type: segmentationType, segmentation_id: segmentationId }
}

/** `trunk_details` of the parents among these ports, by port id. */
export async function trunkDetails(db: Db, portIds: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  const trunks = await trunksOfParents(db, portIds)
  const behind = trunks.flatMap(({ subports }) => subports.map(({ portId }) => portId))
  const macs = new Map((await ports.findIn(db, 'id', behind)).map(({ id, mac }) => [id, mac]))
  return new Map(trunks.map((trunk) => [trunk.portId, showDetails(trunk, macs)]))
}

function showDetails({ id, subports }: TrunkRecord, macs: ReadonlyMap<string, string>) {
  const shown = subports.map((subport) => ({ ...showSubport(subport), mac_address: macs.get(subport.portId) }))
  return { trunk_id: id, sub_ports: shown }
}
