/** What a security group rule must look like, whatever the cloud's state (reference: security groups, API validation). */
import type { FaultTypeWith } from '../../core/fault-types.js'
import { Fault } from '../../core/faults.js'
import type { Attributes } from '../../core/service.js'
import { parseCidr } from '../../model/ip.js'
import { PROTOCOL_NUMBERS, protocolNumber } from '../../model/protocols.js'
import { quoted, shown } from '../wire/text.js'

const PORT_PROTOCOLS = [6, 17, 33, 132, 136]
/** Numbers of what only IPv6 carries: ipv6-encap, ipv6-route, ipv6-frag, ipv6-icmp, ipv6-nonxt, ipv6-opts. */
const IPV6_ONLY: readonly (number | null)[] = [41, 43, 44, 58, 59, 60]
const MAX_PORT = 65535

const fault = (type: FaultTypeWith<400>, message: string) => new Fault(type, 400, message)

export function checkRule(rule: Attributes): void {
  checkEthertype(rule)
  const number = protocolOf(rule.protocol)
  if (IPV6_ONLY.includes(number) && rule.ethertype === 'IPv4') {
    throw fault(
      'SecurityGroupEthertypeConflictWithProtocol',
      `Invalid ethertype IPv4 for protocol ${shown(rule.protocol)}.`,
    )
  }
  checkPorts(rule, number)
  checkRemote(rule)
}

/** Rules of one request belong to one group and one project. */
export function checkRules(rules: readonly Attributes[]): void {
  if (new Set(rules.map((rule) => rule.security_group_id)).size > 1) {
    throw fault('SecurityGroupNotSingleGroupRules', 'Only allowed to update rules for one security profile at a time')
  }
  if (new Set(rules.map((rule) => rule.project_id)).size > 1) {
    throw fault(
      'SecurityGroupRulesNotSingleTenant',
      'Multiple tenant_ids in bulk security group rule create not allowed',
    )
  }
}

function checkEthertype(rule: Attributes): void {
  if (rule.ethertype === 'IPv4' || rule.ethertype === 'IPv6') return
  throw fault(
    'SecurityGroupRuleInvalidEtherType',
    `Security group rule for ethertype '${shown(rule.ethertype)}' not supported. Allowed values are ['IPv4', 'IPv6'].`,
  )
}

/** Null: any protocol (`any` says the same). */
function protocolOf(protocol: unknown): number | null {
  if (protocol === null || protocol === 'any') return null
  const number = protocolNumber(String(protocol))
  if (number !== null) return number
  throw fault(
    'SecurityGroupRuleInvalidProtocol',
    `Security group rule protocol ${shown(protocol)} not supported. Only protocol values ` +
      `${quoted([null, ...Object.keys(PROTOCOL_NUMBERS)])} and integer representations [0 to 255] are supported.`,
  )
}

function checkPorts(rule: Attributes, protocol: number | null): void {
  const min = rule.port_range_min as number | null
  const max = rule.port_range_max as number | null
  if (min === null && max === null) return
  if (protocol === null || protocol === 0) {
    throw fault('SecurityGroupProtocolRequiredWithPorts', 'Must also specify protocol if port range is given.')
  }
  if (PORT_PROTOCOLS.includes(protocol)) checkPortRange(min, max)
  else if (protocol === PROTOCOL_NUMBERS.icmp || protocol === PROTOCOL_NUMBERS.icmpv6) checkIcmp(min, max)
  else {
    throw fault(
      'SecurityGroupInvalidProtocolForPortRange',
      `Port range cannot be specified for protocol ${shown(rule.protocol)}. Port range is only supported for TCP, UDP, UDPLITE, SCTP and DCCP.`,
    )
  }
}

function checkPortRange(min: number | null, max: number | null): void {
  for (const port of [min, max]) {
    if (port !== null && (port < 0 || port > MAX_PORT)) {
      throw fault('SecurityGroupInvalidPortValue', `Invalid value for port ${port}`)
    }
  }
  if (min === null || max === null || min > max) {
    throw fault('SecurityGroupInvalidPortRange', 'For TCP/UDP protocols, port_range_min must be <= port_range_max')
  }
}

/** The range of ICMP is its type and code. */
function checkIcmp(type: number | null, code: number | null): void {
  for (const [field, attribute, value] of [
    ['type', 'port_range_min', type],
    ['code', 'port_range_max', code],
  ] as const) {
    if (value !== null && (value < 0 || value > 255)) {
      throw fault(
        'SecurityGroupInvalidIcmpValue',
        `Invalid value for ICMP ${field} (${attribute}) ${value}. It must be 0 to 255.`,
      )
    }
  }
  if (type === null && code !== null) {
    throw fault(
      'SecurityGroupMissingIcmpType',
      `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
    )
  }
}

function checkRemote(rule: Attributes): void {
  if (rule.remote_ip_prefix !== null && rule.remote_group_id !== null) {
    throw fault(
      'SecurityGroupRemoteGroupAndRemoteIpPrefix',
      'Only remote_ip_prefix or remote_group_id may be provided.',
    )
  }
  const remotes = [rule.remote_ip_prefix, rule.remote_group_id, rule.remote_address_group_id]
  if (remotes.filter((remote) => remote !== null).length > 1) {
    throw fault(
      'SecurityGroupMultipleRemoteEntites',
      'Only one of remote_ip_prefix, remote_group_id and remote_address_group_id may be provided.',
    )
  }
  const prefix = rule.remote_ip_prefix === null ? null : parseCidr(String(rule.remote_ip_prefix))
  if (prefix && `IPv${prefix.version}` !== rule.ethertype) {
    throw fault(
      'SecurityGroupRuleParameterConflict',
      `Conflicting value ethertype ${shown(rule.ethertype)} for CIDR ${shown(rule.remote_ip_prefix)}`,
    )
  }
}
