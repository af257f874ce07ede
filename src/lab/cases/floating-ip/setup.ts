import type { Cloud } from '../../proof/cloud.js'
import {
  allow,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makeRouter,
  type Network,
} from '../../proof/objects.js'
import { run } from '../../proof/places.js'
import { settled } from '../../settled.js'

/** TTL that the answers of each instance start with, 40 apart, so that a receiver can tell who answered. */
const FIRST_TTL = [64, 104, 144, 184] as const

/** Whether an answer with this TTL is of the instance with this number. */
export const isFrom = (instance: number) => (ttl: number) =>
  ttl <= FIRST_TTL[instance]! && ttl > FIRST_TTL[instance]! - 16

/** Two routers with a gateway on one external network, and instances behind them that are allowed ICMP and TCP. */
export interface Places {
  readonly external: Network
  /** of the first router */
  readonly network: Network
  /** two on one host, one on another, one of the other router */
  readonly instances: readonly Instance[]
}

export async function makePlaces(cloud: Cloud): Promise<Places> {
  const external = await makeExternal(cloud, 'flat', 'places-ext')
  const network = await makeNetwork(cloud, 'places-1', '192.168.1.0/24')
  const other = await makeNetwork(cloud, 'places-2', '192.168.2.0/24')
  await makeRouter(cloud, 'places-1', { subnets: [network.subnetId], external: external.id, distributed: true })
  await makeRouter(cloud, 'places-2', { subnets: [other.subnetId], external: external.id, distributed: true })
  const instances = await bootAll(cloud, [
    { name: 'places-a', networkId: network.id, host: 'compute1' },
    { name: 'places-b', networkId: network.id, host: 'compute1' },
    { name: 'places-c', networkId: network.id, host: 'compute2' },
    { name: 'places-d', networkId: other.id, host: 'compute2' },
  ])
  await allow(cloud, { protocol: 'icmp' })
  await allow(cloud, { protocol: 'tcp' })
  for (const [i, instance] of instances.entries()) await mark(cloud, instance, i)
  await settled(cloud.admin)
  return { external, network, instances }
}

/** Has the instance's answers start with the TTL of this number. */
export async function mark(cloud: Cloud, { id }: Instance, number: number): Promise<void> {
  await run(cloud, { instance: id }, ['sysctl', '-qw', `net.ipv4.ip_default_ttl=${FIRST_TTL[number]}`])
}
