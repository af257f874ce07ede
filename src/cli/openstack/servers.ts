import type { Flavor, Server } from '../../client/compute.js'
import { flag, integer, pairs, positional, text } from '../args/spec.js'
import { bootRequest, waitUntilActive, waitUntilStatus } from '../common/boot.js'
import type { Command, Commands, Context } from '../common/command.js'
import { associate, changeGroups, disassociate } from '../common/server-networking.js'
import { addressesOf, images, nameOf, networksText, powerState, serverId } from '../common/servers.js'
import { Shown } from '../output/format.js'
import { fieldsOf, NOTHING, type OneResult, type Result, tableOf, textResult } from '../output/result.js'

const server = positional('<server>', 'name or ID', { key: 'server' })

async function describe(context: Context, found: Server, more: object = {}): Promise<OneResult> {
  const { links: _, flavor, image, tenant_id: project, metadata, security_groups: groups, ...plain } = found
  const fields = {
    ...plain,
    addresses: new Shown(networksText(found), addressLists(found)),
    flavor: flavor?.id
      ? `${flavor.original_name ?? (await nameOf('flavor', context, flavor.id))} (${flavor.id})`
      : null,
    image: image ? `${await nameOf('image', context, image.id)} (${image.id})` : 'N/A (booted from volume)',
    project_id: project,
    properties: metadata ?? {},
    security_groups: groups ?? [],
    'OS-EXT-STS:power_state': new Shown(powerState(found['OS-EXT-STS:power_state']), found['OS-EXT-STS:power_state']),
    ...more,
  }
  return { kind: 'one', fields: fieldsOf(fields) }
}

function addressLists(found: Server): Readonly<Record<string, string[]>> {
  return Object.fromEntries(Object.keys(found.addresses ?? {}).map((name) => [name, addressesOf(found, name)]))
}

/** Acts on all servers named; prints nothing. */
function verb(summary: string, act: (context: Context, id: string, hard: boolean) => Promise<unknown>): Command {
  const reboot = summary.startsWith('Reboot')
  return {
    summary,
    positionals: [{ ...server, rest: true }],
    options: reboot ? [flag('--hard', 'as with the power switch'), flag('--soft', 'ask the system to')] : [],
    async run(context, args) {
      for (const name of args.texts('server')) await act(context, await serverId(context, name), args.flag('hard'))
      return NOTHING
    },
  }
}

/** A verb with a server and something that is given to it or taken from it. */
function pairVerb(
  summary: string,
  other: string,
  act: (context: Context, server: string, other: string, fixed?: string) => Promise<Result | undefined>,
): Command {
  const fixed = other === 'ip-address' ? [text('--fixed-ip-address', "which of the server's addresses")] : []
  return {
    summary,
    positionals: [server, positional(`<${other}>`, '', { key: 'other' })],
    options: fixed,
    async run(context, args) {
      await act(context, args.need('server'), args.need('other'), args.text('fixed_ip_address'))
      return NOTHING
    },
  }
}

const confirmResize = ({ session }: Context, id: string) => session.compute.action(id, 'confirmResize')
const revertResize = ({ session }: Context, id: string) => session.compute.action(id, 'revertResize')

async function attach(
  context: Context,
  one: string,
  key: 'port_id' | 'net_id',
  find: () => Promise<string>,
): Promise<undefined> {
  const [id, other] = await Promise.all([serverId(context, one), find()])
  await context.session.compute.post(`/servers/${id}/os-interface`, { interfaceAttachment: { [key]: other } })
}

async function detach(context: Context, id: string, port: string): Promise<void> {
  await context.session.compute.delete(`/servers/${id}/os-interface/${port}`)
}

/** `--nic auto|none` is not a record; `--network` and `--port` are short for one. */
const BOOT_OPTIONS = [
  text('--flavor', 'name or ID of a flavor', { required: true }),
  text('--image', 'name or ID of an image'),
  text('--network', 'a network', { repeat: true }),
  text('--port', 'a port', { repeat: true }),
  pairs('--nic', 'a network interface', {
    repeat: true,
    metavar: 'net-id=<network>|port-id=<port>[,v4-fixed-ip=<ip>]',
  }),
  text('--security-group', 'a security group', { repeat: true }),
  text('--key-name', 'name of a key pair'),
  text('--user-data', 'file to offer by the metadata service'),
  pairs('--property', 'metadata', { repeat: true, metavar: '<key=value>' }),
  text('--availability-zone', 'zone, or zone:host'),
  text('--host', 'on this host'),
  integer('--min', 'least number of servers'),
  integer('--max', 'greatest number of servers'),
  flag('--wait', 'wait until it is there'),
]

