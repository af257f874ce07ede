import { runInNode } from './node.js'
import { tunnelDevice } from './open-vswitch.js'
import { EXTERNAL_HOST, type NodeSpec, OPENSTACK_ORG, OUTSIDE_MANAGEMENT_IP, UNDERLAY_MTU } from './spec.js'
import type { ProcessMark } from './state.js'

/** Gives a node its addresses, its way to the external network and the settings of its sysctl.conf. */
export async function configureAddresses(
  node: NodeSpec,
  init: ProcessMark,
  datapathType: 'system' | 'netdev',
): Promise<void> {
  const lines = node.nics.flatMap(({ name, wire, address }) => {
    if (!address) return []
    if (wire !== 'tunnel') return [`address add ${address} dev ${name}`]
    const device = tunnelDevice(datapathType)
    return [`address add ${address} dev ${device}`, `link set ${device} mtu ${UNDERLAY_MTU} up`]
  })
  if (node.role === 'outside') {
    lines.push(`address add ${EXTERNAL_HOST}/24 dev eth3`, `address add ${OPENSTACK_ORG}/32 dev lo`)
  } else {
    // "from the controller or any host on the external network": the outside world is the way there
    lines.push(`route add default via ${OUTSIDE_MANAGEMENT_IP}`)
  }
  await runInNode(init, ['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  await runInNode(init, ['sysctl', '-q', '-p', '/etc/sysctl.conf'])
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
