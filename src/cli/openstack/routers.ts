import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, pairs, positional, text } from '../args/spec.js'
import { type Command, CommandFailure, type Commands, type Context } from '../common/command.js'
import { NOTHING } from '../output/result.js'
import { jsonText, upDown } from './cells.js'
import { NETWORK } from './networks.js'
import { apiFixedIp, PORT } from './ports.js'
import { type Attributes, deleteCommand, idOf, listCommand, NAME_FILTERS, show, target } from './resource.js'
import { QOS_POLICY, ROUTER } from './resources.js'
import { apiRoutes, SUBNET } from './subnets.js'
import { unsetCommand } from './unset.js'
import { type Body, before, changeCommand, createCommand, without } from './write.js'

const ROUTE = pairs('--route', 'a route', {
  key: '_routes',
  repeat: true,
  metavar: 'destination=<subnet>,gateway=<ip>',
})

const SETTABLE: readonly Option[] = [
  flag('--enable', 'administratively up', { key: 'admin_state_up', value: true, group: 'state' }),
  flag('--disable', 'administratively down', { key: 'admin_state_up', value: false, group: 'state' }),
  flag('--distributed', 'route on every node', { key: 'distributed', value: true, group: 'kind' }),
  flag('--centralized', 'route on one node', { key: 'distributed', value: false, group: 'kind' }),
  flag('--ha', 'highly available', { key: 'ha', value: true, group: 'ha' }),
  flag('--no-ha', 'not highly available', { key: 'ha', value: false, group: 'ha' }),
  text('--description', 'what it is for'),
  text('--external-gateway', 'an external network', { key: '_gateway' }),
  pairs('--fixed-ip', 'address on the external network', {
    key: '_fixed_ips',
    repeat: true,
    metavar: 'subnet=<subnet>,ip-address=<ip>',
  }),
  flag('--enable-snat', 'translate source addresses', { key: '_snat', value: true, group: 'snat' }),
  flag('--disable-snat', 'do not translate source addresses', { key: '_snat', value: false, group: 'snat' }),
  flag('--enable-ndp-proxy', 'answer outside for IPv6 addresses that have a proxy, let no others in', {
    key: 'enable_ndp_proxy',
    value: true,
    group: 'ndp',
  }),
  flag('--disable-ndp-proxy', 'answer for its own addresses only', {
    key: 'enable_ndp_proxy',
    value: false,
    group: 'ndp',
  }),
  text('--qos-policy', 'limits of its addresses outside, by ID or name', { key: '_qos', group: 'qos' }),
  flag('--no-qos-policy', 'no limits of its addresses outside', { key: '_no_qos', group: 'qos' }),
]

/** Gateway options make one attribute; those about an existing gateway keep its network. */
async function gateway(
  context: Context,
  args: ParsedArgs,
  body: Body,
  current: () => Promise<Attributes>,
): Promise<void> {
  if (!['_gateway', '_fixed_ips', '_snat', '_qos', '_no_qos'].some((key) => args.has(key))) return
  const name = args.text('_gateway')
  const existing = name === undefined ? ((await current()).external_gateway_info as Attributes | null) : null
  const network = name === undefined ? existing?.network_id : await idOf(context, NETWORK, name)
  if (network === undefined) {
    throw new CommandFailure('You must specify --external-gateway in order to specify the fixed-ip, SNAT or QoS values')
  }
  const fixedIps = args.records('_fixed_ips')
  const policy = args.text('_qos')
  body.external_gateway_info = {
    network_id: network,
    ...(args.has('_snat') && { enable_snat: args.flag('_snat') }),
    ...(policy !== undefined && { qos_policy_id: await idOf(context, QOS_POLICY, policy) }),
    ...(args.flag('_no_qos') && { qos_policy_id: null }),
    ...(fixedIps.length > 0 && {
      external_fixed_ips: await Promise.all(fixedIps.map((one) => apiFixedIp(context, one))),
    }),
  }
}

type Target = { readonly subnet_id: string } | { readonly port_id: string }

