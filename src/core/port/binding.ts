import { trunkBridgeName } from '../../model/device-names.js'
import { isTrustedOwner, OWNER } from '../../model/owners.js'
import { agents } from '../../store/agents.js'
import { loadNetwork, type NetworkSegment } from '../../store/networks.js'
import type { PortRecord } from '../../store/ports.js'
import { subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import { trunks } from '../../store/trunks.js'
import { isAlive } from '../agent/alive.js'
import type { Core } from '../core.js'
import type { Binding } from '../ml2/mechanism-driver.js'
import { hasProviders } from '../placement/providers.js'
import { routedSegments } from '../segment/host-segments.js'

const UNBOUND: Binding = { vifType: 'unbound', vifDetails: {} }
const FAILED: Binding = { vifType: 'binding_failed', vifDetails: {} }
/** interface of a distributed router: wired on every host of the router, bound to none */
const DISTRIBUTED: Binding = { vifType: 'distributed', vifDetails: { bound_drivers: { '0': 'openvswitch' } } }

/** How the port is wired on the host it is meant for; the first mechanism driver that can decides. */
export async function bindPort(core: Core, db: Db, port: PortRecord): Promise<Binding> {
  if (port.deviceOwner === OWNER.distributedRouterInterface) return DISTRIBUTED
  if (port.hostId === '') return UNBOUND
  const segments = await segmentsFor(db, port)
  const reported = await agents.find(db, { host: port.hostId })
  const now = new Date()
  const able = reported.filter((agent) => isAlive(core, agent, now) && hasProviders(agent, port.profile.allocation))
  for (const driver of core.mechanismDrivers) {
    const binding = driver.bind({ port, host: port.hostId, segments, agents: able })
    if (binding) return overTrunk(db, port, binding)
  }
  core.log.warn(
    { port: port.id, host: port.hostId, network: port.networkId },
    'the port could not be bound on its host',
  )
  return FAILED
}

/** Segments on which the port can be wired: of a routed network those of its addresses. */
async function segmentsFor(db: Db, { networkId, fixedIps }: PortRecord): Promise<readonly NetworkSegment[]> {
  const { segments } = (await loadNetwork(db, networkId))!
  const subnets = await subnetsOfNetwork(db, networkId)
  const routed = routedSegments(subnets)
  if (routed.size === 0) return segments
  const own = routedSegments(subnets.filter(({ id }) => fixedIps.some(({ subnetId }) => subnetId === id)))
  return segments.filter(({ id }) => (own.size > 0 ? own : routed).has(id))
}

/** An instance with a trunk is plugged into the trunk's bridge. */
async function overTrunk(db: Db, { id, deviceOwner }: PortRecord, binding: Binding): Promise<Binding> {
  const trunk = isTrustedOwner(deviceOwner) ? undefined : await trunks.findOne(db, { portId: id })
  if (!trunk) return binding
  return { ...binding, vifDetails: { ...binding.vifDetails, bridge_name: trunkBridgeName(trunk.id) } }
}

/** Whether the port has a host that can wire it. */
export function isBound({ hostId, vifType }: Pick<PortRecord, 'hostId' | 'vifType'>): boolean {
  return hostId !== '' && vifType !== 'unbound' && vifType !== 'binding_failed'
}
