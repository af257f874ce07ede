import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dhcpAgentOptions } from './dhcp-agent.js'
import { parseIni } from './ini.js'
import { l3AgentOptions } from './l3-agent.js'
import { metadataAgentOptions } from './metadata-agent.js'
import { meteringAgentOptions } from './metering-agent.js'
import { resolveConfig } from './options.js'

const file = (text: string) => [{ path: 'f', data: parseIni(text) }]

test("the guide's l3_agent.ini", () => {
  const { values, warnings } = resolveConfig(
    l3AgentOptions,
    file(`[DEFAULT]
verbose = True
interface_driver = neutron.agent.linux.interface.OVSInterfaceDriver
use_namespaces = True
external_network_bridge =
router_delete_namespaces = True
agent_mode = dvr_snat
`),
  )
  assert.equal(values.DEFAULT.agent_mode, 'dvr_snat')
  assert.equal(warnings.length, 4)
})

test("the guide's dhcp_agent.ini", () => {
  const { values, warnings } = resolveConfig(
    dhcpAgentOptions,
    file(`[DEFAULT]
verbose = True
interface_driver = neutron.agent.linux.interface.OVSInterfaceDriver
dhcp_driver = neutron.agent.linux.dhcp.Dnsmasq
use_namespaces = True
dhcp_delete_namespaces = True
dnsmasq_config_file = /etc/neutron/dnsmasq-neutron.conf    ; optional, MTU for VXLAN
`),
  )
  assert.equal(values.DEFAULT.dnsmasq_config_file, '/etc/neutron/dnsmasq-neutron.conf')
  assert.equal(values.DEFAULT.dns_domain, 'openstacklocal')
  assert.equal(warnings.length, 3)
})

test("the guide's metadata_agent.ini", () => {
  const { values } = resolveConfig(
    metadataAgentOptions,
    file('[DEFAULT]\nverbose = True\nnova_metadata_ip = controller\nmetadata_proxy_shared_secret = METADATA_SECRET\n'),
  )
  assert.equal(values.DEFAULT.nova_metadata_host, 'controller')
  assert.equal(values.DEFAULT.metadata_proxy_shared_secret, 'METADATA_SECRET')
})

test('metering_agent.ini with a driver by its class or its alias', () => {
  const read = (text: string) => resolveConfig(meteringAgentOptions, file(`[DEFAULT]\n${text}`)).values.DEFAULT
  const path = 'neutron.services.metering.drivers.iptables.iptables_driver.IptablesMeteringDriver'
  assert.equal(read(`driver = ${path}\n`).driver, 'iptables')
  assert.equal(read('driver = noop\n').driver, 'noop')
  assert.throws(() => read('driver = mine\n'), /'mine' is not one of iptables, noop/)
  const { measure_interval, report_interval, granular_traffic_data } = read('')
  assert.deepEqual([measure_interval, report_interval, granular_traffic_data], [30, 300, false])
})
