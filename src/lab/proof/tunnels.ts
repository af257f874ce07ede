import { isVxlanDevice } from '../../model/device-names.js'
import { tunnelIp } from '../spec.js'
import type { Cloud } from './cloud.js'
import { run } from './places.js'

/** A MAC, and the far end of the tunnel that br-tun sends it to; null: to none. */
export interface Way {
  readonly mac: string
  readonly end: string | null
}

/** What a node has for tunnels, by whomever they are made: ports of Open vSwitch, or the kernel's VXLAN devices. */
export interface Tunnels {
  /** addresses of the far ends, sorted */
  readonly ends: readonly string[]
  /** number of networks with a flood (table 22) */
  readonly floods: number
  /** known unicast (table 20), by MAC */
  readonly ways: readonly Way[]
  /** addresses that ARP requests are answered for (table 21), sorted */
  readonly answers: readonly string[]
}

/** Texts of a node that tell of its tunnels. */
export interface TunnelTexts {
  /** `ovs-vsctl --bare --columns=name,options list Interface` */
  readonly interfaces: string
  /** `ovs-ofctl --names --no-stats dump-flows br-tun` */
  readonly flows: string
  /** `bridge fdb show` */
  readonly fdb: string
}

/** The far end that leads to a node; null: it has no tunnels. */
export function endAt({ state }: Cloud, node: string): string | null {
  return tunnelIp(state.spec.nodes.find(({ name }) => name === node)!)
}

/** Reads the tunnels of a node. */
export async function tunnelsAt(cloud: Cloud, node: string): Promise<Tunnels> {
  const read = (...argv: string[]) => run(cloud, { node }, argv)
  const [interfaces, flows, fdb] = await Promise.all([
    read('ovs-vsctl', '--bare', '--columns=name,options', 'list', 'Interface'),
    read('ovs-ofctl', '-O', 'OpenFlow14', '--names', '--no-stats', 'dump-flows', 'br-tun'),
    read('bridge', 'fdb', 'show'),
  ])
  return parseTunnels({ interfaces, flows, fdb })
}

/** With the kernel's devices one port leads to many ends: where a MAC goes is in the device's forwarding database. */
export function parseTunnels({ interfaces, flows, fdb }: TunnelTexts): Tunnels {
  const ports = remotesOf(interfaces)
  const entries = entriesOf(fdb)
  const floods = entries.filter(({ mac }) => mac === ANY_MAC).map(({ end }) => end)
  const endOf = (mac: string, port: string) =>
    ports.get(port) ?? entries.find((entry) => entry.mac === mac && entry.device === port)?.end ?? null
  return {
    ends: [...new Set([...ports.values(), ...floods])].sort(),
    floods: [...flows.matchAll(/table=22, priority=1,dl_vlan=\d+/g)].length,
    ways: [...flows.matchAll(/table=20, priority=2,dl_vlan=\d+,dl_dst=(\S+) .*output:"?([^",\s]+)/g)]
      .map(([, mac, port]) => ({ mac: mac!, end: endOf(mac!, port!) }))
      .sort((a, b) => a.mac.localeCompare(b.mac)),
    answers: [...flows.matchAll(/table=21, priority=1,arp,dl_vlan=\d+,arp_tpa=(\S+)/g)].map(([, ip]) => ip!).sort(),
  }
}

/** What the kernel keeps floods under. */
const ANY_MAC = '00:00:00:00:00:00'

/** Tunnel ports of Open vSwitch: name -> far end. */
function remotesOf(interfaces: string): Map<string, string> {
  return new Map(
    interfaces.split('\n\n').flatMap((record) => {
      const [name = '', options = ''] = record.trim().split('\n')
      const remote = options.match(/remote_ip=(\S+)/)?.[1]
      return remote === undefined ? [] : [[name, remote] as const]
    }),
  )
}

/** Entries of our VXLAN devices that lead elsewhere. */
function entriesOf(fdb: string): { mac: string; device: string; end: string }[] {
  return [...fdb.matchAll(/^(\S+) dev (\S+) dst (\S+)/gm)]
    .map(([, mac, device, end]) => ({ mac: mac!, device: device!, end: end! }))
    .filter(({ device }) => isVxlanDevice(device))
}
