import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import { run } from './places.js'

interface RouterPort {
  readonly id: string
  readonly mac: string
  readonly networkId: string
  readonly subnetId: string
  readonly ip: string
  readonly owner: string
}

/** A router's ports, as the API shows them; those with an owner that begins so. */
export async function routerPorts({ admin }: Cloud, routerId: string, owner = 'network:'): Promise<RouterPort[]> {
  const { ports } = await admin.network.get<{
    ports: {
      id: string
      mac_address: string
      network_id: string
      device_owner: string
      fixed_ips: { subnet_id: string; ip_address: string }[]
    }[]
  }>('/v2.0/ports', { device_id: routerId })
  return ports
    .filter(({ device_owner }) => device_owner.startsWith(owner))
    .map(({ id, mac_address: mac, network_id: networkId, fixed_ips, device_owner }) => {
      const { subnet_id: subnetId = '', ip_address: ip = '' } = fixed_ips[0] ?? {}
      return { id, mac, networkId, subnetId, ip, owner: device_owner }
    })
}

/** A router's interface on a subnet. */
export async function interfaceOn(cloud: Cloud, routerId: string, subnetId: string): Promise<RouterPort> {
  const found = (await routerPorts(cloud, routerId, 'network:router_interface')).find(
    (port) => port.subnetId === subnetId,
  )
  expect(found !== undefined, `router ${routerId} has no interface on subnet ${subnetId}`)
  return found
}

/** Source MAC of routed frames of a node on the wire (fa:16:3f:…), as its br-int recognises answers to it. */
export async function dvrMac(cloud: Cloud, node: string): Promise<string> {
  const argv = ['ovs-ofctl', '-O', 'OpenFlow14', '--names', 'dump-flows', 'br-int', 'table=0']
  const flows = await run(cloud, { node }, argv)
  const found = flows.match(/in_port="?patch-tun"?,dl_dst=(fa:16:3f(?::[0-9a-f]{2}){3})/)?.[1]
  expect(found !== undefined, `${node} has no MAC for routed frames`)
  return found
}
