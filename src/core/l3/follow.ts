import { OWNER } from '../../model/owners.js'
import { floatingIps } from '../../store/floating-ips.js'
import { ndpProxyNetworks } from '../../store/ndp-proxies.js'
import type { PortRecord } from '../../store/ports.js'
import { routers } from '../../store/routers.js'
import type { Core } from '../core.js'
import type { HookEvents } from '../hooks.js'
import type { Attributes } from '../service.js'
import { removeHostGateways, settleAgentGateways, settleHostGateways } from './agent-gateways.js'
import { disassociatePort } from './association.js'
import { evacuateAgent, resettleAgent, scheduleWaitingRouters } from './central-agent.js'
import { addressHasFloatingIp, badRouter, deviceNotOwned, routerPortFixed } from './faults.js'
import { settleFloatingIps, translatesItself } from './floating-ip-hosts.js'
import { deleteUnusedFloatingIps } from './floating-ip-service.js'
import { setFloatingIpStatus } from './floating-ip-status.js'
import { followExternalSubnet } from './gateway.js'
import { recordHaStates } from './ha/states.js'
import { isOwnChange } from './system-ports.js'
import type { Work } from './work.js'

/** What routers and floating IPs do about changes elsewhere: of ports, of hosts, of agents. */
export function followHooks(core: Core): void {
  const { hooks } = core
  hooks.on('port.before-create', ({ tx, ctx, attributes }) => checkRouterClaim({ core, tx, ctx }, attributes))
  hooks.on('port.before-update', async ({ tx, ctx, port, changes }) => {
    const claim = { device_id: port.deviceId, device_owner: port.deviceOwner, ...changes }
    if (claim.device_id === port.deviceId && claim.device_owner === port.deviceOwner) return
    await checkRouterClaim({ core, tx, ctx }, claim)
  })
  hooks.on('port.before-update', ({ tx, ctx, port, changes }) => checkPortUpdate({ core, tx, ctx }, port, changes))
  hooks.on('network.before-delete', ({ tx, ctx, network }) => deleteUnusedFloatingIps({ core, tx, ctx }, network.id))
  hooks.on('port.before-delete', ({ tx, ctx, port }) => disassociatePort({ core, tx, ctx }, port.id))
  hooks.on('port.bound', ({ tx, ctx, port, host }) => portMoved({ core, tx, ctx }, port, host))
  hooks.on('port.unbound', ({ tx, ctx, port, host }) => portMoved({ core, tx, ctx }, port, host))
  hooks.on('subnet.after-create', ({ tx, ctx, subnet }) => followExternalSubnet({ core, tx, ctx }, subnet))
  hooks.on('host.reported', (event) => hostReported(core, event))
  hooks.on('agent.before-delete', async ({ tx, ctx, agent }) => {
    if (agent.agentType !== 'L3 agent') return
    await evacuateAgent({ core, tx, ctx }, agent.id)
    await removeHostGateways({ core, tx, ctx }, agent.host)
  })
  hooks.on('ha-states.reported', ({ tx, ctx, host, states }) => recordHaStates({ core, tx, ctx }, host, states))
  hooks.on('floatingips.reported', ({ tx, host, active, failed }) => setFloatingIpStatus(tx, host, active, failed))
}

const OF_ROUTERS: readonly string[] = [
  OWNER.routerInterface,
  OWNER.haRouterInterface,
  OWNER.haInterface,
  OWNER.distributedRouterInterface,
  OWNER.routerGateway,
  OWNER.centralizedSnat,
  OWNER.agentGateway,
  OWNER.floatingIp,
]

/**
 * Which ports are a router's interfaces is known by their device: a user may not put a port of his own network into
 * another project's router this way, nor into his own past the checks of add_router_interface.
 */
async function checkRouterClaim({ tx, ctx }: Work, { device_id, device_owner }: Attributes): Promise<void> {
  if (ctx.isAdmin || !device_id || !OF_ROUTERS.includes(String(device_owner))) return
  const router = await routers.findOne(tx.db, { id: String(device_id) })
  if (router && router.projectId !== ctx.projectId) throw deviceNotOwned(String(device_id))
  if (router) throw badRouter('Use add_router_interface to connect a port to a router')
}

/** A router's ports change with the router only, and an address stays while a floating IP leads to it. */
async function checkPortUpdate({ tx }: Work, port: PortRecord, changes: Attributes): Promise<void> {
  if (isOwnChange(changes)) return
  if (OF_ROUTERS.includes(port.deviceOwner) && changesIdentity(port, changes)) throw routerPortFixed(port.id)
  if (changes.fixed_ips === undefined) return
  const kept =
    (changes.fixed_ips as readonly { readonly ip_address?: string; readonly subnet_id?: string }[] | null) ?? []
  for (const { fixedIp } of await floatingIps.find(tx.db, { portId: port.id })) {
    const subnetId = port.fixedIps.find(({ ip }) => ip === fixedIp)?.subnetId
    const stays = kept.some(({ ip_address, subnet_id }) =>
      ip_address ? ip_address === fixedIp : subnet_id === subnetId,
    )
    if (!stays) throw addressHasFloatingIp(fixedIp!, port.id)
  }
}

function changesIdentity(port: PortRecord, { device_id, device_owner, fixed_ips }: Attributes): boolean {
  if (device_id !== undefined && device_id !== port.deviceId) return true
  if (device_owner !== undefined && device_owner !== port.deviceOwner) return true
  if (fixed_ips === undefined) return false
  const asked = (fixed_ips as readonly { readonly ip_address?: string; readonly subnet_id?: string }[] | null) ?? []
  // a subnet alone asks for no other address of it than the port has
  const stays = ({ ip, subnetId }: PortRecord['fixedIps'][number]) =>
    asked.some(({ ip_address, subnet_id }) => (ip_address ? ip_address === ip : subnet_id === subnetId))
  return asked.length !== port.fixedIps.length || !port.fixedIps.every(stays)
}

/** `host` is the host the port came to or left; its row says where it is now. */
async function portMoved(work: Work, port: PortRecord, host: string): Promise<void> {
  if (OF_ROUTERS.includes(port.deviceOwner)) return
  const found = await floatingIps.find(work.tx.db, { portId: port.id })
  const networkIds = [
    ...found.map(({ floatingNetworkId }) => floatingNetworkId),
    ...(await ndpProxyNetworks(work.tx.db, port.id)),
  ]
  await settleAgentGateways(
    work,
    networkIds.map((networkId) => ({ networkId, host })),
  )
  if (found.length === 0) return
  // a host that translates nothing itself changes nothing: the central one has the floating IPs before and after
  if (await translatesItself(work.tx.db, host)) await settleFloatingIps(work, 'port_id', port.id)
}

/** A started or revived agent may take routers that wait, or may no longer have those it had. */
async function hostReported(
  core: Core,
  { tx, ctx, agent, isNew, revived }: HookEvents['host.reported'],
): Promise<void> {
  if (agent.agentType !== 'L3 agent') return
  const work = { core, tx, ctx }
  // not on every other report: a router that an operator took off all agents stays off
  if (isNew || revived || agent.startedAt === tx.now) {
    await resettleAgent(work, agent.id)
    await scheduleWaitingRouters(work)
  }
  await settleHostGateways(work, agent.host)
}
