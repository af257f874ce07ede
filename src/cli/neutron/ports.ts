import type { ParsedArgs } from '../args/parsed.js'
import { boolean, flag, type Option, pairs, positional, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { listCommand, records } from './list.js'
import { idOf, NETWORK, PORT, ROUTER, SECURITY_GROUP, SUBNET } from './resource.js'
import { createCommand, deleteCommand, showCommand, TENANT_ID, updateCommand } from './verbs.js'

type Body = Record<string, unknown>

const SETTABLE: readonly Option[] = [
  text('--name', 'its name'),
  pairs('--fixed-ip', 'an address; the subnet by ID or name', {
    key: '_fixed_ips',
    repeat: true,
    metavar: 'subnet_id=SUBNET,ip_address=IP_ADDR',
  }),
  text('--device-id', 'what uses it'),
  text('--device-owner', 'kind of what uses it'),
  text('--security-group', 'a security group', { key: '_groups', repeat: true, group: 'groups' }),
  flag('--no-security-groups', 'no security group', { key: 'security_groups', value: [], group: 'groups' }),
  pairs('--extra-dhcp-opt', 'an extra DHCP option', {
    key: '_dhcp_opts',
    repeat: true,
    metavar: 'opt_name=NAME,opt_value=VALUE[,ip_version=4|6]',
  }),
  text('--vnic-type', 'kind of virtual network card', {
    key: 'binding:vnic_type',
    choices: ['direct', 'direct-physical', 'macvtap', 'normal', 'baremetal'],
  }),
]

/** Names of subnets and groups become ids. */
export async function completePort(context: Context, args: ParsedArgs, body: Body): Promise<void> {
  const [fixedIps, groups] = await Promise.all([
    Promise.all(args.records('_fixed_ips').map((one) => fixedIp(context, one))),
    Promise.all(args.texts('_groups').map((text) => idOf(context, SECURITY_GROUP, text))),
  ])
  if (args.has('_fixed_ips')) body.fixed_ips = fixedIps
  if (args.has('_groups')) body.security_groups = groups
  if (args.has('_dhcp_opts')) body.extra_dhcp_opts = args.records('_dhcp_opts').map(dhcpOption)
}

export async function fixedIp(context: Context, one: Readonly<Record<string, string>>): Promise<object> {
  return one.subnet_id === undefined ? one : { ...one, subnet_id: await idOf(context, SUBNET, one.subnet_id) }
}

/** `opt_value=null` removes an option. */
function dhcpOption(one: Readonly<Record<string, string>>): object {
  return one.opt_value === 'null' ? { ...one, opt_value: null } : one
}

const LIST = {
  columns: ['id', 'name', 'mac_address', 'fixed_ips'],
  formatters: { fixed_ips: records('fixed_ips') },
}

export const commands: Commands = {
  'port-list': listCommand(PORT, { summary: 'List ports.', ...LIST }),
  'router-port-list': listCommand(PORT, {
    summary: "List a router's ports.",
    ...LIST,
    positionals: [positional('ROUTER', "the router's ID or name")],
    source: async (context, args) => ({
      path: '/v2.0/ports',
      query: { device_id: await idOf(context, ROUTER, args.need('router')) },
    }),
  }),
  'port-show': showCommand(PORT, 'Show a port.'),
  'port-create': createCommand(PORT, {
    summary: 'Create a port.',
    positionals: [positional('NETWORK', "the network's ID or name")],
    options: [
      ...SETTABLE,
      flag('--admin-state-down', 'start administratively down', { key: 'admin_state_up', value: false }),
      text('--mac-address', 'its MAC address'),
      TENANT_ID,
    ],
    async complete(context, args, body) {
      const network = idOf(context, NETWORK, args.need('network'))
      await completePort(context, args, body)
      body.network_id = await network
    },
  }),
  'port-update': updateCommand(PORT, {
    summary: "Change a port's attributes.",
    options: [...SETTABLE, boolean('--admin-state-up', 'administrative state')],
    complete: completePort,
  }),
  'port-delete': deleteCommand(PORT, 'Delete ports.'),
}
