import type { QueryValue } from '../../client/service.js'
import { boolean, flag, integer, maybeBoolean, positional, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { listCommand } from './list.js'
import { type Attributes, NETWORK } from './resource.js'
import { createCommand, deleteCommand, nameFirst, showCommand, TENANT_ID, updateCommand } from './verbs.js'

/** More ids than this would make the request line too long for some servers. */
const IDS_PER_REQUEST = 100

/** `<subnet id> <cidr>` per line instead of ids. */
export async function withCidrs(context: Context, _args: unknown, networks: Attributes[]): Promise<Attributes[]> {
  const ids = [...new Set(networks.flatMap((network) => (network.subnets as readonly string[] | undefined) ?? []))]
  const cidrs = await cidrsOf(context, ids)
  return networks.map((network) => {
    if (!Array.isArray(network.subnets)) return network
    return { ...network, subnets: network.subnets.map((id: string) => `${id} ${cidrs.get(id) ?? ''}`) }
  })
}

async function cidrsOf(context: Context, ids: readonly string[]): Promise<Map<string, string>> {
  const parts = Array.from({ length: Math.ceil(ids.length / IDS_PER_REQUEST) }, (_, i) =>
    ids.slice(i * IDS_PER_REQUEST, (i + 1) * IDS_PER_REQUEST),
  )
  const found = await Promise.all(
    parts.map((id: QueryValue) => context.session.network.list('subnets', { fields: ['id', 'cidr'], id })),
  )
  return new Map(found.flat().map((subnet) => [subnet.id, subnet.cidr]))
}

const COLUMNS = ['id', 'name', 'subnets']
const list = (summary: string, query: Readonly<Record<string, QueryValue>> = {}) =>
  listCommand(NETWORK, {
    summary,
    columns: COLUMNS,
    source: async () => ({ path: '/v2.0/networks', query }),
    extend: withCidrs,
  })

export const commands: Commands = {
  'net-list': list('List networks.'),
  'net-external-list': list('List external networks.', { 'router:external': 'True' }),
  'net-show': showCommand(NETWORK, 'Show a network.'),
  'net-create': createCommand(NETWORK, {
    summary: 'Create a network.',
    positionals: [positional('NAME', 'its name')],
    options: [
      flag('--admin-state-down', 'start administratively down', { key: 'admin_state_up', value: false }),
      maybeBoolean('--shared', 'share it with all projects'),
      maybeBoolean('--router:external', 'make it an external network'),
      text('--provider:network_type', 'flat, vlan, gre, vxlan…'),
      text('--provider:physical_network', 'the physical network that carries it'),
      integer('--provider:segmentation_id', 'VLAN ID, or key of the tunnel'),
      boolean('--vlan-transparent', 'let VLAN tags of instances pass'),
      TENANT_ID,
    ],
    complete: nameFirst,
  }),
  'net-update': updateCommand(NETWORK, { summary: "Change a network's attributes.", options: [] }),
  'net-delete': deleteCommand(NETWORK, 'Delete networks.'),
}
