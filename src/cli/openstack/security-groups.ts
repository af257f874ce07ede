import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, positional, text, UsageError } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { type Columns, tableOf } from '../output/result.js'
import {
  type Attributes,
  deleteCommand,
  idOf,
  listCommand,
  NAME_FILTERS,
  projectQuery,
  showCommand,
} from './resource.js'
import { SECURITY_GROUP, SECURITY_GROUP_RULE } from './resources.js'
import { unsetCommand } from './unset.js'
import { type Body, changeCommand, createCommand } from './write.js'

/** `22:22`; `type=8:code=0` for ICMP; empty for any. */
function portRange(rule: Attributes): string {
  const { port_range_min: low, port_range_max: high } = rule
  if (/^(icmp|ipv6-icmp|icmpv6|1|58)$/.test(String(rule.protocol))) {
    const parts = [low === null ? '' : `type=${low}`, high === null ? '' : `code=${high}`]
    return parts.filter(Boolean).join(':')
  }
  return low === null && high === null ? '' : `${low ?? ''}:${high ?? ''}`
}

const RULE_COLUMNS: Columns<Attributes> = {
  ID: (rule) => rule.id,
  'IP Protocol': (rule) => rule.protocol,
  Ethertype: (rule) => rule.ethertype,
  'IP Range': (rule) => rule.remote_ip_prefix ?? (rule.ethertype === 'IPv6' ? '::/0' : '0.0.0.0/0'),
  'Port Range': portRange,
  Direction: (rule) => rule.direction,
  'Remote Security Group': (rule) => rule.remote_group_id,
  'Remote Address Group': (rule) => rule.remote_address_group_id ?? null,
}

/** `22` or `8000:8080`. */
function ports(args: ParsedArgs, body: Body): void {
  const given = args.text('_dst_port')
  if (given === undefined) return
  const [, low, high = low] = /^(\d+)(?::(\d+))?$/.exec(given) ?? []
  if (low === undefined) throw new UsageError(`argument --dst-port: invalid range: '${given}'`)
  body.port_range_min = Number(low)
  body.port_range_max = Number(high)
}

async function completeRule(context: Context, args: ParsedArgs, body: Body): Promise<void> {
  const remote = args.text('_remote_group')
  body.security_group_id = await idOf(context, SECURITY_GROUP, args.need('group'))
  body.direction ??= 'ingress'
  if (remote !== undefined) body.remote_group_id = await idOf(context, SECURITY_GROUP, remote)
  const prefix = String(body.remote_ip_prefix ?? '')
  body.ethertype ??= prefix.includes(':') || /icmpv6|ipv6/.test(String(body.protocol)) ? 'IPv6' : 'IPv4'
  if (body.protocol === 'any') body.protocol = null
  if (args.has('_icmp_type')) body.port_range_min = args.number('_icmp_type')
  if (args.has('_icmp_code')) body.port_range_max = args.number('_icmp_code')
  ports(args, body)
}

export const commands: Commands = {
  'security group list': listCommand(SECURITY_GROUP, {
    summary: 'List security groups',
    options: NAME_FILTERS,
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      Description: (one) => one.description,
      Project: (one) => one.project_id ?? one.tenant_id,
      Tags: (one) => one.tags ?? [],
    },
  }),
  'security group show': showCommand(SECURITY_GROUP, 'Show security group details'),
  'security group create': createCommand(SECURITY_GROUP, {
    summary: 'Create a security group',
    options: [
      text('--description', 'what it is for'),
      flag('--stateful', 'with connection tracking', { key: 'stateful', value: true, group: 'state' }),
      flag('--stateless', 'without connection tracking', { key: 'stateful', value: false, group: 'state' }),
    ],
    async complete(_, args, body) {
      body.description ??= args.need('name')
    },
  }),
  'security group set': changeCommand(SECURITY_GROUP, {
    summary: 'Change a security group',
    options: [text('--name', 'new name'), text('--description', 'what it is for')],
  }),
  'security group unset': unsetCommand(SECURITY_GROUP, { summary: 'Take tags from a security group' }),
  'security group delete': deleteCommand(SECURITY_GROUP, 'Delete security groups'),
  'security group rule list': {
    summary: 'List security group rules',
    positionals: [positional('<group>', 'of this group', { key: 'group', optional: true })],
    options: [
      text('--protocol', 'with this protocol'),
      text('--ethertype', 'of this family', { choices: ['IPv4', 'IPv6'] }),
      flag('--ingress', 'incoming', { key: 'direction', value: 'ingress', group: 'direction' }),
      flag('--egress', 'outgoing', { key: 'direction', value: 'egress', group: 'direction' }),
      flag('--long', '', { hidden: true }),
      text('--project', 'of this project, by ID or name'),
    ],
    output: 'list',
    async run(context, args) {
      const group = args.text('group')
      const filters = ['protocol', 'ethertype', 'direction'].filter((key) => args.has(key))
      const rules = await context.session.network.list('security-group-rules', {
        ...(await projectQuery(context, args)),
        ...Object.fromEntries(filters.map((key) => [key, args.need(key)])),
        ...(group !== undefined && { security_group_id: await idOf(context, SECURITY_GROUP, group) }),
      })
      const owner: Columns<Attributes> = { 'Security Group': (rule) => rule.security_group_id }
      const columns = group === undefined ? { ...RULE_COLUMNS, ...owner } : RULE_COLUMNS
      return tableOf(rules as unknown as Attributes[], columns)
    },
  },
  'security group rule show': showCommand(SECURITY_GROUP_RULE, 'Show security group rule details'),
  'security group rule create': createCommand(SECURITY_GROUP_RULE, {
    summary: 'Create a security group rule',
    positionals: [positional('<group>', 'the group', { key: 'group' })],
    options: [
      text('--remote-ip', 'the other side: a prefix', { key: 'remote_ip_prefix', group: 'remote' }),
      text('--remote-group', 'the other side: members of a group', { key: '_remote_group', group: 'remote' }),
      text('--dst-port', 'a port or a range, 8000:8080', { key: '_dst_port' }),
      integer('--icmp-type', 'ICMP type', { key: '_icmp_type' }),
      integer('--icmp-code', 'ICMP code', { key: '_icmp_code' }),
      text('--protocol', 'by name or number; any for all'),
      flag('--ingress', 'incoming (default)', { key: 'direction', value: 'ingress', group: 'direction' }),
      flag('--egress', 'outgoing', { key: 'direction', value: 'egress', group: 'direction' }),
      text('--ethertype', 'IPv4 or IPv6', { choices: ['IPv4', 'IPv6'] }),
      text('--description', 'what it is for'),
    ],
    complete: completeRule,
  }),
  'security group rule delete': deleteCommand(SECURITY_GROUP_RULE, 'Delete security group rules'),
}
