import { existsSync } from 'node:fs'
import { runCommand } from '../dataplane/command/host.js'
import { runInNode } from './node.js'
import type { NodeSpec } from './spec.js'
import type { ProcessMark } from './state.js'

/** `system` where the kernel has the openvswitch module (or can load it), `netdev` where not. */
export async function detectDatapathType(): Promise<'system' | 'netdev'> {
  if (existsSync('/sys/module/openvswitch')) return 'system'
  try {
    await runCommand(['modprobe', 'openvswitch'])
    return 'system'
  } catch {
    return 'netdev'
  }
}

const DB = '/etc/openvswitch/conf.db'
const SOCKET = '/run/openvswitch/db.sock'

/** Bridge that holds the tunnel NIC and the endpoint address with the userspace datapath. */
const TUNNEL_BRIDGE = 'br-eth1'

/**
 * What the operator of the scenario does before the agents start: Open vSwitch runs, `br-vlan` and `br-ex` hold
 * their NICs. With the userspace datapath the tunnel endpoint's address sits on a bridge with its NIC, because
 * tunnel packets are routed inside Open vSwitch.
 */
export async function startOpenVswitch(
  node: NodeSpec,
  init: ProcessMark,
  datapathType: 'system' | 'netdev',
): Promise<void> {
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
  await run(['ovs-vsctl', '--no-wait', 'init', '--', 'set', 'Open_vSwitch', '.', `external_ids:hostname=${node.name}`])
  await run(['ovs-vswitchd', `unix:${SOCKET}`, ...daemon('ovs-vswitchd')])
  const bridge = (name: string, nic: string) =>
    [
      ['--', 'add-br', name, '--', 'set', 'bridge', name, `datapath_type=${datapathType}`],
      ['--', 'add-port', name, nic],
    ].flat()
  const tunnel = datapathType === 'netdev' ? bridge(TUNNEL_BRIDGE, 'eth1') : []
  await run(['ovs-vsctl', ...bridge('br-vlan', 'eth2'), ...bridge('br-ex', 'eth3'), ...tunnel])
}

/** Device that carries the node's tunnel address. */
export function tunnelDevice(datapathType: 'system' | 'netdev'): string {
  return datapathType === 'netdev' ? TUNNEL_BRIDGE : 'eth1'
}
