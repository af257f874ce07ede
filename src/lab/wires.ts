import type { LabDatapath } from './datapath.js'
import { runInNode, runInNodeNet } from './node.js'
import { type LabSpec, racksOf, UNDERLAY_MTU, type Wire } from './spec.js'
import type { ProcessMark } from './state.js'

const WIRES: readonly Wire[] = ['management', 'tunnel', 'vlan', 'external']

/** Bridge of a wire in the fabric. A Linux bridge without VLAN filtering passes tagged frames as they are: a trunk. */
const bridgeOf = (wire: Wire) => `br-${wire.slice(0, 8)}`

/**
 * Lays the wires: one Linux bridge per wire in the fabric, a veth from it to each NIC that belongs there.
 * Transmit checksum offload is off: frames enter a userspace datapath, which would pass on unfinished checksums. With
 * segmentation offload the tunnel wire is the kernel's, and carries whole segments as a NIC takes them.
 */
export async function layWires(
  spec: LabSpec,
  fabric: ProcessMark,
  inits: Readonly<Record<string, ProcessMark>>,
  datapath: LabDatapath,
): Promise<void> {
  const sysctls = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']
  await runInNode(fabric, [
    'sysctl',
    '-q',
    '-e',
    '-w',
    ...sysctls,
    'net.bridge.bridge-nf-call-iptables=0',
    'net.bridge.bridge-nf-call-ip6tables=0',
    'net.bridge.bridge-nf-call-arptables=0',
  ])
  const lines = [...WIRES, ...racksOf(spec)].flatMap((wire) => [
    `link add ${bridgeOf(wire)} mtu ${UNDERLAY_MTU} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set ${bridgeOf(wire)} up`,
  ])
  for (const node of spec.nodes) {
    for (const nic of node.nics) {
      const end = `${node.name}-${nic.name.slice(-1)}`
      lines.push(
        `link add ${end} mtu ${UNDERLAY_MTU} type veth peer name ${nic.name} mtu ${UNDERLAY_MTU} netns ${inits[node.name]!.pid}`,
        `link set ${end} master ${bridgeOf(nic.wire)}`,
        `link set ${end} up`,
      )
    }
  }
  await runInNodeNet(fabric, ['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  await Promise.all(
    spec.nodes.map(async (node) => {
      const init = inits[node.name]!
      const batch = node.nics.map((nic) => `link set ${nic.name} up`)
      const complete = datapath === 'netdev-tso' ? node.nics.filter(({ wire }) => wire !== 'tunnel') : node.nics
      for (const nic of complete) await runInNode(init, ['ethtool', '-K', nic.name, 'tx', 'off'])
      await runInNode(init, ['ip', '-batch', '-'], { input: `${batch.join('\n')}\n` })
    }),
  )
}
