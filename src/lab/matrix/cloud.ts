import type { Cloud } from '../proof/cloud.js'
import { expect } from '../proof/expect.js'
import {
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
  type Router,
} from '../proof/objects.js'
import { settled } from '../settled.js'
import type { Combination } from './combination.js'

/** The objects of one combination. `a` and `b` share a network on two hosts; `b` and `c` have a router and a wire between them. */
export interface Objects {
  readonly external: Network
  readonly network1: Network
  readonly network2: Network
  readonly router: Router
  readonly a: Instance
  readonly b: Instance
  readonly c: Instance
}

/** Makes them as a user would: the administrator what needs one, the demo project everything else. */
export async function makeObjects(
  cloud: Cloud,
  { external: outer, project, router: kind }: Combination,
): Promise<Objects> {
  const external = await makeExternal(cloud, outer, 'matrix-ext')
  const physical = project === 'vlan' ? { 'provider:physical_network': 'vlan' } : {}
  const segment = { network: { 'provider:network_type': project, ...physical } }
  const network1 = await makeNetwork(cloud, 'matrix-net1', '192.168.1.0/24', segment)
  const network2 = await makeNetwork(cloud, 'matrix-net2', '192.168.2.0/24', segment)
  const router = await makeRouter(cloud, 'matrix-router', {
    subnets: [network1.subnetId, network2.subnetId],
    external: external.id,
    distributed: kind === 'dvr',
  })
  const [a, b, c] = await bootAll(cloud, [
    { name: 'matrix-a', networkId: network1.id },
    { name: 'matrix-b', networkId: network1.id },
    { name: 'matrix-c', networkId: network2.id },
  ])
  expect(a!.host !== b!.host && b!.host !== c!.host, `the instances are on ${a!.host}, ${b!.host}, ${c!.host}`)
  await settled(cloud.admin)
  return { external, network1, network2, router, a: a!, b: b!, c: c! }
}
