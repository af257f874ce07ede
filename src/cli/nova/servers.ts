import type { Server } from '../../client/compute.js'
import { flag, integer, pairs, positional, text } from '../args/spec.js'
import { bootRequest, waitUntilActive } from '../common/boot.js'
import type { Command, Commands, Context } from '../common/command.js'
import { addressesOf, nameOf, networksText, powerState, serverId } from '../common/servers.js'
import { fieldsOf, NOTHING, type OneResult, textResult } from '../output/result.js'

const server = positional('SERVER', "the server's name or ID")

/** Properties of a server: one line per network, names beside the ids of its flavour and image. */
export async function describe(context: Context, found: Server, more: object = {}): Promise<OneResult> {
  const { addresses, links, flavor, image, security_groups: groups, ...plain } = found
  const networks = Object.keys(addresses ?? {}).map(
    (name) => [`${name} network`, addressesOf(found, name).join(', ')] as const,
  )
  const [flavorText, imageText] = await Promise.all([flavorOf(context, flavor), imageOf(context, image)])
  const names = Array.isArray(groups) ? groups.map((group: { name: string }) => group.name).join(', ') : undefined
  const fields = {
    ...plain,
    ...Object.fromEntries(networks),
    ...(names !== undefined && { security_groups: names }),
    flavor: flavorText,
    image: imageText,
    ...more,
  }
  return { kind: 'one', fields: fieldsOf(fields) }
}

async function flavorOf(context: Context, flavor: Server['flavor']): Promise<string> {
  if (!flavor?.id) return flavor?.original_name ?? ''
  return `${flavor.original_name ?? (await nameOf('flavor', context, flavor.id))} (${flavor.id})`
}

async function imageOf(context: Context, image: Server['image']): Promise<string> {
  if (!image) return 'Attempt to boot from volume - no image supplied'
  return `${await nameOf('image', context, image.id)} (${image.id})`
}

/** A verb on one or several servers that prints nothing, or a line for each. */
function verb(
  summary: string,
  act: (context: Context, id: string, soft: boolean) => Promise<unknown>,
  said?: (name: string) => string,
): Command {
  return {
    summary,
    positionals: [{ ...server, rest: true }],
    options: summary.startsWith('Reboot') ? [flag('--hard', 'as with the power switch'), flag('--poll', '')] : [],
    async run(context, args) {
      const names = args.texts('server')
      for (const name of names) await act(context, await serverId(context, name), !args.flag('hard'))
      return said ? textResult(names.map(said).join('\n')) : NOTHING
    },
  }
}

const accepted = (what: string) => (name: string) => `Request to ${what} server ${name} has been accepted.`

export const commands: Commands = {
  boot: {
    summary: 'Boot a new server.',
    positionals: [positional('NAME', 'its name')],
    options: [
      text('--flavor', 'name or ID of a flavor', { required: true }),
      text('--image', 'name or ID of an image'),
      pairs('--nic', 'a network interface', {
        repeat: true,
        metavar: 'net-id=ID|net-name=NAME|port-id=ID[,v4-fixed-ip=IP]',
      }),
      text('--security-groups --security_groups', 'security groups, separated by commas'),
      text('--key-name', 'name of a key pair'),
      text('--user-data', 'file to offer by the metadata service'),
      pairs('--meta', 'metadata', { repeat: true, metavar: 'key=value' }),
      text('--availability-zone', 'zone, or zone:host'),
      integer('--min-count', 'least number of servers'),
      integer('--max-count --num-instances', 'greatest number of servers', { key: 'max_count' }),
      flag('--poll', 'wait until it is there'),
      flag('--config-drive', '', { hidden: true }),
    ],
    async run(context, args) {
      const request = await bootRequest(context, {
        name: args.need('name'),
        flavor: args.need('flavor'),
        image: args.text('image'),
        nics: args.records('nic'),
        groups: (args.text('security_groups') ?? '').split(',').filter(Boolean),
        keyName: args.text('key_name'),
        userDataFile: args.text('user_data'),
        metadata: Object.assign({}, ...args.records('meta')),
        zone: args.text('availability_zone'),
        min: args.number('min_count'),
        max: args.number('max_count'),
      })
      const { id, adminPass } = await context.session.compute.boot(request)
      const found = args.flag('poll') ? await waitUntilActive(context, id) : await context.session.compute.server(id)
      return describe(context, found, adminPass ? { adminPass } : {})
    },
  },
  list: {
    summary: 'List servers.',
    options: [
      flag('--all-tenants', 'of all projects'),
      text('--name', 'with this name'),
      text('--status', 'with this status'),
      text('--host', 'on this host'),
      text('--tenant', 'of this project'),
      text('--ip', 'with this address'),
    ],
    async run(context, args) {
      const all = args.flag('all_tenants') || context.io.env.ALL_TENANTS === '1'
      const names = ['name', 'status', 'host', 'tenant', 'ip'] as const
      const filters = Object.fromEntries(names.flatMap((name) => (args.has(name) ? [[name, args.need(name)]] : [])))
      const servers = await context.session.compute.servers({ ...filters, ...(all && { all_tenants: 1 }) })
      const columns = ['ID', 'Name', ...(all ? ['Tenant ID'] : []), 'Status', 'Task State', 'Power State', 'Networks']
      const rows = servers
        .toSorted(byId)
        .map((one) => [
          one.id,
          one.name,
          ...(all ? [one.tenant_id] : []),
          one.status,
          one['OS-EXT-STS:task_state'],
          powerState(one['OS-EXT-STS:power_state']),
          networksText(one),
        ])
      return { kind: 'list', columns, rows }
    },
  },
  show: {
    summary: 'Show a server.',
    positionals: [server],
    options: [flag('--minimal', '', { hidden: true })],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      return describe(context, await context.session.compute.server(id))
    },
  },
  delete: verb('Delete servers.', ({ session }, id) => session.compute.remove(id), accepted('delete')),
  stop: verb('Stop servers.', ({ session }, id) => session.compute.action(id, 'os-stop'), accepted('stop')),
  start: verb('Start servers.', ({ session }, id) => session.compute.action(id, 'os-start'), accepted('start')),
  reboot: verb(
    'Reboot servers.',
    ({ session }, id, soft) => session.compute.action(id, 'reboot', { type: soft ? 'SOFT' : 'HARD' }),
    accepted('reboot'),
  ),
  'console-log': {
    summary: "Print a server's console.",
    positionals: [server],
    options: [integer('--length', 'this many lines from its end')],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      const length = args.number('length')
      const argument = length === undefined ? {} : { length }
      const { output } = await context.session.compute.action<{ output: string }>(id, 'os-getConsoleOutput', argument)
      return textResult(output)
    },
  },
}

function byId(a: Server, b: Server): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
