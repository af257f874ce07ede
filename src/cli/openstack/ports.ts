import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, pairs, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { serverId } from '../common/servers.js'
import { upDown } from './cells.js'
import { NETWORK } from './networks.js'
import {
  type Attributes,
  deleteCommand,
  idOf,
  listCommand,
  NAME_FILTERS,
  type Resource,
  showCommand,
} from './resource.js'
import { ROUTER, SECURITY_GROUP } from './resources.js'
import { SUBNET } from './subnets.js'
import { unsetCommand } from './unset.js'
import { type Body, before, changeCommand, createCommand, without } from './write.js'

export const PORT: Resource = {
  path: 'ports',
  metavar: 'port',
  cells: { admin_state_up: upDown },
  renamed: {
    security_groups: 'security_group_ids',
    'binding:host_id': 'binding_host_id',
    'binding:profile': 'binding_profile',
    'binding:vif_details': 'binding_vif_details',
    'binding:vif_type': 'binding_vif_type',
    'binding:vnic_type': 'binding_vnic_type',
  },
}

const FIXED_IP = pairs('--fixed-ip', 'an address', {
  key: '_fixed_ips',
  repeat: true,
  metavar: 'subnet=<subnet>,ip-address=<ip>',
})
const GROUP = text('--security-group', 'a security group', { key: '_groups', repeat: true })
const PAIR = pairs('--allowed-address', 'another address it may use', {
  key: '_pairs',
  repeat: true,
  metavar: 'ip-address=<ip>[,mac-address=<mac>]',
})

const SETTABLE: readonly Option[] = [
  FIXED_IP,
  GROUP,
  PAIR,
  flag('--no-security-group', 'no security group', { key: '_no_groups' }),
  flag('--no-fixed-ip', 'no address', { key: '_no_fixed_ips' }),
  flag('--no-allowed-address', 'no further address', { key: '_no_pairs' }),
  text('--device', 'what uses it', { key: 'device_id' }),
  text('--device-owner', 'kind of what uses it'),
  text('--vnic-type', 'kind of virtual network card', { key: 'binding:vnic_type' }),
  text('--host', 'the host it is on', { key: 'binding:host_id' }),
  text('--mac-address', 'its MAC address'),
  text('--description', 'what it is for'),
  text('--dns-name', 'its DNS name'),
  flag('--enable', 'administratively up', { key: 'admin_state_up', value: true, group: 'state' }),
  flag('--disable', 'administratively down', { key: 'admin_state_up', value: false, group: 'state' }),
  flag('--enable-port-security', '', { key: 'port_security_enabled', value: true, group: 'security' }),
  flag('--disable-port-security', '', { key: 'port_security_enabled', value: false, group: 'security' }),
]

/** `subnet=…,ip-address=…` as the API has it; the subnet may be named. */
export async function apiFixedIp(context: Context, given: Readonly<Record<string, string>>): Promise<Attributes> {
  const subnet = given.subnet ?? given.subnet_id ?? given['subnet-id']
  const address = given['ip-address'] ?? given.ip_address
  return {
    ...(subnet !== undefined && { subnet_id: await idOf(context, SUBNET, subnet) }),
    ...(address !== undefined && { ip_address: address }),
  }
}

function apiPair(given: Readonly<Record<string, string>>): Attributes {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key.replaceAll('-', '_'), value]))
}

interface Lists {
  readonly fixed_ips: readonly unknown[]
  readonly security_groups: readonly unknown[]
  readonly allowed_address_pairs: readonly unknown[]
}

async function listsOf(context: Context, args: ParsedArgs): Promise<Lists> {
  return {
    fixed_ips: await Promise.all(args.records('_fixed_ips').map((one) => apiFixedIp(context, one))),
    security_groups: await Promise.all(args.texts('_groups').map((one) => idOf(context, SECURITY_GROUP, one))),
    allowed_address_pairs: args.records('_pairs').map(apiPair),
  }
}

const KEYS = [
  ['fixed_ips', '_fixed_ips', '_no_fixed_ips'],
  ['security_groups', '_groups', '_no_groups'],
  ['allowed_address_pairs', '_pairs', '_no_pairs'],
] as const

