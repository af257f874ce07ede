import type { CloudHost } from '../model/cloud.js'
import { type Db, flag, intOrNull, json, type RecordOf, Table, text, textOrNull } from './table.js'

export const agents = new Table('agents', {
  id: text('id'),
  agentType: text('agent_type'),
  binary: text('binary'),
  host: text('host'),
  topic: text('topic'),
  adminStateUp: flag('admin_state_up'),
  description: textOrNull('description'),
  availabilityZone: textOrNull('availability_zone'),
  configurations: json<Readonly<Record<string, unknown>>>('configurations'),
  createdAt: text('created_at'),
  startedAt: text('started_at'),
  heartbeatAt: text('heartbeat_at'),
  /** whether Placement knows of its resources: 1, 0; null: it has none */
  resourcesSynced: intOrNull('resources_synced'),
})

export type AgentRecord = RecordOf<typeof agents.columns>

export const hosts = new Table('hosts', { host: text('host'), dvrMac: textOrNull('dvr_mac') })

export const dhcpBindings = new Table('dhcp_bindings', { networkId: text('network_id'), agentId: text('agent_id') })

export async function agentOfHost(db: Db, agentType: string, host: string): Promise<AgentRecord | undefined> {
  return agents.findOne(db, { agentType, host })
}

const L3_MODES = ['legacy', 'dvr', 'dvr_snat', 'dvr_no_external'] as const

export async function renderHosts(db: Db, ids: readonly string[]): Promise<CloudHost[]> {
  const rows = await hosts.findIn(db, 'host', ids)
  const reported = await agents.findIn(db, 'host', ids)
  return rows.map(({ host, dvrMac }) => {
    const ovs = reported.find((agent) => agent.host === host && agent.agentType === 'Open vSwitch agent')
    const l3 = reported.find((agent) => agent.host === host && agent.agentType === 'L3 agent')
    return cloudHost(host, dvrMac, ovs?.configurations ?? {}, l3)
  })
}

function cloudHost(
  host: string,
  dvrMac: string | null,
  ovs: Readonly<Record<string, unknown>>,
  l3: AgentRecord | undefined,
): CloudHost {
  const mode = L3_MODES.find((candidate) => candidate === (l3?.configurations.agent_mode ?? 'legacy'))
  return {
    kind: 'host',
    id: host,
    dvrMac,
    tunnelIp: textOr(ovs.tunneling_ip),
    tunnelMac: textOr(ovs.tunneling_mac),
    tunnelTypes: Array.isArray(ovs.tunnel_types) ? ovs.tunnel_types.map(String) : [],
    bridgeMappings: (ovs.bridge_mappings ?? {}) as Record<string, string>,
    l3AgentId: l3?.id ?? null,
    l3Mode: l3 ? (mode ?? 'legacy') : null,
  }
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
