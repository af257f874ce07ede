import { sql } from 'kysely'
import { OWNER } from '../../model/owners.js'
import { type AgentRecord, agents, dhcpBindings } from '../../store/agents.js'
import { loadNetwork, type NetworkRecord } from '../../store/networks.js'
import { findPorts, type PortRecord } from '../../store/ports.js'
import { remembered } from '../../store/session.js'
import { subnetsOfNetwork } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { isAlive } from '../agent/alive.js'
import type { Core } from '../core.js'
import { createPort } from '../port/create.js'
import { deletePort } from '../port/delete.js'
import { updatePort } from '../port/update.js'
import { routedSegments, segmentsOnHost } from '../segment/host-segments.js'
import type { RequestContext } from '../service.js'
import { systemContext } from '../system-context.js'
import { dhcpDeviceId } from './device-id.js'

export const DHCP_AGENT = 'DHCP agent'

/** `device_id` of a DHCP port that waits for an agent to take it over (Neutron: DEVICE_ID_RESERVED_DHCP_PORT). */
export const RESERVED_PORT = 'reserved_dhcp_port'

/**
 * Sees to it that as many DHCP agents serve the network as configured (`dhcp_agents_per_network`), as far as there
 * are any alive. Called when the network needs DHCP; does nothing when it is served.
 */
export async function scheduleNetwork(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  networkId: string,
): Promise<void> {
  if (!core.config.DEFAULT.network_auto_schedule) return
  const segments = routedSegments((await subnetsOfNetwork(tx.db, networkId)).filter(({ enableDhcp }) => enableDhcp))
  for (const segmentId of segments) await scheduleSegment(core, tx, ctx, networkId, segmentId)
  if (segments.size > 0) return
  const bound = await remembered(tx.db, ['dhcp_bindings'], `dhcp agents of ${networkId}`, () =>
    dhcpBindings.count(tx.db, { networkId }),
  )
  const missing = core.config.DEFAULT.dhcp_agents_per_network - bound
  if (missing <= 0) return
  const network = (await loadNetwork(tx.db, networkId))!
  for (const agent of (await candidates(core, tx.db, network)).slice(0, missing)) {
    await bindNetwork(core, tx, ctx, network, agent)
  }
}

/** Each segment of a routed network is a wire of its own, with as many DHCP agents as another network. */
async function scheduleSegment(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  networkId: string,
  segmentId: string,
): Promise<void> {
  const network = (await loadNetwork(tx.db, networkId))!
  const serving = await filterAsync(network.dhcpHosts, async (host) => {
    return (await servedSegment(core, tx.db, host, networkId)) === segmentId
  })
  const missing = core.config.DEFAULT.dhcp_agents_per_network - serving.length
  if (missing <= 0) return
  for (const agent of (await candidates(core, tx.db, network, segmentId)).slice(0, missing)) {
    await bindNetwork(core, tx, ctx, network, agent)
  }
}

/** The segment of a routed network that a host's DHCP agent can serve: the one that it has; null where there is none. */
export async function servedSegment(core: Core, db: Db, host: string, networkId: string): Promise<string | null> {
  const segments = [...((await segmentsOnHost(core, db, host, networkId)) ?? [])]
  return segments.length === 1 ? segments[0]! : null
}

async function filterAsync<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(keep))
  return items.filter((_, i) => kept[i])
}

/**
 * Agents that could serve the network too: least loaded first, then by name of their host. `segmentId`: of a routed
 * network, null otherwise.
 */
export async function candidates(
  core: Core,
  db: Db,
  network: NetworkRecord,
  segmentId: string | null = null,
): Promise<AgentRecord[]> {
  const now = new Date()
  const load = await remembered(db, ['dhcp_bindings'], 'networks of dhcp agents', () => networksByAgent(db))
  const hints = network.availabilityZoneHints
  const serving = new Set(network.dhcpHosts)
  const enabled = await remembered(db, ['agents'], 'dhcp agents', () =>
    agents.find(db, { agentType: DHCP_AGENT, adminStateUp: true }),
  )
  const onWire =
    segmentId === null
      ? enabled
      : await filterAsync(enabled, async ({ host }) => (await servedSegment(core, db, host, network.id)) === segmentId)
  return onWire
    .filter((agent) => isAlive(core, agent, now) && !serving.has(agent.host))
    .filter((agent) => hints.length === 0 || hints.includes(agent.availabilityZone ?? ''))
    .sort((a, b) => (load.get(a.id) ?? 0) - (load.get(b.id) ?? 0) || (a.host < b.host ? -1 : 1))
}

async function networksByAgent(db: Db): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{
    agent_id: string
    n: number
  }>`select agent_id, count(*) as n from dhcp_bindings group by agent_id`.execute(db)
  return new Map(rows.map(({ agent_id, n }) => [agent_id, Number(n)]))
}