/** Given values join those there are; `--no-…` begins anew. */
async function complete(
  context: Context,
  args: ParsedArgs,
  body: Body,
  current: () => Promise<Attributes>,
): Promise<void> {
  const lists = await listsOf(context, args)
  for (const [name, key, clear] of KEYS) {
    if (args.flag(clear)) body[name] = lists[name]
    else if (args.has(key)) body[name] = [...(await before(current, name)), ...lists[name]]
  }
}

export const commands: Commands = {
  'port list': listCommand(PORT, {
    summary: 'List ports',
    options: [
      ...NAME_FILTERS,
      text('--network', 'of this network', { key: 'network' }),
      text('--router', 'of this router', { key: 'router', group: 'device' }),
      text('--server', 'of this server', { key: 'server', group: 'device' }),
      text('--device-id', 'of this device', { key: 'filter:device_id', group: 'device' }),
      text('--device-owner', 'of this owner', { key: 'filter:device_owner' }),
      text('--host', 'on this host', { key: 'filter:binding:host_id' }),
      text('--mac-address', 'with this MAC address', { key: 'filter:mac_address' }),
      text('--status', 'with this status', { key: 'filter:status' }),
      pairs('--fixed-ip', 'with this address', { key: '_fixed_ips', repeat: true }),
      text('--security-group', 'in this group', { key: '_groups', repeat: true }),
    ],
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      'MAC Address': (one) => one.mac_address,
      'Fixed IP Addresses': (one) => one.fixed_ips,
      Status: (one) => one.status,
    },
    long: {
      'Security Groups': (one) => one.security_groups,
      'Device Owner': (one) => one.device_owner,
      Tags: (one) => one.tags ?? [],
    },
    named: { network: ['network_id', NETWORK], router: ['device_id', ROUTER] },
    async query(context, args) {
      const { fixed_ips: fixedIps, security_groups: groups } = await listsOf(context, args)
      const server = args.text('server')
      const filters = (fixedIps as Attributes[]).flatMap((one) => Object.entries(one).map((pair) => pair.join('=')))
      return {
        ...(server !== undefined && { device_id: await serverId(context, server) }),
        ...(filters.length > 0 && { fixed_ips: filters }),
        ...(groups.length > 0 && { security_groups: groups.map(String) }),
      }
    },
  }),
  'port show': showCommand(PORT, 'Show port details'),
  'port create': createCommand(PORT, {
    summary: 'Create a port',
    options: [...SETTABLE, text('--network', 'its network', { key: '_network', required: true })],
    async complete(context, args, body, current) {
      body.network_id = await idOf(context, NETWORK, args.need('_network'))
      await complete(context, args, body, current)
    },
  }),
  'port set': changeCommand(PORT, {
    summary: 'Change a port',
    options: [...SETTABLE, text('--name', 'new name')],
    complete,
  }),
  'port unset': unsetCommand(PORT, {
    summary: 'Take values from a port',
    options: [
      FIXED_IP,
      GROUP,
      PAIR,
      flag('--device', 'no device', { key: 'device_id', value: '' }),
      flag('--device-owner', 'no owner of a device', { key: 'device_owner', value: '' }),
      flag('--host', 'no host', { key: 'binding:host_id', value: '' }),
    ],
    async complete(context, args, body, current) {
      const lists = await listsOf(context, args)
      if (args.has('_fixed_ips')) {
        body.fixed_ips = without(await before(current, 'fixed_ips'), lists.fixed_ips as Attributes[])
      }
      if (args.has('_pairs')) {
        const gone = lists.allowed_address_pairs as Attributes[]
        body.allowed_address_pairs = without(await before(current, 'allowed_address_pairs'), gone)
      }
      if (!args.has('_groups')) return
      const kept = (await before(current, 'security_groups')).filter((one) => !lists.security_groups.includes(one))
      body.security_groups = kept
    },
  }),
  'port delete': deleteCommand(PORT, 'Delete ports'),
}
