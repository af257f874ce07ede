import type { SecurityGroupRule } from '../../client/network-types.js'
import type { ParsedArgs } from '../args/parsed.js'
import { positional, text } from '../args/spec.js'
import { CommandFailure, type Commands } from '../common/command.js'
import { associate, changeGroups, disassociate, portsById } from '../common/server-networking.js'
import { groupId, ownGroups } from '../common/servers.js'
import { type ListResult, NOTHING } from '../output/result.js'

const RULE_COLUMNS = ['IP Protocol', 'From Port', 'To Port', 'IP Range', 'Source Group']
const group = positional('SECGROUP', "the security group's name or ID")
const server = positional('SERVER', "the server's name or ID")
const address = positional('ADDRESS', 'the floating IP address')

/** -1 means any, in compute's words. */
function ruleRow(rule: SecurityGroupRule, groupName: (id: string) => string): readonly unknown[] {
  const missing = rule.protocol === null && rule.port_range_min === null
  return [
    rule.protocol ?? '',
    rule.port_range_min ?? (missing ? '' : '-1'),
    rule.port_range_max ?? (missing ? '' : '-1'),
    rule.remote_group_id === null ? (rule.remote_ip_prefix ?? anywhere(rule)) : '',
    rule.remote_group_id === null ? '' : groupName(rule.remote_group_id),
  ]
}

function anywhere(rule: SecurityGroupRule): string {
  return rule.ethertype === 'IPv6' ? '::/0' : '0.0.0.0/0'
}

function rulesResult(rules: readonly SecurityGroupRule[], groupName: (id: string) => string): ListResult {
  return { kind: 'list', columns: RULE_COLUMNS, rows: rules.map((rule) => ruleRow(rule, groupName)) }
}

interface RuleRange {
  readonly ethertype: 'IPv4' | 'IPv6'
  readonly protocol: string
  readonly port_range_min: number | null
  readonly port_range_max: number | null
  readonly remote_ip_prefix: string
}

/** `icmp -1 -1` has no range; the family follows from the prefix. */
function rangeOf(args: ParsedArgs): RuleRange {
  const port = (key: string): number | null => {
    const value = args.need(key)
    if (!/^-?\d+$/.test(value)) throw new CommandFailure(`From/To port must be integers, not '${value}'`)
    return value === '-1' ? null : Number(value)
  }
  const prefix = args.need('cidr')
  return {
    ethertype: prefix.includes(':') ? 'IPv6' : 'IPv4',
    protocol: args.need('ip_proto').toLowerCase(),
    port_range_min: port('from_port'),
    port_range_max: port('to_port'),
    remote_ip_prefix: prefix,
  }
}

const RULE_ARGUMENTS = [
  group,
  positional('IP-PROTO', 'icmp, tcp or udp'),
  positional('FROM-PORT', 'first port or ICMP type; -1 is any'),
  positional('TO-PORT', 'last port or ICMP code; -1 is any'),
  positional('CIDR', 'the other side'),
]

