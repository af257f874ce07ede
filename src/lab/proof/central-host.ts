import type { Cloud } from './cloud.js'
import { expect } from './expect.js'

const ON_ONE_HOST = [
  'network:router_gateway',
  'network:router_interface',
  'network:ha_router_replicated_interface',
  'network:router_centralized_snat',
]

/** The node with a router's central part: all of a legacy one, the source NAT of a distributed one. */
export async function centralHost({ admin }: Cloud, routerId: string): Promise<string> {
  const { ports } = await admin.network.get<{ ports: { device_owner: string; 'binding:host_id': string }[] }>(
    '/v2.0/ports',
    { device_id: routerId },
  )
  const host = ports.find(({ device_owner }) => ON_ONE_HOST.includes(device_owner))?.['binding:host_id']
  expect(!!host, `router ${routerId} has no part on one host only`)
  return host
}

/** Names of the nodes that may have a part of a router, or of those with one of the roles. */
export function routingNodes(
  { state }: Cloud,
  roles: readonly ('network' | 'compute')[] = ['network', 'compute'],
): readonly string[] {
  return state.spec.nodes.filter(({ role }) => (roles as readonly string[]).includes(role)).map(({ name }) => name)
}
