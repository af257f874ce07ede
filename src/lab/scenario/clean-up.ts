import type { Session } from '../../client/session.js'
import { settled } from '../settled.js'

interface Named {
  readonly id: string
  readonly name: string
}

/**
 * Removes the walk-through's objects, in reverse order of their making. Returns whether there were any. Objects of
 * other names are left alone.
 */
export async function cleanUp(session: Session): Promise<boolean> {
  const { network, compute } = session
  const list = async <T>(collection: string, query: Record<string, string> = {}) =>
    (await network.get<Record<string, T[]>>(`/v2.0/${collection}`, query))[collection.replaceAll('-', '_')]!
  const { servers } = await compute.get<{ servers: Named[] }>('/servers/detail', { all_tenants: 1 })
  const networks = (await list<Named>('networks')).filter(({ name }) => ['demo-net', 'ext-net'].includes(name))
  const routers = (await list<Named>('routers')).filter(({ name }) => name === 'demo-router')
  const ours = servers.filter(({ name }) => name === 'demo-instance1')
  if (networks.length + routers.length + ours.length === 0) return false

  for (const { id } of ours) await compute.delete(`/servers/${id}`)
  await untilGone(async () => (await compute.get<{ servers: Named[] }>('/servers', { all_tenants: 1 })).servers, ours)
  const external = networks.filter(({ name }) => name === 'ext-net').map(({ id }) => id)
  for (const fip of await list<{ id: string; floating_network_id: string }>('floatingips')) {
    if (external.includes(fip.floating_network_id)) await network.delete(`/v2.0/floatingips/${fip.id}`)
  }
  for (const { id } of routers) {
    await network.put(`/v2.0/routers/${id}`, { router: { external_gateway_info: null } })
    for (const port of await list<{ id: string; device_owner: string }>('ports', { device_id: id })) {
      if (!port.device_owner.startsWith('network:router_interface')) continue
      await network.put(`/v2.0/routers/${id}/remove_router_interface`, { port_id: port.id })
    }
    await network.delete(`/v2.0/routers/${id}`)
  }
  for (const { id } of networks) await network.delete(`/v2.0/networks/${id}`)
  await removeOpenedRules(session)
  await settled(session)
  return true
}

/** The two rules that the walk-through adds to demo's default group. */
async function removeOpenedRules({ network }: Session): Promise<void> {
  interface Rule extends Named {
    readonly direction: string
    readonly remote_ip_prefix: string | null
  }
  const { security_groups } = await network.get<{ security_groups: { name: string; security_group_rules: Rule[] }[] }>(
    '/v2.0/security-groups',
  )
  const rules = security_groups.filter(({ name }) => name === 'default').flatMap((group) => group.security_group_rules)
  for (const rule of rules) {
    if (rule.direction === 'ingress' && rule.remote_ip_prefix === '0.0.0.0/0')
      await network.delete(`/v2.0/security-group-rules/${rule.id}`)
  }
}

async function untilGone(list: () => Promise<readonly Named[]>, gone: readonly Named[]): Promise<void> {
  const ids = new Set(gone.map(({ id }) => id))
  const deadline = Date.now() + 15_000
  while ((await list()).some(({ id }) => ids.has(id))) {
    if (Date.now() > deadline) throw new Error('an instance of the earlier walk-through is not deleted')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
