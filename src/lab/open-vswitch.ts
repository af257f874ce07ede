import type { LabDatapath } from './datapath.js'
import { runInNode } from './node.js'
import { type Nic, type NodeSpec, rackOf } from './spec.js'
import type { ProcessMark } from './state.js'

const DB = '/etc/openvswitch/conf.db'
const SOCKET = '/run/openvswitch/db.sock'

/** Bridge that holds the tunnel NIC and the endpoint address with the userspace datapath. */
const TUNNEL_BRIDGE = 'br-eth1'

/** Bridge that holds the NIC to the node's rack. */
export const RACK_BRIDGE = 'br-rack'

/**
 * What the operator of the scenario does before the agents start: Open vSwitch runs, `br-vlan` and `br-ex` hold
 * their NICs. With the plain userspace datapath the tunnel endpoint's address sits on a bridge with its NIC, because
 * tunnel packets are routed inside Open vSwitch; with segmentation offload the kernel makes the tunnels.
 */
export async function startOpenVswitch(node: NodeSpec, init: ProcessMark, datapath: LabDatapath): Promise<void> {
  await startDaemons(node, init, datapath === 'netdev-tso' ? ['other_config:userspace-tso-enable=true'] : [])
  const tunnel = datapath === 'netdev' ? bridge(datapath, TUNNEL_BRIDGE, 'eth1') : []
  const physical = [...bridge(datapath, 'br-vlan', 'eth2'), ...bridge(datapath, 'br-ex', 'eth3')]
  const rack = rackOf(node) === null ? [] : bridge(datapath, RACK_BRIDGE, 'eth4')
  await runInNode(init, ['ovs-vsctl', ...physical, ...rack, ...tunnel])
}

/**
 * Gives a node without agents its VLANs: an Open vSwitch bridge for each NIC with a VLAN, whose own port is in that
 * VLAN and whose NIC carries nothing else. (Many kernels of small machines have neither VLAN devices nor bridges
 * that filter VLANs; Open vSwitch is needed anyway.)
 */
export async function startVlans(node: NodeSpec, init: ProcessMark, datapath: LabDatapath): Promise<void> {
  const nics = node.nics.filter(({ vlan }) => vlan !== undefined)
  if (nics.length === 0) return
  await startDaemons(node, init)
  const changes = nics.flatMap((nic) => {
    const device = vlanDevice(nic)
    const inVlan = ['--', 'set', 'port', device, `tag=${nic.vlan}`]
    return [...bridge(datapath, device, nic.name), ...inVlan, '--', 'set', 'port', nic.name, `trunks=${nic.vlan}`]
  })
  await runInNode(init, ['ovs-vsctl', ...changes])
}

/** Device with the address of a NIC's VLAN. */
export function vlanDevice({ name, vlan }: Nic): string {
  return `${name}.${vlan}`
}

/** @param settings of the Open_vSwitch row, in force before vswitchd starts */
async function startDaemons(node: NodeSpec, init: ProcessMark, settings: readonly string[] = []): Promise<void> {
  const run = (argv: readonly string[]) => runInNode(init, argv)
  await run(['ovsdb-tool', 'create', DB, '/usr/share/openvswitch/vswitch.ovsschema'])
  const daemon = (name: string) => [
    '--detach',
    '--no-chdir',
    `--pidfile=/run/openvswitch/${name}.pid`,
    `--log-file=/var/log/${name}.log`,
    '-vconsole:off',
  ]
  await run(['ovsdb-server', DB, `--remote=punix:${SOCKET}`, ...daemon('ovsdb-server')])
  const all = [`external_ids:hostname=${node.name}`, ...settings]
  await run(['ovs-vsctl', '--no-wait', 'init', '--', 'set', 'Open_vSwitch', '.', ...all])
  await run(['ovs-vswitchd', `unix:${SOCKET}`, ...daemon('ovs-vswitchd')])
}

function bridge(datapath: LabDatapath, name: string, nic: string): string[] {
  const datapathType = datapath === 'system' ? 'system' : 'netdev'
  const add = ['--', 'add-br', name, '--', 'set', 'bridge', name, `datapath_type=${datapathType}`]
  return [...add, '--', 'add-port', name, nic]
}

/** Device that carries the node's tunnel address. */
export function tunnelDevice(datapath: LabDatapath): string {
  return datapath === 'netdev' ? TUNNEL_BRIDGE : 'eth1'
}
