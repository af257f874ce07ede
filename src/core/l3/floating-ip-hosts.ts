import { agentOfHost } from '../../store/agents.js'
import { type FloatingIpPlace, floatingIpPlaces, floatingIps } from '../../store/floating-ips.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { settleAgentGateways } from './agent-gateways.js'
import { l3Mode } from './choose-agent.js'
import type { Work } from './work.js'

/** Whether the host translates the addresses of its own instances (the projection decides alike). */
export async function translatesItself(db: Db, host: string): Promise<boolean> {
  const agent = await agentOfHost(db, 'L3 agent', host)
  const mode = agent && l3Mode(agent)
  return mode === 'dvr' || mode === 'dvr_snat'
}

/** The host whose L3 agent has the floating IP: the instance's own, or that of the router's central part. */
export async function servingHost(
  db: Db,
  { distributed, portHost, centralHost }: FloatingIpPlace,
): Promise<string | null> {
  return distributed && portHost !== null && (await translatesItself(db, portHost)) ? portHost : centralHost
}

/** Floating IP id -> host that serves it, for associated ones. */
export async function servingHosts(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  const hosts = new Map<string, string | null>()
  for (const place of await floatingIpPlaces(db, 'id', ids)) hosts.set(place.id, await servingHost(db, place))
  return hosts
}

async function markDown(tx: Transaction, id: string): Promise<void> {
  await floatingIps.update(tx.db, { id }, { status: 'DOWN' })
  tx.touch('floatingip', id)
}

/**
 * After the port or the router of floating IPs changed its place: whoever has them now reports them active, and hosts
 * gain or lose their own address on the external network.
 */
export async function settleFloatingIps(work: Work, by: 'router_id' | 'port_id', id: string): Promise<void> {
  const places = await floatingIpPlaces(work.tx.db, by, [id])
  for (const place of places) if (place.status !== 'DOWN') await markDown(work.tx, place.id)
  await settleAgentGateways(work, places.flatMap(gatewayOf))
}

/** The host's gateway that a floating IP at this place may need. */
export function gatewayOf({ floatingNetworkId, portHost }: FloatingIpPlace): { networkId: string; host: string }[] {
  return portHost === null ? [] : [{ networkId: floatingNetworkId, host: portHost }]
}
