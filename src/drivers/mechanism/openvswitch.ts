import type { Binding, BindRequest, MechanismDriver } from '../../core/ml2/mechanism-driver.js'
import type { Segment } from '../../model/cloud.js'
import type { AgentRecord } from '../../store/agents.js'

/** Ports on hosts with an Open vSwitch agent (reference: API, ML2 types and binding). */
export function openvswitchDriver(): MechanismDriver {
  return {
    name: 'openvswitch',
    bind({ port, segments, agents }: BindRequest): Binding | null {
      if (port.vnicType !== 'normal') return null
      const agent = ovsAgent(agents)
      if (!agent || !segments.some((segment) => reaches(agent, segment))) return null
      return { vifType: 'ovs', vifDetails: vifDetails(agent) }
    },
    reaches(agents, segment) {
      const agent = ovsAgent(agents)
      return agent !== undefined && reaches(agent, segment)
    },
  }
}

function ovsAgent(agents: readonly AgentRecord[]): AgentRecord | undefined {
  return agents.find(({ agentType }) => agentType === 'Open vSwitch agent')
}

function reaches(agent: AgentRecord, segment: Segment): boolean {
  const { bridge_mappings: mappings, tunnel_types: tunnels } = agent.configurations
  switch (segment.networkType) {
    case 'local':
      return true
    case 'flat':
    case 'vlan':
      return Object.hasOwn((mappings ?? {}) as object, segment.physicalNetwork ?? '')
    default:
      return Array.isArray(tunnels) && tunnels.includes(segment.networkType)
  }
}

/** Instances with the hybrid firewall hang on a Linux bridge; who plugs them learns it here. */
function vifDetails({ configurations }: AgentRecord): Record<string, unknown> {
  return {
    connectivity: 'l2',
    port_filter: true,
    ovs_hybrid_plug: configurations.ovs_hybrid_plug === true,
    datapath_type: configurations.datapath_type ?? 'system',
    bridge_name: configurations.integration_bridge ?? 'br-int',
    bound_drivers: { '0': 'openvswitch' },
  }
}