function interfaceCommand(kind: 'subnet' | 'port', change: 'add' | 'remove'): Command {
  const summary = `${change === 'add' ? 'Add' : 'Remove'} a ${kind} ${change === 'add' ? 'to' : 'from'} a router`
  return {
    summary,
    positionals: [target(ROUTER), positional(`<${kind}>`, 'name or ID', { key: 'what' })],
    async run(context, args) {
      const [router, id] = await Promise.all([
        idOf(context, ROUTER, args.need('target')),
        idOf(context, kind === 'subnet' ? SUBNET : PORT, args.need('what')),
      ])
      const what: Target = kind === 'subnet' ? { subnet_id: id } : { port_id: id }
      if (change === 'add') await context.session.network.addRouterInterface(router, what)
      else await context.session.network.removeRouterInterface(router, what)
      return NOTHING
    },
  }
}

/** The router with the addresses of its interfaces, which are ports. */
async function showRouter(context: Context, args: ParsedArgs): Promise<ReturnType<typeof show>> {
  const { network } = context.session
  const id = await idOf(context, ROUTER, args.need('target'))
  const [router, ports] = await Promise.all([network.show('routers', id), network.list('ports', { device_id: id })])
  const interfaces = ports
    .filter((port) => port.device_owner !== 'network:router_gateway')
    .flatMap((port) =>
      port.fixed_ips.map((ip) => ({ port_id: port.id, ip_address: ip.ip_address, subnet_id: ip.subnet_id })),
    )
  return show(ROUTER, { ...(router as unknown as Attributes), interfaces_info: interfaces })
}

export const commands: Commands = {
  'router list': listCommand(ROUTER, {
    summary: 'List routers',
    options: [
      ...NAME_FILTERS,
      flag('--enable', 'enabled ones', { key: 'filter:admin_state_up', value: true, group: 'state' }),
      flag('--disable', 'disabled ones', { key: 'filter:admin_state_up', value: false, group: 'state' }),
    ],
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      Status: (one) => one.status,
      State: (one) => upDown(one.admin_state_up),
      Project: (one) => one.project_id ?? one.tenant_id,
      Distributed: (one) => one.distributed,
      HA: (one) => one.ha,
    },
    long: {
      Routes: (one) => one.routes ?? [],
      'External gateway info': (one) => jsonText(one.external_gateway_info),
      'Availability zones': (one) => one.availability_zones ?? [],
      Tags: (one) => one.tags ?? [],
    },
  }),
  'router show': {
    summary: 'Show router details',
    positionals: [target(ROUTER)],
    output: 'one',
    run: showRouter,
  },
  'router create': createCommand(ROUTER, { summary: 'Create a router', options: SETTABLE, complete: gateway }),
  'router set': changeCommand(ROUTER, {
    summary: 'Change a router',
    options: [
      ...SETTABLE,
      text('--name', 'new name'),
      ROUTE,
      flag('--no-route', 'forget the routes it has', { key: '_no_routes' }),
    ],
    async complete(context, args, body, current) {
      await gateway(context, args, body, current)
      const routes = apiRoutes(args.records('_routes'))
      if (args.flag('_no_routes')) body.routes = routes
      else if (routes.length > 0) body.routes = [...(await before(current, 'routes')), ...routes]
    },
  }),
  'router unset': unsetCommand(ROUTER, {
    summary: 'Take values from a router',
    options: [
      ROUTE,
      flag('--external-gateway', 'no gateway', { key: 'external_gateway_info', value: {}, group: 'gateway' }),
      flag('--qos-policy', 'no limits of its addresses outside', { key: '_no_qos', group: 'gateway' }),
    ],
    async complete(context, args, body, current) {
      await gateway(context, args, body, current)
      const routes = apiRoutes(args.records('_routes'))
      if (routes.length > 0) body.routes = without(await before(current, 'routes'), routes)
    },
  }),
  'router delete': deleteCommand(ROUTER, 'Delete routers'),
  'router add subnet': interfaceCommand('subnet', 'add'),
  'router add port': interfaceCommand('port', 'add'),
  'router remove subnet': interfaceCommand('subnet', 'remove'),
  'router remove port': interfaceCommand('port', 'remove'),
}
