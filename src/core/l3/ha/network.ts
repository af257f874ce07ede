import { haNetworks, haVrIds } from '../../../store/ha-routers.js'
import type { RouterRecord } from '../../../store/routers.js'
import { visibleNetwork } from '../../network/collection.js'
import { createNetwork, deleteNetwork } from '../../network/service.js'
import { createSubnet } from '../../subnet/service.js'
import { noVrIdAvailable } from '../faults.js'
import { elevated, type Work } from '../work.js'

const LAST_VR_ID = 254

/** Gives the router a number of its own on its project's HA network, which is made for the first of them. */
export async function joinHaNetwork(work: Work, { id: routerId, projectId }: RouterRecord): Promise<void> {
  const { db } = work.tx
  const networkId = (await haNetworks.findOne(db, { projectId }))?.networkId ?? (await addHaNetwork(work, projectId))
  const taken = new Set((await haVrIds.find(db, { networkId })).map(({ vrId }) => vrId))
  const vrId = Array.from({ length: LAST_VR_ID }, (_, i) => i + 1).find((candidate) => !taken.has(candidate))
  if (vrId === undefined) throw noVrIdAvailable(routerId, LAST_VR_ID)
  await haVrIds.insert(db, { routerId, networkId, vrId })
}

/** Gives the number back; the network goes with the last router that used it. Its ports have to be gone. */
export async function leaveHaNetwork(work: Work, { id: routerId, projectId }: RouterRecord): Promise<void> {
  const { db } = work.tx
  await haVrIds.delete(db, { routerId })
  const network = await haNetworks.findOne(db, { projectId })
  if (!network || (await haVrIds.count(db, { networkId: network.networkId })) > 0) return
  await haNetworks.delete(db, { projectId })
  const ctx = elevated(work.ctx)
  await deleteNetwork({ ...work, ctx }, await visibleNetwork(db, ctx, network.networkId))
}

/** The network belongs to nobody, so that no project sees it and none is charged for it. */
async function addHaNetwork(work: Work, projectId: string): Promise<string> {
  const { core, tx, ctx } = work
  const { l3_ha_net_cidr: cidr, l3_ha_network_type: type, l3_ha_network_physical_name: physical } = core.config.DEFAULT
  const network = await createNetwork(core, tx, elevated(ctx), {
    name: `HA network tenant ${projectId}`,
    project_id: '',
    ...(type && { 'provider:network_type': type }),
    ...(physical && { 'provider:physical_network': physical }),
  })
  await createSubnet(core, tx, elevated(ctx), {
    name: `HA subnet tenant ${projectId}`,
    project_id: '',
    network_id: network.id,
    ip_version: 4,
    cidr,
    gateway_ip: null,
    enable_dhcp: false,
  })
  await haNetworks.insert(tx.db, { projectId, networkId: network.id })
  return network.id
}
