import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, type Option, pairs, positional, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { listCommand, records } from './list.js'
import { idOf, NETWORK, SUBNET, SUBNETPOOL } from './resource.js'
import { createCommand, deleteCommand, showCommand, TENANT_ID, updateCommand } from './verbs.js'

const SETTABLE: readonly Option[] = [
  text('--name', 'its name'),
  text('--gateway', "the gateway's address", { key: 'gateway_ip', group: 'gateway' }),
  flag('--no-gateway', 'no gateway', { key: 'gateway_ip', value: null, group: 'gateway' }),
  pairs('--allocation-pool', 'addresses to hand out', {
    key: 'allocation_pools',
    repeat: true,
    metavar: 'start=IP_ADDR,end=IP_ADDR',
  }),
  pairs('--host-route', 'a route for instances', {
    key: 'host_routes',
    repeat: true,
    metavar: 'destination=CIDR,nexthop=IP_ADDR',
  }),
  text('--dns-nameserver', 'a DNS server for instances', { key: 'dns_nameservers', repeat: true }),
  flag('--disable-dhcp', 'no DHCP', { key: 'enable_dhcp', value: false, group: 'dhcp' }),
  flag('--enable-dhcp', 'answer DHCP requests', { key: 'enable_dhcp', value: true, group: 'dhcp' }),
]

const MODES = ['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac']

async function complete(context: Context, args: ParsedArgs, body: Record<string, unknown>): Promise<void> {
  const network = idOf(context, NETWORK, args.need('network'))
  const pool = args.text('_subnetpool')
  const cidr = args.text('cidr')
  if (cidr !== undefined) body.cidr = cidr
  if (pool !== undefined) body.subnetpool_id = await idOf(context, SUBNETPOOL, pool)
  body.network_id = await network
  body.ip_version ??= await versionOf(context, cidr, body.subnetpool_id as string | undefined)
  if (cidr !== undefined) warnHostCidr(context, cidr)
}

/** IPv4 unless the prefix, or the pool it comes from, says otherwise. */
async function versionOf(context: Context, cidr?: string, pool?: string): Promise<number> {
  if (cidr !== undefined) return cidr.includes(':') ? 6 : 4
  if (pool === undefined) return 4
  return Number((await context.session.network.show('subnetpools', pool)).ip_version ?? 4)
}

function warnHostCidr(context: Context, cidr: string): void {
  const host = cidr.includes(':') ? '/128' : '/32'
  if (cidr.includes('/') && !cidr.endsWith(host)) return
  context.io.err(
    `An IPv${host === '/32' ? 4 : 6} subnet with a ${host} CIDR will have only one usable IP address, ` +
      'so the device attached to it will not have any IP connectivity.\n',
  )
}

export const commands: Commands = {
  'subnet-list': listCommand(SUBNET, {
    summary: 'List subnets.',
    columns: ['id', 'name', 'cidr', 'allocation_pools'],
    formatters: {
      allocation_pools: records('allocation_pools'),
      dns_nameservers: records('dns_nameservers'),
      host_routes: records('host_routes'),
    },
  }),
  'subnet-show': showCommand(SUBNET, 'Show a subnet.'),
  'subnet-create': createCommand(SUBNET, {
    summary: 'Create a subnet.',
    positionals: [
      positional('NETWORK', "the network's ID or name"),
      positional('CIDR', 'its prefix', { optional: true }),
    ],
    options: [
      ...SETTABLE,
      integer('--ip-version', '4 or 6; 4 by default'),
      text('--ipv6-ra-mode', 'who advertises what', { choices: MODES }),
      text('--ipv6-address-mode', 'how instances get addresses', { choices: MODES }),
      text('--subnetpool', 'pool to take the prefix from', { key: '_subnetpool' }),
      integer('--prefixlen --prefix-length', 'length of the prefix to take', { key: 'prefixlen' }),
      TENANT_ID,
    ],
    complete,
  }),
  'subnet-update': updateCommand(SUBNET, { summary: "Change a subnet's attributes.", options: SETTABLE }),
  'subnet-delete': deleteCommand(SUBNET, 'Delete subnets.'),
}
