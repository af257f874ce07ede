import { agentSection, commonDefault } from './common.js'
import { bool, ConfigError, ignored, int, type Option } from './options.js'
import { rabbitSection } from './transport.js'

/** Files of neutron-metering-agent when none is named; later ones win. */
export const METERING_AGENT_FILES = ['/etc/neutron/neutron.conf', '/etc/neutron/metering_agent.ini']

type Driver = 'iptables' | 'noop'

/** Neutron's alias or class path. */
const DRIVERS: Readonly<Record<string, Driver>> = {
  iptables: 'iptables',
  noop: 'noop',
  'neutron.services.metering.drivers.iptables.iptables_driver.IptablesMeteringDriver': 'iptables',
  'neutron.services.metering.drivers.noop.noop_driver.NoopMeteringDriver': 'noop',
}

const driver: Option<Driver> = {
  parse: (values) => {
    const name = values[values.length - 1] ?? ''
    const found = DRIVERS[name]
    if (!found) throw new ConfigError(`'${name}' is not one of ${Object.keys(DRIVERS).join(', ')}`)
    return found
  },
  fallback: 'iptables',
}

export const meteringAgentOptions = {
  DEFAULT: {
    ...commonDefault,
    driver,
    // seconds
    measure_interval: int(30),
    report_interval: int(300),
    granular_traffic_data: bool(false),
    interface_driver: ignored('the agent makes no devices'),
    use_namespaces: ignored('removed; routers always have namespaces'),
    ovs_use_veth: ignored('the agent makes no devices'),
  },
  oslo_messaging_rabbit: rabbitSection,
  agent: agentSection,
}
