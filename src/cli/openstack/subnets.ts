import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, type Option, pairs, text } from '../args/spec.js'
import { CommandFailure, type Commands, type Context } from '../common/command.js'
import { pools, routes } from './cells.js'
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
import { SEGMENT } from './segments.js'
import { unsetCommand } from './unset.js'
import { type Body, before, changeCommand, createCommand, without } from './write.js'

export const SUBNET: Resource = {
  path: 'subnets',
  metavar: 'subnet',
  cells: { allocation_pools: pools, host_routes: routes },
}

export const SUBNETPOOL: Resource = { path: 'subnetpools', metavar: 'subnet-pool' }

const POOL = pairs('--allocation-pool', 'addresses to hand out', {
  key: '_pools',
  repeat: true,
  metavar: 'start=<ip>,end=<ip>',
})
const ROUTE = pairs('--host-route', 'a route for instances', {
  key: '_routes',
  repeat: true,
  metavar: 'destination=<subnet>,gateway=<ip>',
})
const SERVER = text('--dns-nameserver', 'a DNS server for instances', { key: '_servers', repeat: true })

const SETTABLE: readonly Option[] = [
  POOL,
  ROUTE,
  SERVER,
  flag('--dhcp', 'answer DHCP requests', { key: 'enable_dhcp', value: true, group: 'dhcp' }),
  flag('--no-dhcp', 'no DHCP', { key: 'enable_dhcp', value: false, group: 'dhcp' }),
  text('--gateway', 'an address, auto or none', { key: '_gateway' }),
  text('--network-segment', 'the only segment of the network that it is on', { key: '_segment' }),
  text('--description', 'what it is for'),
]

/** `gateway` in a route is the API's `nexthop`. */
export function apiRoutes(given: readonly Readonly<Record<string, string>>[]): Attributes[] {
  return given.map(({ gateway, ...route }) => (gateway === undefined ? route : { ...route, nexthop: gateway }))
}

function gateway(args: ParsedArgs, body: Body): void {
  const text = args.text('_gateway')
  if (text !== undefined && text !== 'auto') body.gateway_ip = text === 'none' ? null : text
}

async function segment(context: Context, args: ParsedArgs, body: Body): Promise<void> {
  const text = args.text('_segment')
  if (text !== undefined) body.segment_id = await idOf(context, SEGMENT, text)
}

async function completeNew(context: Context, args: ParsedArgs, body: Body): Promise<void> {
  const pool = args.text('_pool')
  const range = args.text('cidr')
  const network = idOf(context, NETWORK, args.need('_network'))
  if (range === undefined && pool === undefined && !args.flag('use_default_subnetpool')) {
    network.catch(() => undefined)
    throw new CommandFailure('Either a subnet range or a subnet pool is needed: --subnet-range or --subnet-pool')
  }
  if (pool !== undefined) body.subnetpool_id = await idOf(context, SUBNETPOOL, pool)
  body.network_id = await network
  body.ip_version ??= range?.includes(':') ? 6 : 4
  if (args.has('_pools')) body.allocation_pools = args.records('_pools')
  if (args.has('_routes')) body.host_routes = apiRoutes(args.records('_routes'))
  if (args.has('_servers')) body.dns_nameservers = args.texts('_servers')
  gateway(args, body)
  await segment(context, args, body)
}

/** Values are added to those there are, unless `--no-…` says to begin anew. */
async function completeChange(
  context: Context,
  args: ParsedArgs,
  body: Body,
  current: () => Promise<Attributes>,
): Promise<void> {
  const lists = [
    ['allocation_pools', '_pools', '_no_pools', args.records('_pools')],
    ['host_routes', '_routes', '_no_routes', apiRoutes(args.records('_routes'))],
    ['dns_nameservers', '_servers', '_no_servers', args.texts('_servers')],
  ] as const
  for (const [name, key, clear, values] of lists) {
    if (args.flag(clear)) body[name] = values
    else if (args.has(key)) body[name] = [...(await before(current, name)), ...values]
  }
  gateway(args, body)
  await segment(context, args, body)
}

const MODES = ['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac']

export const commands: Commands = {
  'subnet list': listCommand(SUBNET, {
    summary: 'List subnets',
    options: [
      ...NAME_FILTERS,
      text('--network', 'of this network', { key: 'network' }),
      text('--ip-version', '4 or 6', { key: 'filter:ip_version' }),
      text('--subnet-range', 'with this prefix', { key: 'filter:cidr' }),
      text('--gateway', 'with this gateway', { key: 'filter:gateway_ip' }),
      flag('--dhcp', 'with DHCP', { key: 'filter:enable_dhcp', value: true, group: 'dhcp' }),
      flag('--no-dhcp', 'without DHCP', { key: 'filter:enable_dhcp', value: false, group: 'dhcp' }),
    ],
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      Network: (one) => one.network_id,
      Subnet: (one) => one.cidr,
    },
    long: {
      Project: (one) => one.project_id ?? one.tenant_id,
      DHCP: (one) => one.enable_dhcp,
      'Name Servers': (one) => one.dns_nameservers,
      'Allocation Pools': (one) => pools(one.allocation_pools),
      'Host Routes': (one) => routes(one.host_routes),
      'IP Version': (one) => one.ip_version,
      Gateway: (one) => one.gateway_ip,
      Tags: (one) => one.tags ?? [],
    },
    named: { network: ['network_id', NETWORK] },
  }),
  'subnet show': showCommand(SUBNET, 'Show subnet details'),
  'subnet create': createCommand(SUBNET, {
    summary: 'Create a subnet',
    options: [
      ...SETTABLE,
      text('--network', 'its network', { key: '_network', required: true }),
      text('--subnet-range', 'its prefix', { key: 'cidr' }),
      text('--subnet-pool', 'pool to take the prefix from', { key: '_pool', group: 'pool' }),
      flag('--use-default-subnet-pool', 'take the prefix from the default pool', {
        key: 'use_default_subnetpool',
        group: 'pool',
      }),
      integer('--prefix-length', 'length of the prefix to take', { key: 'prefixlen' }),
      integer('--ip-version', '4 or 6'),
      text('--ipv6-ra-mode', 'who advertises what', { choices: MODES }),
      text('--ipv6-address-mode', 'how instances get addresses', { choices: MODES }),
    ],
    complete: completeNew,
  }),
  'subnet set': changeCommand(SUBNET, {
    summary: 'Change a subnet',
    options: [
      ...SETTABLE,
      text('--name', 'new name'),
      flag('--no-allocation-pool', 'forget the pools it has', { key: '_no_pools' }),
      flag('--no-host-route', 'forget the routes it has', { key: '_no_routes' }),
      flag('--no-dns-nameservers --no-dns-nameserver', 'forget the DNS servers it has', { key: '_no_servers' }),
    ],
    complete: completeChange,
  }),
  'subnet unset': unsetCommand(SUBNET, {
    summary: 'Take values from a subnet',
    options: [POOL, ROUTE, SERVER, flag('--gateway', 'no gateway', { key: 'gateway_ip', value: null })],
    async complete(_, args, body, current) {
      if (args.has('_pools')) {
        body.allocation_pools = without(await before(current, 'allocation_pools'), args.records('_pools'))
      }
      if (args.has('_routes')) {
        body.host_routes = without(await before(current, 'host_routes'), apiRoutes(args.records('_routes')))
      }
      if (!args.has('_servers')) return
      const gone = args.texts('_servers')
      body.dns_nameservers = (await before(current, 'dns_nameservers')).filter((one) => !gone.includes(String(one)))
    },
  }),
  'subnet delete': deleteCommand(SUBNET, 'Delete subnets'),
}
