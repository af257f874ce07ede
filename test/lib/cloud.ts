import type { TestLab } from './lab.js'

/** What scenario tests ask of the API beyond the objects of `src/lab/proof/objects.ts`. */

type Json = Record<string, unknown>

interface Made {
  readonly id: string
}

interface PortJson extends Made {
  readonly mac_address: string
  readonly device_owner: string
  readonly network_id: string
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[]
}

/** Creates one object and returns its whole API form. `as`: who makes it. */
export async function create<T extends Made = Made & Json>(
  lab: TestLab,
  collection: string,
  body: Json,
  as: 'admin' | 'demo' = 'demo',
): Promise<T> {
  const singular = collection.replaceAll('-', '_').replace(/s$/, '')
  const reply = await lab[as].network.post<Record<string, T>>(`/v2.0/${collection}`, { [singular]: body })
  return reply[singular]!
}

export async function list<T = Json>(
  lab: TestLab,
  collection: string,
  query: Record<string, string> = {},
): Promise<T[]> {
  const reply = await lab.admin.network.get<Record<string, T[]>>(`/v2.0/${collection}`, query)
  return reply[collection.replaceAll('-', '_')]!
}

/** MAC of the port with an owner on a network, e.g. of a router interface. */
export async function macOf(lab: TestLab, networkId: string, deviceOwner: string): Promise<string> {
  const ports = await list<PortJson>(lab, 'ports', { network_id: networkId, device_owner: deviceOwner })
  return ports[0]!.mac_address
}

export async function portOf(lab: TestLab, networkId: string, deviceOwner: string): Promise<PortJson> {
  const ports = await list<PortJson>(lab, 'ports', { network_id: networkId, device_owner: deviceOwner })
  return ports[0]!
}

/** Per-host MAC of routed frames on the wire. */
export async function dvrMac(lab: TestLab, node: string): Promise<string> {
  const flows = await lab.read(node, 'ovs-ofctl', '-O', 'OpenFlow14', '--names', 'dump-flows', 'br-int', 'table=0')
  return flows.match(/in_port="?patch-tun"?,dl_dst=(fa:16:3f(?::[0-9a-f]{2}){3})/)![1]!
}
