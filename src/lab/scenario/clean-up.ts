import type { Session } from '../../client/session.js'
import { settled } from '../settled.js'

interface Named {
  readonly id: string
  readonly name: string
}

interface External extends Named {
  readonly 'router:external': boolean
}

/** Names of what is to be removed. */
export interface CleanUpNames {
  readonly networks: readonly string[]
  readonly routers: readonly string[]
  readonly instances: readonly string[]
}

const WALK_THROUGH: CleanUpNames = {
  networks: ['demo-net', 'ext-net'],
  routers: ['demo-router'],
  instances: ['demo-instance1'],
}

/**
 * Removes the walk-through's objects (or those of other names), in reverse order of their making. Returns whether
 * there were any. Objects of further names are left alone.
 */
export async function cleanUp(session: Session, names = WALK_THROUGH): Promise<boolean> {
  const { network, compute } = session
  const list = async <T>(collection: string, query: Record<string, string> = {}) =>
    (await network.get<Record<string, T[]>>(`/v2.0/${collection}`, query))[collection.replaceAll('-', '_')]!
  const { servers } = await compute.get<{ servers: Named[] }>('/servers/detail', { all_tenants: 1 })
  const networks = (await list<External>('networks')).filter(({ name }) => names.networks.includes(name))
  const routers = (await list<Named>('routers')).filter(({ name }) => names.routers.includes(name))
  const ours = servers.filter(({ name }) => names.instances.includes(name))
  if (networks.length + routers.length + ours.length === 0) return false

  for (const { id } of ours) await compute.delete(`/servers/${id}`)
  await untilGone(async () => (await compute.get<{ servers: Named[] }>('/servers', { all_tenants: 1 })).servers, ours)
  const external = networks.filter((network) => network['router:external']).map(({ id }) => id)
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

/** Rules that were added to the default groups for everybody: the walk-through's two. */
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
    if (Date.now() > deadline) throw new Error('an instance is not deleted')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