async function imageNames(context: Context): Promise<ReadonlyMap<string, string>> {
  return new Map((await images(context)).map((one) => [one.id, one.name]))
}

export const commands: Commands = {
  'server create': {
    summary: 'Create a server',
    positionals: [positional('<server-name>', 'its name', { key: 'name' })],
    options: BOOT_OPTIONS,
    output: 'one',
    async run(context, args) {
      const { network } = context.session
      const nets = args.texts('network').map((one) => network.findId('networks', one))
      const ports = args.texts('port').map((one) => network.findId('ports', one))
      const [netIds, portIds] = await Promise.all([Promise.all(nets), Promise.all(ports)])
      const host = args.text('host')
      const request = await bootRequest(context, {
        name: args.need('name'),
        flavor: args.need('flavor'),
        image: args.text('image'),
        nics: [
          ...netIds.map((id) => ({ 'net-id': id })),
          ...portIds.map((id) => ({ 'port-id': id })),
          ...args.records('nic'),
        ],
        groups: args.texts('security_group'),
        keyName: args.text('key_name'),
        userDataFile: args.text('user_data'),
        metadata: Object.assign({}, ...args.records('property')),
        zone: args.text('availability_zone') ?? (host === undefined ? undefined : `nova:${host}`),
        min: args.number('min'),
        max: args.number('max'),
      })
      const { id, adminPass } = await context.session.compute.boot(request)
      const found = args.flag('wait') ? await waitUntilActive(context, id) : await context.session.compute.server(id)
      return describe(context, found, adminPass ? { adminPass } : {})
    },
  },
  'server list': {
    summary: 'List servers',
    options: [
      flag('--all-projects', 'of all projects'),
      flag('--long', 'more columns'),
      flag('-n --no-name-lookup', 'IDs instead of names of images and flavors'),
      text('--name', 'with this name'),
      text('--status', 'with this status'),
      text('--host', 'on this host'),
      text('--ip', 'with this address'),
    ],
    output: 'list',
    async run(context, args) {
      const names = ['name', 'status', 'host', 'ip'].filter((name) => args.has(name))
      const filters = Object.fromEntries(names.map((name) => [name, args.need(name)]))
      const found = await context.session.compute.servers({
        ...filters,
        ...(args.flag('all_projects') && { all_tenants: 1 }),
      })
      const lookUp = found.length > 0 && !args.flag('no_name_lookup')
      const [flavors, imageById]: [Flavor[], ReadonlyMap<string, string>] = lookUp
        ? await Promise.all([context.session.compute.flavors(), imageNames(context)])
        : [[], new Map()]
      const flavorById = new Map(flavors.map((one) => [one.id, one.name]))
      const flavorOf = ({ flavor }: Server) =>
        flavor?.original_name ?? flavorById.get(flavor?.id ?? '') ?? flavor?.id ?? ''
      const imageOf = ({ image }: Server) =>
        image ? (imageById.get(image.id) ?? image.id) : 'N/A (booted from volume)'
      return tableOf(found, {
        ID: (one) => one.id,
        Name: (one) => one.name,
        Status: (one) => one.status,
        ...(args.flag('long') && {
          'Task State': (one: Server) => one['OS-EXT-STS:task_state'],
          'Power State': (one: Server) => powerState(one['OS-EXT-STS:power_state']),
        }),
        Networks: (one) => new Shown(networksText(one), addressLists(one)),
        Image: imageOf,
        Flavor: flavorOf,
        ...(args.flag('long') && {
          'Availability Zone': (one: Server) => one['OS-EXT-AZ:availability_zone'],
          Host: (one: Server) => one['OS-EXT-SRV-ATTR:host'],
          Properties: (one: Server) => one.metadata ?? {},
        }),
      })
    },
  },
  'server show': {
    summary: 'Show server details',
    positionals: [server],
    output: 'one',
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      return describe(context, await context.session.compute.server(id))
    },
  },
  'server delete': verb('Delete servers', ({ session }, id) => session.compute.remove(id)),
  'server stop': verb('Stop servers', ({ session }, id) => session.compute.action(id, 'os-stop')),
  'server start': verb('Start servers', ({ session }, id) => session.compute.action(id, 'os-start')),
  'server reboot': verb('Reboot servers', ({ session }, id, hard) =>
    session.compute.action(id, 'reboot', { type: hard ? 'HARD' : 'SOFT' }),
  ),
  'server migrate': {
    summary: 'Move servers to other hosts',
    positionals: [{ ...server, rest: true }],
    options: [
      flag('--live-migration', 'while they are running'),
      text('--host', 'to this host'),
      flag('--block-migration', '', { hidden: true }),
      flag('--wait', 'until they are there'),
    ],
    async run(context, args) {
      const { compute } = context.session
      const host = args.text('host')
      for (const name of args.texts('server')) {
        const id = await serverId(context, name)
        if (args.flag('live_migration')) {
          await compute.action(id, 'os-migrateLive', {
            host: host ?? null,
            block_migration: args.flag('block_migration'),
          })
        } else await compute.action(id, 'migrate', host === undefined ? {} : { host })
        if (args.flag('wait')) await waitUntilStatus(context, id, ['ACTIVE', 'VERIFY_RESIZE', 'SHUTOFF'])
      }
      return NOTHING
    },
  },
  'server migration confirm': verb('Keep a migrated server where it is', confirmResize),
  'server migration revert': verb('Take a migrated server back to its former host', revertResize),
  'server resize confirm': verb('Keep a migrated server where it is', confirmResize),
  'server resize revert': verb('Take a migrated server back to its former host', revertResize),
  'server migration list': {
    summary: 'List migrations',
    options: [text('--host', 'from or to this host'), text('--status', 'with this status')],
    output: 'list',
    async run({ session }, args) {
      const names = ['host', 'status'].filter((name) => args.has(name))
      const filters = Object.fromEntries(names.map((name) => [name, args.need(name)]))
      const { migrations } = await session.compute.get<{ migrations: Record<string, unknown>[] }>(
        '/os-migrations',
        filters,
      )
      return tableOf(migrations, {
        Id: (one) => one.id,
        'Source Compute': (one) => one.source_compute,
        'Dest Compute': (one) => one.dest_compute,
        Status: (one) => one.status,
        'Server UUID': (one) => one.instance_uuid,
        'Created At': (one) => one.created_at,
        'Updated At': (one) => one.updated_at,
      })
    },
  },
  'server add port': pairVerb('Attach a port to a server', 'port', (context, one, port) =>
    attach(context, one, 'port_id', () => context.session.network.findId('ports', port)),
  ),
  'server remove port': pairVerb('Detach a port from a server', 'port', async (context, one, port) => {
    await detach(context, await serverId(context, one), await context.session.network.findId('ports', port))
    return undefined
  }),
  'server add network': pairVerb('Attach a server to a network', 'network', (context, one, network) =>
    attach(context, one, 'net_id', () => context.session.network.findId('networks', network)),
  ),
  'server remove network': pairVerb('Detach a server from a network', 'network', async (context, one, network) => {
    const [id, net] = await Promise.all([serverId(context, one), context.session.network.findId('networks', network)])
    const path = `/servers/${id}/os-interface`
    const { interfaceAttachments } = await context.session.compute.get<{
      interfaceAttachments: { net_id: string; port_id: string }[]
    }>(path)
    for (const { net_id, port_id } of interfaceAttachments) if (net_id === net) await detach(context, id, port_id)
    return undefined
  }),
  'server add floating ip': pairVerb('Give a server a floating IP', 'ip-address', (context, one, address, fixed) =>
    associate(context, one, address, fixed).then(() => undefined),
  ),
  'server remove floating ip': pairVerb('Take a floating IP from a server', 'ip-address', (context, one, address) =>
    disassociate(context, one, address).then(() => undefined),
  ),
  'server add security group': pairVerb('Add a security group to a server', 'group', (context, one, group) =>
    changeGroups(context, one, group, 'add'),
  ),
  'server remove security group': pairVerb('Remove a security group from a server', 'group', (context, one, group) =>
    changeGroups(context, one, group, 'remove'),
  ),
  'console log show': {
    summary: "Print a server's console",
    positionals: [server],
    options: [integer('--lines', 'this many lines from its end')],
    async run(context, args) {
      const id = await serverId(context, args.need('server'))
      const length = args.number('lines')
      const argument = length === undefined ? {} : { length }
      const { output } = await context.session.compute.action<{ output: string }>(id, 'os-getConsoleOutput', argument)
      return textResult(output)
    },
  },
}