/** Gives a network to an agent: the binding, and the agent's port on the network. */
export async function bindNetwork(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  network: NetworkRecord,
  agent: AgentRecord,
): Promise<void> {
  await dhcpBindings.insert(tx.db, { networkId: network.id, agentId: agent.id })
  tx.touch('network', network.id)
  await syncDhcpPort(core, tx, ctx, network, agent.host)
}

/**
 * Takes a network from an agent. The agent's port is kept for the next one, off every host: clients find the server
 * of their lease under the address and MAC they know.
 */
export async function unscheduleNetwork(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  networkId: string,
  agent: AgentRecord,
): Promise<void> {
  await dhcpBindings.delete(tx.db, { networkId, agentId: agent.id })
  for (const port of await findPorts(tx.db, { networkId, deviceId: dhcpDeviceId(agent.host, networkId) })) {
    const changes = { device_id: RESERVED_PORT, 'binding:host_id': '' }
    await updatePort(core, tx, systemContext(ctx.userId, ctx.requestId), port.id, changes)
  }
  tx.touch('network', networkId)
}

/** The ports of a network's DHCP agents have an address on every subnet with DHCP; without one there is no port. */
export async function syncDhcpPorts(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  networkId: string,
): Promise<void> {
  const network = await loadNetwork(tx.db, networkId)
  if (!network) return
  for (const host of network.dhcpHosts) await syncDhcpPort(core, tx, ctx, network, host)
  if ((await dhcpSubnets(tx.db, networkId)).length > 0) return
  for (const port of await findPorts(tx.db, { networkId, deviceId: RESERVED_PORT })) {
    await deletePort(core, tx, ctx, port.id)
  }
}

async function syncDhcpPort(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  network: NetworkRecord,
  host: string,
): Promise<void> {
  const wanted = await dhcpSubnetsAt(core, tx.db, network.id, host)
  const deviceId = dhcpDeviceId(host, network.id)
  const [own] = await findPorts(tx.db, { networkId: network.id, deviceId })
  // the agent's port is the service's own, whoever's request made it necessary
  const system = systemContext(ctx.userId, ctx.requestId)
  if (wanted.length === 0) {
    if (own) await deletePort(core, tx, system, own.id)
    return
  }
  const placed = { device_id: deviceId, 'binding:host_id': host }
  const port = own ?? (await reservedPort(tx.db, network.id))
  const fixedIps = wanted.map((subnet_id) => ({ subnet_id }))
  if (!port) {
    const port = { network_id: network.id, project_id: network.projectId, device_owner: OWNER.dhcp }
    await createPort(core, tx, system, { ...port, ...placed, fixed_ips: fixedIps })
    return
  }
  const has = [...new Set(port.fixedIps.map(({ subnetId }) => subnetId))]
  const addresses = has.sort().join() === [...wanted].sort().join() ? {} : { fixed_ips: fixedIps }
  const changes = { ...(own ? {} : placed), ...addresses }
  if (Object.keys(changes).length > 0) await updatePort(core, tx, system, port.id, changes)
}

/** Of several the one that was given up last: its clients are the likeliest to come back to it. */
async function reservedPort(db: Db, networkId: string): Promise<PortRecord | undefined> {
  const reserved = await findPorts(db, { networkId, deviceId: RESERVED_PORT })
  return reserved.sort((a, b) =>
    a.updatedAt === b.updatedAt ? (a.id < b.id ? -1 : 1) : a.updatedAt > b.updatedAt ? -1 : 1,
  )[0]
}

async function dhcpSubnets(db: Db, networkId: string): Promise<string[]> {
  return (await subnetsOfNetwork(db, networkId)).filter(({ enableDhcp }) => enableDhcp).map(({ id }) => id)
}

/** Those that a host's DHCP server has an address in: of a routed network the subnets of its segment. */
async function dhcpSubnetsAt(core: Core, db: Db, networkId: string, host: string): Promise<string[]> {
  const subnets = (await subnetsOfNetwork(db, networkId)).filter(({ enableDhcp }) => enableDhcp)
  if (routedSegments(subnets).size === 0) return subnets.map(({ id }) => id)
  const own = await servedSegment(core, db, host, networkId)
  return subnets.filter(({ segmentId }) => own !== null && segmentId === own).map(({ id }) => id)
}

/** Networks with ports (not the service's own) on subnets with DHCP that have fewer agents than they should (or segments, which may). */
export async function unservedNetworks(core: Core, db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct p.network_id as id from ports p
    join ip_allocations a on a.port_id = p.id
    join subnets s on s.id = a.subnet_id
    where p.device_owner not like ${'network:%'} and s.enable_dhcp = 1
      and (s.segment_id is not null or (select count(*) from dhcp_bindings b where b.network_id = p.network_id)
        < ${core.config.DEFAULT.dhcp_agents_per_network})
    order by p.network_id`.execute(db)
  return rows.map(({ id }) => id)
}
