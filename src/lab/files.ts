import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { identitySeed } from './identity-seed.js'
import { RACK_BRIDGE } from './open-vswitch.js'
import { folderOnNode } from './services/node-place.js'
import { socketUrl } from './services/postgresql.js'
import {
  type LabSpec,
  managementIp,
  type NodeSpec,
  OUTSIDE_MANAGEMENT_IP,
  PACKET_LOG,
  rackOf,
  racksOf,
  tunnelIp,
} from './spec.js'
import { type LabState, nodeEtc, nodeVarLib, openrcPath, type Secrets } from './state.js'

/** Bus ports on the controller: the network service's and the compute service's. */
const NEUTRON_BUS_PORT = 9690
const NOVA_BUS_PORT = 9691

type Files = Record<string, string>

/** Writes every configuration file of every node, as the scenario prints them, with the operator's values filled in. */
export function writeFiles(state: LabState): void {
  const { spec } = state
  for (const node of spec.nodes) {
    const etc = nodeEtc(spec.name, node.name)
    for (const [path, text] of Object.entries(filesOf(state, node))) {
      const target = join(etc, path)
      mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
      writeFileSync(target, text, { mode: 0o600 })
    }
    for (const readable of ['hostname', 'hosts', 'resolv.conf', 'sysctl.conf']) chmodSync(join(etc, readable), 0o644)
    mkdirSync(join(etc, 'openvswitch'), { recursive: true, mode: 0o700 })
    for (const name of ['neutron', 'nova', 'keystone', 'openvswitch']) {
      mkdirSync(join(nodeVarLib(spec.name, node.name), name), { recursive: true, mode: 0o700 })
    }
  }
  for (const user of ['admin', 'demo'] as const) {
    const password = user === 'admin' ? state.secrets.adminPassword : state.secrets.demoPassword
    writeFileSync(openrcPath(spec.name, user), openrc(spec, user, password), { mode: 0o600 })
  }
}

function filesOf(state: LabState, node: NodeSpec): Files {
  const { spec, secrets } = state
  const common: Files = {
    hostname: `${node.name}\n`,
    hosts: hosts(spec),
    'resolv.conf': `nameserver ${OUTSIDE_MANAGEMENT_IP}\n`,
    'sysctl.conf': sysctl(node),
  }
  switch (node.role) {
    case 'outside':
      return common
    case 'controller':
      return { ...common, ...controllerFiles(spec, secrets) }
    case 'network':
      return {
        ...common,
        ...agentFiles(state, node, 'dvr_snat'),
        'neutron/dhcp_agent.ini': dhcpAgent(),
      }
    case 'compute':
      return { ...common, ...agentFiles(state, node, 'dvr'), 'nova/nova.conf': computeNova(spec, secrets) }
  }
}

/** The environment that OpenStack's clients read; the same variables as in the guide. */
export function openrcVariables(spec: LabSpec, user: 'admin' | 'demo', password: string): Record<string, string> {
  return {
    OS_USERNAME: user,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: user,
    OS_TENANT_NAME: user,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_AUTH_URL: `http://127.0.0.1:${spec.ports.identity}/v3`,
    OS_IDENTITY_API_VERSION: '3',
    OS_REGION_NAME: 'RegionOne',
  }
}

function openrc(spec: LabSpec, user: 'admin' | 'demo', password: string): string {
  return Object.entries(openrcVariables(spec, user, password))
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join('')
}

function hosts(spec: LabSpec): string {
  const lines = spec.nodes.map((node) => `${managementIp(node)} ${node.name}`)
  return `127.0.0.1 localhost\n${lines.join('\n')}\n`
}

function sysctl(node: NodeSpec): string {
  const open = 'net.ipv4.conf.default.rp_filter=0\nnet.ipv4.conf.all.rp_filter=0\n'
  const bridged = 'net.bridge.bridge-nf-call-iptables=1\nnet.bridge.bridge-nf-call-ip6tables=1\n'
  if (node.role === 'network' || node.role === 'outside') return `net.ipv4.ip_forward=1\n${open}`
  return node.role === 'compute' ? open + bridged : ''
}

// ── controller ──────────────────────────────────────────────────────────────────

