import { sql } from 'kysely'
import { OWNER } from '../../model/owners.js'
import { type FloatingIpRecord, floatingIpPlaces, floatingIps } from '../../store/floating-ips.js'
import { portForwardings } from '../../store/port-forwardings.js'
import type { PortRecord } from '../../store/ports.js'
import { revise } from '../../store/standard-attributes.js'
import type { Db } from '../../store/table.js'
import { visiblePort } from '../port/collection.js'
import { floatingIpForwards, portHasForwarding } from '../port-forwarding/faults.js'
import { settleAgentGateways } from './agent-gateways.js'
import { chooseFixedIp } from './choose-fixed-ip.js'
import { alreadyAssociated, externalGatewayNotFound, foreignPort } from './faults.js'
import { gatewayOf, servingHosts } from './floating-ip-hosts.js'
import type { Work } from './work.js'

/** What a floating IP leads to. */
export interface Target {
  readonly portId: string
  readonly fixedIp: string
  readonly routerId: string
}

/** Finds the address of the port and the router by which the floating IP reaches it, or says why it cannot. */
export async function findTarget(
  work: Work,
  fip: FloatingIpRecord,
  portId: string,
  asked: string | null,
): Promise<Target> {
  const { tx, ctx } = work
  const port = await visiblePort(tx.db, ctx, portId)
  if (!ctx.isAdmin && port.projectId !== fip.projectId) throw foreignPort(portId)
  const { subnetId, ip } = chooseFixedIp(port, asked)
  const routerId = await routerBetween(tx.db, port, subnetId, fip.floatingNetworkId)
  const other = await floatingIps.findOne(tx.db, { portId, fixedIp: ip, floatingNetworkId: fip.floatingNetworkId })
  if (other && other.id !== fip.id) {
    const { floatingIp, id, floatingNetworkId: networkId } = fip
    throw alreadyAssociated({ floatingIp, id, portId, fixedIp: ip, networkId })
  }
  if (await portForwardings.findOne(tx.db, { floatingIpId: fip.id })) throw floatingIpForwards(fip.id)
  if (await portForwardings.findOne(tx.db, { internalPortId: portId, internalIp: ip })) throw portHasForwarding(portId)
  return { portId, fixedIp: ip, routerId }
}

/** The router with an interface on the subnet and its gateway on the network; of several, the subnet's own gateway. */
export async function routerBetween(db: Db, port: PortRecord, subnetId: string, networkId: string): Promise<string> {
  const owners = [OWNER.routerInterface, OWNER.distributedRouterInterface, OWNER.haRouterInterface]
  const { rows } = await sql<{ id: string }>`
    select r.id from ip_allocations i join ports p on p.id = i.port_id join routers r on r.id = p.device_id
    join subnets s on s.id = i.subnet_id
    where i.subnet_id = ${subnetId} and p.device_owner in (${sql.join(owners)}) and r.gateway_network_id = ${networkId}
    order by case when i.ip = s.gateway_ip then 0 else 1 end, r.id limit 1`.execute(db)
  if (!rows[0]) throw externalGatewayNotFound(networkId, subnetId, port.id)
  return rows[0].id
}

/**
 * Leads the floating IP to `target`, or nowhere (null). It is down until the host that has it now reports it; where
 * that is the host that had it before, its status stays, since for the agent it never went away.
 */
export async function associate(work: Work, fip: FloatingIpRecord, target: Target | null): Promise<void> {
  const { tx } = work
  const before = await floatingIpPlaces(tx.db, 'id', [fip.id])
  const hostBefore = (await servingHosts(tx.db, [fip.id])).get(fip.id)
  const { portId, fixedIp, routerId } = target ?? { portId: null, fixedIp: null, routerId: null }
  await revise(tx, floatingIps, fip, { portId, fixedIp, routerId })
  const after = await floatingIpPlaces(tx.db, 'id', [fip.id])
  const hostAfter = (await servingHosts(tx.db, [fip.id])).get(fip.id)
  const stays = target !== null && hostAfter != null && hostAfter === hostBefore
  if (!stays) await floatingIps.update(tx.db, { id: fip.id }, { status: 'DOWN' })
  tx.touch('floatingip', fip.id)
  await settleAgentGateways(work, [...before, ...after].flatMap(gatewayOf))
}

/** Lets go of every floating IP of a port that is about to leave. */
export async function disassociatePort(work: Work, portId: string): Promise<void> {
  for (const fip of await floatingIps.find(work.tx.db, { portId })) await associate(work, fip, null)
}
