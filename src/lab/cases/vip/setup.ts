import type { Cloud } from '../../proof/cloud.js'
import {
  allow,
  bootAll,
  type Instance,
  makeExternal,
  makeNetwork,
  makePort,
  makeRouter,
  type Network,
  type Port,
} from '../../proof/objects.js'
import { run } from '../../proof/places.js'
import { settled } from '../../settled.js'

/**
 * A distributed router between two networks, and a virtual address of the first: reserved with a port of its own,
 * allowed to two instances on different hosts.
 */
export interface VirtualAddress {
  readonly external: Network
  readonly left: Network
  readonly right: Network
  readonly routerId: string
  readonly reservation: Port
  readonly ip: string
  /** the two that may hold it, on compute1 and compute2 */
  readonly holders: readonly [Instance, Instance]
}

/** TTL that each holder's answers start with: their receivers can tell them apart. */
export const FIRST_TTL = [64, 128] as const

export async function makeVirtualAddress(cloud: Cloud, segment: Record<string, unknown> = {}): Promise<VirtualAddress> {
  const external = await makeExternal(cloud, 'flat', 'vip-ext')
  const left = await makeNetwork(cloud, 'vip-left', '192.168.1.0/24', { network: segment })
  const right = await makeNetwork(cloud, 'vip-right', '192.168.2.0/24')
  const subnets = [left.subnetId, right.subnetId]
  const router = await makeRouter(cloud, 'vip', { subnets, external: external.id, distributed: true })
  const reservation = await makePort(cloud, left.id, { fixed_ips: [{ ip_address: '192.168.1.100' }] })
  const [first, second] = await bootAll(cloud, [
    { name: 'vip-a', networkId: left.id, host: 'compute1' },
    { name: 'vip-b', networkId: left.id, host: 'compute2' },
  ])
  const holders = [first!, second!] as const
  const pairs = [{ ip_address: reservation.ip }]
  for (const { portId } of holders) {
    await cloud.demo.network.put(`/v2.0/ports/${portId}`, { port: { allowed_address_pairs: pairs } })
  }
  await allow(cloud, { protocol: 'icmp' })
  for (const [i, { id }] of holders.entries()) {
    await run(cloud, { instance: id }, ['sysctl', '-qw', `net.ipv4.ip_default_ttl=${FIRST_TTL[i]}`])
  }
  await settled(cloud.admin)
  return { external, left, right, routerId: router.id, reservation, ip: reservation.ip, holders }
}

/** Whether an answer with this TTL is of that holder: routers on the way took at most 16 away. */
export const isFrom = (holder: 0 | 1) => (ttl: number) => ttl <= FIRST_TTL[holder] && ttl > FIRST_TTL[holder] - 16

/** Takes the address from its holder without a word, gives it to the other and has that one announce it; resolves to the time. */
export async function move(
  cloud: Cloud,
  { holders, ip }: VirtualAddress,
  to: 0 | 1,
  form: '-U' | '-A' = '-U',
): Promise<number> {
  const from = holders[to === 0 ? 1 : 0]
  await release(cloud, from, ip)
  return take(cloud, holders[to], ip, form)
}

export async function release(cloud: Cloud, holder: Instance, ip: string): Promise<void> {
  await run(cloud, { instance: holder.id }, ['ip', 'addr', 'flush', 'dev', 'eth0', 'to', `${ip}/32`])
}

/** Prints the time, and announces: nothing but the start of a process is in between. */
const ANNOUNCE = 'date +%s%3N; exec timeout 0.2 arping "$1" -c 1 -I eth0 "$2"'

/** Gives the address to an instance, which announces it; resolves to the time, ms since 1970. */
export async function take(cloud: Cloud, holder: Instance, ip: string, form: '-U' | '-A' = '-U'): Promise<number> {
  const place = { instance: holder.id }
  await run(cloud, place, ['ip', 'addr', 'replace', `${ip}/32`, 'dev', 'eth0'])
  const said = await run(cloud, place, ['sh', '-c', ANNOUNCE, 'sh', form, ip], { okCodes: [0, 1, 124] })
  return Number(said.split('\n')[0])
}
