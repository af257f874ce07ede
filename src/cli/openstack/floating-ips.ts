import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, positional, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { NETWORK } from './networks.js'
import { PORT } from './ports.js'
import { deleteCommand, idOf, listCommand, NAME_FILTERS, showCommand } from './resource.js'
import { FLOATING_IP, QOS_POLICY, ROUTER } from './resources.js'
import { SUBNET } from './subnets.js'
import { unsetCommand } from './unset.js'
import { type Body, changeCommand, createCommand } from './write.js'

const ASSOCIATION: readonly Option[] = [
  text('--port', 'the port to associate it with', { key: '_port' }),
  text('--fixed-ip-address', "which of the port's addresses"),
  text('--description', 'what it is for'),
  text('--qos-policy', 'limits of its own, by ID or name', { key: '_qos', group: 'qos' }),
  flag('--no-qos-policy', 'no limits of its own', { key: 'qos_policy_id', value: null, group: 'qos' }),
]

async function named(context: Context, args: ParsedArgs, body: Body): Promise<void> {
  const [port, policy] = [args.text('_port'), args.text('_qos')]
  if (port !== undefined) body.port_id = await idOf(context, PORT, port)
  if (policy !== undefined) body.qos_policy_id = await idOf(context, QOS_POLICY, policy)
}

export const commands: Commands = {
  'floating ip list': listCommand(FLOATING_IP, {
    summary: 'List floating IPs',
    options: [
      ...NAME_FILTERS.slice(1),
      text('--network', 'of this network', { key: 'network' }),
      text('--port', 'of this port', { key: 'port' }),
      text('--router', 'of this router', { key: 'router' }),
      text('--fixed-ip-address', 'with this fixed address', { key: 'filter:fixed_ip_address' }),
      text('--floating-ip-address', 'with this address', { key: 'filter:floating_ip_address' }),
      text('--status', 'with this status', { key: 'filter:status' }),
    ],
    columns: {
      ID: (one) => one.id,
      'Floating IP Address': (one) => one.floating_ip_address,
      'Fixed IP Address': (one) => one.fixed_ip_address,
      Port: (one) => one.port_id,
      'Floating Network': (one) => one.floating_network_id,
      Project: (one) => one.project_id ?? one.tenant_id,
    },
    long: {
      Router: (one) => one.router_id,
      Status: (one) => one.status,
      Description: (one) => one.description,
      Tags: (one) => one.tags ?? [],
    },
    named: {
      network: ['floating_network_id', NETWORK],
      port: ['port_id', PORT],
      router: ['router_id', ROUTER],
    },
  }),
  'floating ip show': showCommand(FLOATING_IP, 'Show floating IP details'),
  'floating ip create': createCommand(FLOATING_IP, {
    summary: 'Take a floating IP from an external network',
    positionals: [positional('<network>', 'the external network', { key: 'network' })],
    options: [
      ...ASSOCIATION,
      text('--subnet', 'subnet to take it from', { key: '_subnet' }),
      text('--floating-ip-address', 'the address to take'),
    ],
    async complete(context, args, body) {
      const subnet = args.text('_subnet')
      const [network] = await Promise.all([idOf(context, NETWORK, args.need('network')), named(context, args, body)])
      body.floating_network_id = network
      if (subnet !== undefined) body.subnet_id = await idOf(context, SUBNET, subnet)
    },
  }),
  'floating ip set': changeCommand(FLOATING_IP, {
    summary: 'Change a floating IP',
    options: ASSOCIATION,
    complete: named,
  }),
  'floating ip unset': unsetCommand(FLOATING_IP, {
    summary: 'Take a floating IP from its port',
    options: [
      flag('--port', 'no port', { key: 'port_id', value: null }),
      flag('--qos-policy', 'no limits of its own', { key: 'qos_policy_id', value: null }),
    ],
  }),
  'floating ip delete': deleteCommand(FLOATING_IP, 'Give floating IPs back'),
}
