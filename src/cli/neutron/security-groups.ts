import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, positional, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { listCommand } from './list.js'
import { type Attributes, idOf, SECURITY_GROUP, SECURITY_GROUP_RULE } from './resource.js'
import { createCommand, deleteCommand, nameFirst, showCommand, TENANT_ID, updateCommand } from './verbs.js'

/** `22/tcp`, `8000-8080/tcp`, `icmp (type:8, code:0)`, `icmp`; empty for any protocol. */
export function protocolAndPorts(rule: Attributes): string {
  const { protocol, port_range_min: low, port_range_max: high } = rule
  if (protocol === null || protocol === undefined || protocol === '') return ''
  const missing = (value: unknown) => value === null || value === undefined
  if (/^(icmp|icmpv6|ipv6-icmp|1|58)$/.test(String(protocol))) {
    const parts = [missing(low) ? '' : `type:${low}`, missing(high) ? '' : `code:${high}`].filter(Boolean)
    return parts.length > 0 ? `${protocol} (${parts.join(', ')})` : String(protocol)
  }
  if (missing(low) && missing(high)) return String(protocol)
  return low === high ? `${low}/${protocol}` : `${low}-${high}/${protocol}`
}

/** A rule in a line: `ingress, IPv4, 22/tcp, remote_ip_prefix: 0.0.0.0/0`. */
export function ruleText(rule: Attributes): string {
  const remote = rule.remote_ip_prefix
    ? `remote_ip_prefix: ${rule.remote_ip_prefix}`
    : rule.remote_group_id
      ? `remote_group_id: ${rule.remote_group_id}`
      : ''
  return [rule.direction, rule.ethertype, protocolAndPorts(rule), remote].filter(Boolean).join(', ')
}

function remoteOf(rule: Attributes): string {
  if (rule.remote_ip_prefix) return `${rule.remote_ip_prefix} (CIDR)`
  return rule.remote_group_id ? `${rule.remote_group_name ?? rule.remote_group_id} (group)` : ''
}

/** Groups by name, unless ids are wanted. */
async function withGroupNames(context: Context, args: ParsedArgs, rules: Attributes[]): Promise<Attributes[]> {
  const groups =
    args.flag('no_nameconv') || rules.length === 0
      ? []
      : await context.session.network.list('security-groups', { fields: ['id', 'name'] })
  const names = new Map<unknown, string>(groups.map((group) => [group.id, group.name || group.id]))
  return rules.map((rule) => ({
    ...rule,
    security_group: names.get(rule.security_group_id) ?? rule.security_group_id,
    remote_group_name: names.get(rule.remote_group_id),
  }))
}

const NAME_AND_TEXT = [text('--name', 'its name'), text('--description', 'what it is for')]

export const commands: Commands = {
  'security-group-list': listCommand(SECURITY_GROUP, {
    summary: 'List security groups.',
    columns: ['id', 'name', 'security_group_rules'],
    formatters: {
      security_group_rules: ({ security_group_rules: rules }) =>
        Array.isArray(rules) ? rules.map(ruleText).sort().join('\n') : '',
    },
  }),
  'security-group-show': showCommand(SECURITY_GROUP, 'Show a security group.'),
  'security-group-create': createCommand(SECURITY_GROUP, {
    summary: 'Create a security group.',
    options: [text('--description', 'what it is for'), TENANT_ID],
    complete: nameFirst,
  }),
  'security-group-update': updateCommand(SECURITY_GROUP, {
    summary: "Change a security group's attributes.",
    options: NAME_AND_TEXT,
  }),
  'security-group-delete': deleteCommand(SECURITY_GROUP, 'Delete security groups.'),
  'security-group-rule-list': listCommand(SECURITY_GROUP_RULE, {
    summary: 'List security group rules.',
    columns: ['id', 'security_group', 'direction', 'ethertype', 'protocol/port', 'remote'],
    computed: ['protocol/port', 'remote'],
    formatters: { 'protocol/port': protocolAndPorts, remote: remoteOf },
    options: [flag('--no-nameconv', 'show IDs of groups instead of names')],
    extend: withGroupNames,
  }),
  'security-group-rule-show': showCommand(SECURITY_GROUP_RULE, 'Show a security group rule.'),
  'security-group-rule-create': createCommand(SECURITY_GROUP_RULE, {
    summary: 'Create a security group rule.',
    positionals: [positional('SECURITY_GROUP', "the group's ID or name")],
    options: [
      text('--direction', 'ingress by default', { choices: ['ingress', 'egress'] }),
      text('--ethertype', 'IPv4 by default'),
      text('--protocol', 'protocol by name or number'),
      integer('--port-range-min', 'lowest port, or ICMP type'),
      integer('--port-range-max', 'highest port, or ICMP code'),
      text('--remote-ip-prefix', 'the other side: a prefix'),
      text('--remote-group-id', 'the other side: members of a group, by ID or name'),
      text('--description', 'what it is for'),
      TENANT_ID,
    ],
    async complete(context, args, body) {
      const remote = args.text('remote_group_id')
      body.direction ??= 'ingress'
      body.security_group_id = await idOf(context, SECURITY_GROUP, args.need('security_group'))
      if (remote !== undefined) body.remote_group_id = await idOf(context, SECURITY_GROUP, remote)
    },
  }),
  'security-group-rule-delete': deleteCommand(SECURITY_GROUP_RULE, 'Delete security group rules.'),
}
