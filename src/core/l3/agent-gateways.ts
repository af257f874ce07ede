import { OWNER } from '../../model/owners.js'
import { agentOfHost } from '../../store/agents.js'
import { agentGateways, floatingIpsOnHost, floatingNetworksOnHost } from '../../store/floating-ips.js'
import { ndpProxyPlaces } from '../../store/ndp-proxies.js'
import { loadPort } from '../../store/ports.js'
import { translatesItself } from './floating-ip-hosts.js'
import { addPort, removePort } from './system-ports.js'
import type { Work } from './work.js'

/** A host and an external network. */
export interface GatewayPlace {
  readonly networkId: string
  readonly host: string
}

/**
 * A host that translates floating IPs of an external network, or answers for IPv6 addresses of its instances there, has
 * one address of its own there, as long as it has at least one of them. Brings that in line for each place, in this transaction, so that no host is ever told of a
 * floating IP without its gateway.
 */
export async function settleAgentGateways(work: Work, places: readonly GatewayPlace[]): Promise<void> {
  const unique = new Map(places.map((place) => [`${place.networkId} ${place.host}`, place]))
  for (const place of unique.values()) await settleAgentGateway(work, place)
}

async function settleAgentGateway(work: Work, place: GatewayPlace): Promise<void> {
  const { db } = work.tx
  const present = await agentGateways.findOne(db, place)
  const needed = await isNeeded(work, place)
  if (needed && !present) await addAgentGateway(work, place)
  if (!needed && present) await removeAgentGateway(work, present.portId)
}

async function isNeeded({ tx }: Work, { networkId, host }: GatewayPlace): Promise<boolean> {
  const served = await floatingIpsOnHost(tx.db, networkId, host)
  const proxied = await ndpProxyPlaces(tx.db, 'host', host)
  const isUsed =
    served.some((place) => place.distributed && place.portHost === host) ||
    proxied.some((place) => place.networkId === networkId)
  return isUsed && (await translatesItself(tx.db, host))
}

async function addAgentGateway(work: Work, { networkId, host }: GatewayPlace): Promise<void> {
  const agent = (await agentOfHost(work.tx.db, 'L3 agent', host))!
  const port = await addPort(work, {
    networkId,
    projectId: '',
    deviceId: agent.id,
    deviceOwner: OWNER.agentGateway,
    fixedIps: undefined,
    host,
  })
  await agentGateways.insert(work.tx.db, { networkId, host, portId: port.id })
}

async function removeAgentGateway(work: Work, portId: string): Promise<void> {
  await agentGateways.delete(work.tx.db, { portId })
  const port = await loadPort(work.tx.db, portId)
  if (port) await removePort(work, port)
}

/** All gateways of one host, when what its L3 agent does has changed. */
export async function settleHostGateways(work: Work, host: string): Promise<void> {
  const present = await agentGateways.find(work.tx.db, { host })
  const networkIds = [
    ...[...present, ...(await ndpProxyPlaces(work.tx.db, 'host', host))].map(({ networkId }) => networkId),
    ...(await floatingNetworksOnHost(work.tx.db, host)),
  ]
  await settleAgentGateways(
    work,
    networkIds.map((networkId) => ({ networkId, host })),
  )
}

/** For a host that loses its L3 agent. */
export async function removeHostGateways(work: Work, host: string): Promise<void> {
  for (const { portId } of await agentGateways.find(work.tx.db, { host })) await removeAgentGateway(work, portId)
}
