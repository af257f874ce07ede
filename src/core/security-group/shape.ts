import type { SecurityGroupRecord, SecurityGroupRuleRow } from '../../store/security-groups.js'
import { standardTail } from '../attributes.js'
import { isSharedWith } from '../rbac/sharing.js'
import type { RequestContext, Resource } from '../service.js'
import { normalizedCidr } from './rule-meaning.js'

export function showGroup(group: SecurityGroupRecord, ctx: RequestContext): Resource {
  return {
    id: group.id,
    name: group.name,
    stateful: group.stateful,
    tenant_id: group.projectId,
    shared: isSharedWith(group, ctx),
    security_group_rules: group.rules.map(showRule),
    ...standardTail(group),
  }
}

export function showRule(rule: SecurityGroupRuleRow): Resource {
  return {
    id: rule.id,
    tenant_id: rule.projectId,
    security_group_id: rule.securityGroupId,
    ethertype: rule.ethertype,
    direction: rule.direction,
    protocol: rule.protocol,
    port_range_min: rule.portRangeMin,
    port_range_max: rule.portRangeMax,
    remote_ip_prefix: rule.remoteIpPrefix,
    remote_address_group_id: rule.remoteAddressGroupId,
    normalized_cidr: rule.remoteIpPrefix === null ? null : normalizedCidr(rule.remoteIpPrefix),
    remote_group_id: rule.remoteGroupId,
    ...standardTail(rule),
  }
}
