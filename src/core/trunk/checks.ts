import { isTrustedOwner } from '../../model/owners.js'
import { loadNetwork, networks } from '../../store/networks.js'
import type { PortRecord } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { type SubportRecord, subports, trunks } from '../../store/trunks.js'
import { invalidInput, portInUse } from '../fault-messages.js'
import { visiblePort } from '../port/collection.js'
import type { RequestContext } from '../service.js'
import { parentPortInUse, subportMtuTooLarge, trunkPortInUse } from './faults.js'

/** A subport as a request asks for it; `inherit` takes tag and type from the port's network. */
export interface AskedSubport {
  readonly port_id: string
  readonly segmentation_type?: string
  readonly segmentation_id?: number
}

export type WantedSubport = Omit<SubportRecord, 'trunkId'>

async function checkNotInTrunk(db: Db, portId: string): Promise<void> {
  if (await subports.findOne(db, { portId })) throw trunkPortInUse(portId)
  if (await trunks.findOne(db, { portId })) throw parentPortInUse(portId)
}

/** The way of a bound port is there already, and does not lead over a trunk. */
export async function checkParent(db: Db, port: PortRecord): Promise<void> {
  await checkNotInTrunk(db, port.id)
  if (port.hostId !== '' || isTrustedOwner(port.deviceOwner)) throw parentPortInUse(port.id)
}

/** What a request asks for, once it is certain that these ports can be behind `parent`. */
export async function checkSubports(
  db: Db,
  ctx: RequestContext,
  parent: PortRecord,
  asked: readonly AskedSubport[],
): Promise<WantedSubport[]> {
  const mtuOf = async (networkId: string) => (await networks.findOne(db, { id: networkId }))!.mtu
  const parentMtu = await mtuOf(parent.networkId)
  const wanted: WantedSubport[] = []
  for (const item of asked) {
    if (item.port_id === parent.id) throw parentPortInUse(parent.id)
    const port = await visiblePort(db, ctx, item.port_id)
    const mtu = await mtuOf(port.networkId)
    if (mtu > parentMtu) throw subportMtuTooLarge(port.id, mtu, parent.id, parentMtu)
    wanted.push({ portId: port.id, ...(await segmentOf(db, port, item)) })
    await checkNotInTrunk(db, port.id)
    if (port.deviceId !== '') throw portInUse(port.id, port.networkId, port.deviceId)
  }
  return wanted
}

async function segmentOf(
  db: Db,
  port: PortRecord,
  item: AskedSubport,
): Promise<Pick<WantedSubport, 'segmentationType' | 'segmentationId'>> {
  const inherited = item.segmentation_type === 'inherit' ? await ownSegment(db, port.networkId) : item
  const { segmentation_type: segmentationType, segmentation_id: segmentationId } = inherited
  if (segmentationType !== 'vlan') throw invalidInput(`Unknown segmentation_type '${segmentationType}'`)
  if (!Number.isInteger(segmentationId) || segmentationId! < 1 || segmentationId! > 4094) {
    throw invalidInput(`Segmentation ID '${segmentationId}' is not in range`)
  }
  return { segmentationType, segmentationId: segmentationId! }
}

async function ownSegment(db: Db, networkId: string): Promise<Omit<AskedSubport, 'port_id'>> {
  const [segment] = (await loadNetwork(db, networkId))!.segments
  return { segmentation_type: segment?.networkType, segmentation_id: segment?.segmentationId ?? undefined }
}
