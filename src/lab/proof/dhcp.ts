import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import type { Instance } from './objects.js'
import { ask, run } from './places.js'
import { until } from './until.js'

/** What a DHCP client was given, as udhcpc's script sees it (`ip`, `router`, `dns`, `mtu`, `staticroutes`, `opt150` …). */
export type Lease = Readonly<Record<string, string>>

const SCRIPT = '/run/eastwest-lease'

/** A client's question from inside an instance, beside the one that keeps its lease; null: nobody answered. `options`: to ask for. */
export async function askDhcp(cloud: Cloud, instance: Instance, ...options: string[]): Promise<Lease | null> {
  const inside = { instance: instance.id }
  await run(cloud, inside, ['tee', SCRIPT], { input: '#!/bin/sh\n[ "$1" != bound ] || env\n' })
  await run(cloud, inside, ['chmod', '755', SCRIPT])
  const asked = options.flatMap((option) => ['-O', option])
  const argv = ['udhcpc', '-f', '-n', '-q', '-t', '2', '-T', '1', '-i', 'eth0', '-s', SCRIPT, ...asked]
  const output = await run(cloud, inside, argv, { okCodes: [0, 1] })
  const pairs = output.split('\n').flatMap((line) => {
    const [name = '', value] = line.split(/=(.*)/s)
    return value === undefined ? [] : [[name, value] as const]
  })
  return pairs.length === 0 ? null : Object.fromEntries(pairs)
}

export interface Reply {
  readonly type: 'ack' | 'nak'
  readonly from: string
  readonly address: string
  /** seconds */
  readonly lease: number
  readonly server: string
}

/** Asks a server (null: by broadcast whoever there is) to prolong the instance's lease; null: nobody answered. */
export async function prolong(cloud: Cloud, instance: Instance, server: string | null): Promise<Reply | null> {
  const to = server ?? '255.255.255.255'
  return ask(cloud, { instance: instance.id }, 'dhcp', to, instance.mac, instance.ip)
}

/** Has the instance's own client renew its lease now; it does what is new in it. */
export async function renewLease(cloud: Cloud, instance: Instance): Promise<void> {
  const client = (await run(cloud, { instance: instance.id }, ['pgrep', '-x', 'udhcpc'])).trim()
  await run(cloud, { instance: instance.id }, ['kill', '-USR1', client])
}

/** Waits until the instance's route to an address goes over one of these next hops (none: there is no route). */
export async function expectRoute(cloud: Cloud, instance: Instance, to: string, ...vias: string[]): Promise<void> {
  await until(`${instance.name} to reach ${to} over ${vias.join(' or ') || 'nothing'}`, async () => {
    const output = await run(cloud, { instance: instance.id }, ['ip', '-4', 'route', 'get', to], { okCodes: [0, 2] })
    const via = output.match(/via (\S+)/)?.[1]
    return vias.length === 0 ? output === '' : via !== undefined && vias.includes(via)
  })
}

/** Addresses of a network's DHCP ports by the host they are on. */
export async function dhcpServers({ admin }: Cloud, networkId: string): Promise<ReadonlyMap<string, DhcpServer>> {
  interface PortJson {
    readonly id: string
    readonly mac_address: string
    readonly 'binding:host_id': string
    readonly fixed_ips: readonly { readonly ip_address: string }[]
  }
  const query = { network_id: networkId, device_owner: 'network:dhcp' }
  const { ports } = await admin.network.get<{ ports: PortJson[] }>('/v2.0/ports', query)
  expect(ports.length > 0, `network ${networkId} has no DHCP port`)
  return new Map(
    ports.map((port) => [
      port['binding:host_id'],
      {
        portId: port.id,
        mac: port.mac_address,
        ip: port.fixed_ips[0]?.ip_address ?? '',
        ips: port.fixed_ips.map(({ ip_address }) => ip_address),
      },
    ]),
  )
}

export interface DhcpServer {
  readonly portId: string
  readonly mac: string
  /** the first of its addresses */
  readonly ip: string
  readonly ips: readonly string[]
}
