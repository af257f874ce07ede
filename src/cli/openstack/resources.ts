import { jsonText, routes, rules, smiley, upDown } from './cells.js'
import type { Resource } from './resource.js'

/** Resources that more than one family of commands looks up. */
export const ROUTER: Resource = {
  path: 'routers',
  metavar: 'router',
  cells: { admin_state_up: upDown, external_gateway_info: jsonText, interfaces_info: jsonText, routes },
}

export const SECURITY_GROUP: Resource = {
  path: 'security-groups',
  metavar: 'group',
  cells: { security_group_rules: rules },
  renamed: { security_group_rules: 'rules' },
}

export const SECURITY_GROUP_RULE: Resource = {
  path: 'security-group-rules',
  metavar: 'rule',
  renamed: { ethertype: 'ether_type' },
}

/** Made elsewhere; named by what it limits. */
export const QOS_POLICY: Resource = { path: 'qos/policies', metavar: 'qos-policy' }

export const FLOATING_IP: Resource = { path: 'floatingips', metavar: 'floating-ip', alias: 'floating_ip_address' }

export const AGENT: Resource = {
  path: 'agents',
  metavar: 'network-agent',
  cells: { admin_state_up: upDown, alive: smiley },
  renamed: { configurations: 'configuration', heartbeat_timestamp: 'last_heartbeat_at' },
}
