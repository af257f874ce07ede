import { ApiError } from '../../client/errors.js'
import type { FloatingIp, Port } from '../../client/network-types.js'
import { NOTHING, type Result } from '../output/result.js'
import { CommandFailure, type Context } from './command.js'
import { groupId, serverId } from './servers.js'

/** Gives a server a floating IP: on the port that holds `fixed`, or the first that its network can reach. */
export async function associate(context: Context, server: string, address: string, fixed?: string): Promise<void> {
  const [floatingIp, id] = await Promise.all([floatingIpOf(context, address), serverId(context, server)])
  await attach(context, floatingIp, await candidates(context, id, fixed), fixed)
}

/** Takes a floating IP from a server; fails when it is another's. */
export async function disassociate(context: Context, server: string, address: string): Promise<void> {
  const [floatingIp, id] = await Promise.all([floatingIpOf(context, address), serverId(context, server)])
  const ports = await context.session.network.list('ports', { device_id: id })
  if (!ports.some((port) => port.id === floatingIp.port_id)) {
    throw new CommandFailure(`Floating ip ${address} is not associated with server ${server}.`)
  }
  await context.session.network.update('floatingips', floatingIp.id, { port_id: null })
}

async function floatingIpOf(context: Context, text: string): Promise<FloatingIp> {
  const [found] = await context.session.network.list('floatingips', { floating_ip_address: text })
  if (!found) throw new CommandFailure(`floating ip ${text} not found`)
  return found
}

/** Ports of the server that could carry the address: one with `fixed`, or all with an IPv4 address. */
async function candidates(context: Context, id: string, fixed: string | undefined): Promise<Port[]> {
  const ports = await context.session.network.list('ports', { device_id: id })
  const usable = ports.filter((port) =>
    port.fixed_ips.some(({ ip_address: ip }) => (fixed === undefined ? !ip.includes(':') : ip === fixed)),
  )
  if (usable.length > 0) return usable
  const what = fixed === undefined ? 'no IPv4 address' : `no fixed address ${fixed}`
  throw new CommandFailure(`Unable to associate floating IP: the server has ${what}.`)
}

/** A server with several networks: the first whose router reaches the floating IP's network takes it. */
async function attach(context: Context, floatingIp: FloatingIp, ports: Port[], fixed?: string): Promise<void> {
  for (const [i, port] of ports.entries()) {
    try {
      const body = { port_id: port.id, ...(fixed !== undefined && { fixed_ip_address: fixed }) }
      await context.session.network.update('floatingips', floatingIp.id, body)
      return
    } catch (error) {
      const unreachable = error instanceof ApiError && error.type === 'ExternalGatewayForFloatingIPNotFound'
      if (!unreachable || i === ports.length - 1) throw error
    }
  }
}

/** Adds a security group to all ports of a server, or removes it; ports that need no change get no request. */
export async function changeGroups(
  context: Context,
  server: string,
  group: string,
  change: 'add' | 'remove',
): Promise<Result> {
  const [id, wanted] = await Promise.all([serverId(context, server), groupId(context, group)])
  const ports = await context.session.network.list('ports', { device_id: id })
  for (const port of ports) {
    if (port.security_groups.includes(wanted) === (change === 'add')) continue
    const others = port.security_groups.filter((one) => one !== wanted)
    const groups = change === 'add' ? [...others, wanted] : others
    await context.session.network.update('ports', port.id, { security_groups: groups })
  }
  return NOTHING
}

export async function portsById(context: Context, ids: readonly string[]): Promise<Map<string, Port>> {
  if (ids.length === 0) return new Map()
  const ports = await context.session.network.list('ports', { id: ids })
  return new Map(ports.map((port) => [port.id, port]))
}