export const commands: Commands = {
  'secgroup-list': {
    summary: 'List security groups.',
    async run(context) {
      const groups = await ownGroups(context)
      const rows = groups.map((one) => [one.id, one.name, one.description ?? ''])
      return { kind: 'list', columns: ['Id', 'Name', 'Description'], rows }
    },
  },
  'secgroup-create': {
    summary: 'Create a security group.',
    positionals: [positional('NAME', 'its name'), positional('DESCRIPTION', 'what it is for', { optional: true })],
    async run(context, args) {
      const body = { name: args.need('name'), description: args.text('description') ?? '' }
      const made = await context.session.network.create('security-groups', body)
      const row = [made.id, made.name, made.description ?? '']
      return { kind: 'list', columns: ['Id', 'Name', 'Description'], rows: [row] }
    },
  },
  'secgroup-delete': {
    summary: 'Delete a security group.',
    positionals: [group],
    async run(context, args) {
      await context.session.network.remove('security-groups', await groupId(context, args.need('secgroup')))
      return NOTHING
    },
  },
  'secgroup-list-rules': {
    summary: "List a security group's ingress rules.",
    positionals: [group],
    async run(context, args) {
      const id = await groupId(context, args.need('secgroup'))
      const rules = await context.session.network.list('security-group-rules', {
        security_group_id: id,
        direction: 'ingress',
      })
      const others = rules.some((rule) => rule.remote_group_id !== null)
      const groups = others ? await context.session.network.list('security-groups', { fields: ['id', 'name'] }) : []
      const names = new Map(groups.map((one) => [one.id, one.name]))
      return rulesResult(rules, (remote) => names.get(remote) ?? remote)
    },
  },
  'secgroup-add-rule': {
    summary: 'Allow traffic into the members of a security group.',
    positionals: RULE_ARGUMENTS,
    async run(context, args) {
      const range = rangeOf(args)
      const id = await groupId(context, args.need('secgroup'))
      const body = { security_group_id: id, direction: 'ingress', ...range }
      const rule = await context.session.network.create('security-group-rules', body)
      return rulesResult(
        [{ ...rule, remote_ip_prefix: rule.remote_ip_prefix ?? range.remote_ip_prefix }],
        (name) => name,
      )
    },
  },
  'secgroup-delete-rule': {
    summary: 'Take a rule out of a security group.',
    positionals: RULE_ARGUMENTS,
    async run(context, args) {
      const range = rangeOf(args)
      const id = await groupId(context, args.need('secgroup'))
      const rules = await context.session.network.list('security-group-rules', {
        security_group_id: id,
        direction: 'ingress',
      })
      const same = rules.find((rule) => sameRule(rule, range))
      if (!same) throw new CommandFailure('Rule not found')
      await context.session.network.remove('security-group-rules', same.id)
      return rulesResult([same], (name) => name)
    },
  },
  'floating-ip-list': {
    summary: 'List floating IPs.',
    async run(context) {
      const { network } = context.session
      const found = await network.list('floatingips')
      const [ports, networks] = await Promise.all([
        portsById(
          context,
          found.flatMap((one) => one.port_id ?? []),
        ),
        found.length > 0 ? network.list('networks', { 'router:external': true, fields: ['id', 'name'] }) : [],
      ])
      const pools = new Map(networks.map((one) => [one.id, one.name]))
      const rows = found.map((one) => [
        one.id,
        one.floating_ip_address,
        ports.get(one.port_id ?? '')?.device_id,
        one.fixed_ip_address,
        pools.get(one.floating_network_id) ?? one.floating_network_id,
      ])
      return { kind: 'list', columns: ['Id', 'IP', 'Server Id', 'Fixed IP', 'Pool'], rows }
    },
  },
  'floating-ip-associate': {
    summary: 'Associate a floating IP with a server.',
    positionals: [server, address],
    options: [text('--fixed-address', "which of the server's addresses")],
    async run(context, args) {
      await associate(context, args.need('server'), args.need('address'), args.text('fixed_address'))
      return NOTHING
    },
  },
  'floating-ip-disassociate': {
    summary: 'Remove a floating IP from a server.',
    positionals: [server, address],
    async run(context, args) {
      await disassociate(context, args.need('server'), args.need('address'))
      return NOTHING
    },
  },
  'add-secgroup': {
    summary: "Add a security group to all of a server's ports.",
    positionals: [server, group],
    run: (context, args) => changeGroups(context, args.need('server'), args.need('secgroup'), 'add'),
  },
  'remove-secgroup': {
    summary: "Remove a security group from all of a server's ports.",
    positionals: [server, group],
    run: (context, args) => changeGroups(context, args.need('server'), args.need('secgroup'), 'remove'),
  },
}

/** A rule without a prefix is a rule for everybody. */
function sameRule(rule: SecurityGroupRule, range: RuleRange): boolean {
  return (
    rule.remote_group_id === null &&
    rule.ethertype === range.ethertype &&
    rule.protocol === range.protocol &&
    rule.port_range_min === range.port_range_min &&
    rule.port_range_max === range.port_range_max &&
    (rule.remote_ip_prefix ?? anywhere(rule)) === range.remote_ip_prefix
  )
}