function controllerFiles(spec: LabSpec, secrets: Secrets): Files {
  const { identity, network, compute } = spec.ports
  return {
    'neutron/neutron.conf': `[DEFAULT]
verbose = True
router_distributed = True
core_plugin = ml2
service_plugins = router
allow_overlapping_ips = True
${dhcpAgents(spec)}bind_port = ${network}
transport_url = ${transportUrl(spec, secrets)}

[database]
connection = ${databaseUrl(spec)}

[keystone_authtoken]
${credentials(spec, 'neutron', secrets)}
[nova]
${credentials(spec, 'nova', secrets)}`,
    'neutron/plugins/ml2/ml2_conf.ini': `[ml2]
type_drivers = flat,vlan,gre,vxlan
tenant_network_types = ${spec.projectTypes.join(',')}
mechanism_drivers = openvswitch,l2population

[ml2_type_flat]
flat_networks = external

[ml2_type_vlan]
network_vlan_ranges = ${['external', 'vlan:101:200', ...racksOf(spec)].join(',')}

[ml2_type_gre]
tunnel_id_ranges = 1:1000

[ml2_type_vxlan]
vni_ranges = 1:1000
vxlan_group = 239.1.1.1

[securitygroup]
firewall_driver = neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver
enable_security_group = True
enable_ipset = True
`,
    'keystone/keystone.conf': `[DEFAULT]
bind_host = 0.0.0.0
bind_port = ${identity}
public_endpoint = http://127.0.0.1:${identity}

[database]
connection = sqlite:////var/lib/keystone/keystone.sqlite

[identity]
# the lab's passwords are random: nobody guesses them, however fast
password_hash_rounds = 14
scrypt_parallelism = 1
`,
    'keystone/seed.json': `${JSON.stringify(identitySeed(spec, secrets), null, 2)}\n`,
    'nova/nova.conf': `[DEFAULT]
osapi_compute_listen_port = ${compute}
metadata_listen_port = 8775
transport_url = stream://nova:${secrets.busSecret}@controller:${NOVA_BUS_PORT}/

[database]
connection = sqlite:////var/lib/nova/nova.sqlite

[keystone_authtoken]
${credentials(spec, 'nova', secrets)}
[neutron]
${credentials(spec, 'neutron', secrets)}service_metadata_proxy = True
metadata_proxy_shared_secret = ${secrets.metadataSecret}
`,
  }
}

function transportUrl({ services }: LabSpec, { busSecret }: Secrets): string {
  return services === 'debian'
    ? `rabbit://neutron:${busSecret}@controller:5672/`
    : `stream://neutron:${busSecret}@controller:${NEUTRON_BUS_PORT}/`
}

function databaseUrl({ services }: LabSpec): string {
  return services === 'debian' ? socketUrl(folderOnNode('postgresql')) : 'sqlite:////var/lib/neutron/neutron.sqlite'
}

/** Two DHCP servers for every network, where there are nodes for them. */
function dhcpAgents({ nodes }: LabSpec): string {
  return nodes.filter(({ role }) => role === 'network').length > 1 ? 'dhcp_agents_per_network = 2\n' : ''
}

function credentials(spec: LabSpec, user: string, secrets: Secrets): string {
  return `auth_url = http://controller:${spec.ports.identity}
auth_type = password
user_domain_name = Default
project_domain_name = Default
project_name = service
username = ${user}
password = ${secrets.servicePassword}
`
}

// ── network and compute nodes ───────────────────────────────────────────────────

function agentFiles({ spec, secrets, datapath }: LabState, node: NodeSpec, agentMode: string): Files {
  return {
    'neutron/neutron.conf': `[DEFAULT]
verbose = True
transport_url = ${transportUrl(spec, secrets)}
`,
    'neutron/plugins/ml2/ml2_conf.ini': `[ovs]
local_ip = ${tunnelIp(node)}
${datapath === 'netdev-tso' ? 'datapath_profile = fast\n' : ''}bridge_mappings = ${bridgeMappings(node)}

[agent]
l2_population = True
tunnel_types = gre,vxlan
enable_distributed_routing = True
arp_responder = True

[network_log]
local_output_log_base = ${PACKET_LOG}

[securitygroup]
firewall_driver = neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver
enable_security_group = True
enable_ipset = True
`,
    'neutron/l3_agent.ini': `[DEFAULT]
verbose = True
interface_driver = neutron.agent.linux.interface.OVSInterfaceDriver
use_namespaces = True
external_network_bridge =
router_delete_namespaces = True
agent_mode = ${agentMode}
`,
    'neutron/metadata_agent.ini': `[DEFAULT]
verbose = True
nova_metadata_ip = controller
metadata_proxy_shared_secret = ${secrets.metadataSecret}
`,
    'neutron/metering_agent.ini': `[DEFAULT]
verbose = True
driver = iptables
measure_interval = 30
report_interval = 300
`,
  }
}

function bridgeMappings(node: NodeSpec): string {
  const rack = rackOf(node)
  return ['vlan:br-vlan', 'external:br-ex', ...(rack === null ? [] : [`${rack}:${RACK_BRIDGE}`])].join(',')
}

function dhcpAgent(): string {
  return `[DEFAULT]
verbose = True
interface_driver = neutron.agent.linux.interface.OVSInterfaceDriver
dhcp_driver = neutron.agent.linux.dhcp.Dnsmasq
use_namespaces = True
dhcp_delete_namespaces = True
dnsmasq_dns_servers = 203.0.113.1
`
}

function computeNova(spec: LabSpec, secrets: Secrets): string {
  return `[DEFAULT]
transport_url = stream://nova:${secrets.busSecret}@controller:${NOVA_BUS_PORT}/

[neutron]
${credentials(spec, 'neutron', secrets)}`
}
