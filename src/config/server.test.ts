import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseIni } from './ini.js'
import { resolveConfig } from './options.js'
import { serverOptions } from './server.js'

/** The controller's files as the guide prints them, the operator's values filled in. */
const NEUTRON_CONF = `
[DEFAULT]
verbose = True
router_distributed = True
core_plugin = ml2
service_plugins = router
allow_overlapping_ips = True
`
const ML2_CONF = `
[ml2]
type_drivers = flat,vlan,gre,vxlan
tenant_network_types = vlan,gre,vxlan
mechanism_drivers = openvswitch,l2population
[ml2_type_flat]
flat_networks = external
[ml2_type_vlan]
network_vlan_ranges = external,vlan:101:200
[ml2_type_gre]
tunnel_id_ranges = 1:1000
[ml2_type_vxlan]
vni_ranges = 1:1000
vxlan_group = 239.1.1.1
[securitygroup]
firewall_driver = neutron.agent.linux.iptables_firewall.OVSHybridIptablesFirewallDriver
enable_security_group = True
enable_ipset = True
`

it("reads the guide's files of the controller, and says what has no effect any more", () => {
  const files = [NEUTRON_CONF, ML2_CONF].map((text, i) => ({
    path: i ? 'ml2_conf.ini' : 'neutron.conf',
    data: parseIni(text),
  }))
  const { values, warnings } = resolveConfig(serverOptions, files)
  assert.equal(values.DEFAULT.router_distributed, true)
  assert.deepEqual(values.ml2_type_vlan.network_vlan_ranges, ['external', 'vlan:101:200'])
  assert.deepEqual(values.ml2.mechanism_drivers, ['openvswitch', 'l2population'])
  assert.equal(values.quotas.quota_port, 500)
  assert.deepEqual(
    warnings.map((warning) => warning.split(' has ')[0]),
    ['neutron.conf: [DEFAULT] verbose', 'neutron.conf: [DEFAULT] allow_overlapping_ips'],
  )
})
