import type { LabDatapath } from './datapath.js'
import { runInNode } from './node.js'
import { tunnelDevice, vlanDevice } from './open-vswitch.js'
import {
  EXTERNAL_HOST,
  EXTERNAL_V6,
  type Nic,
  type NodeSpec,
  OPENSTACK_ORG,
  OUTSIDE_MANAGEMENT_IP,
  UNDERLAY_MTU,
} from './spec.js'
import type { ProcessMark } from './state.js'

/** Gives a node its addresses, its way to the external network and the settings of its sysctl.conf. */
export async function configureAddresses(node: NodeSpec, init: ProcessMark, datapath: LabDatapath): Promise<void> {
  const lines = addressLines(node, datapath)
  await runInNode(init, ['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  await runInNode(init, ['sysctl', '-q', '-p', '/etc/sysctl.conf'])
}

/** Lines for `ip -batch`. */
export function addressLines(node: NodeSpec, datapath: LabDatapath): string[] {
  const lines = node.nics.flatMap((nic) => nicLines(nic, datapath))
  if (node.role === 'outside') {
    lines.push(
      `address add ${EXTERNAL_HOST}/24 dev eth3`,
      `address add ${OPENSTACK_ORG}/32 dev lo`,
      `address add ${EXTERNAL_V6.gateway}/64 dev eth3 nodad`,
      `address add ${EXTERNAL_V6.far}/128 dev lo`,
    )
  } else {
    // "from the controller or any host on the external network": the outside world is the way there
    lines.push(`route add default via ${OUTSIDE_MANAGEMENT_IP}`)
  }
  return lines
}

/**
 * With the userspace datapaths the kernel sees the frames of a bridge's NIC too, and would answer ARP for the address
 * that is on the bridge with the NIC's own MAC: whoever believes that answer reaches nobody.
 */
const mute = (nic: Nic) => `link set ${nic.name} arp off`

function nicLines(nic: Nic, datapath: LabDatapath): string[] {
  const { name, wire, address, vlan } = nic
  if (!address) return [mute(nic)]
  if (vlan !== undefined)
    return [mute(nic), `address add ${address} dev ${vlanDevice(nic)}`, `link set ${vlanDevice(nic)} up`]
  if (wire !== 'tunnel') return [`address add ${address} dev ${name}`]
  const device = tunnelDevice(datapath)
  const lines = [`address add ${address} dev ${device}`, `link set ${device} mtu ${UNDERLAY_MTU} up`]
  return device === name ? lines : [mute(nic), ...lines]
}

/** The outside world's name server: it knows `openstack.org`, and nothing else. */
export async function startOutsideDns(init: ProcessMark): Promise<void> {
  await runInNode(init, [
    'dnsmasq',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    `--address=/openstack.org/${OPENSTACK_ORG}`,
    '--pid-file=/run/dnsmasq.pid',
    '--user=root',
    '--bind-dynamic',
  ])
}
