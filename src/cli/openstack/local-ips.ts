import { type Option, positional, text } from '../args/spec.js'
import { CommandFailure, type Commands, type Context } from '../common/command.js'
import { fieldsOf, NOTHING, tableOf } from '../output/result.js'
import { NETWORK } from './networks.js'
import { PORT } from './ports.js'
import { type Attributes, deleteCommand, idOf, listCommand, type Resource, showCommand } from './resource.js'
import { changeCommand, createCommand } from './write.js'

const LOCAL_IP: Resource = { path: 'local_ips', metavar: 'local-ip' }

const NAMING: readonly Option[] = [text('--name', 'its name'), text('--description', 'what it is for')]
const OF = positional('<local-ip>', 'the local IP, by name or ID', { key: '_local_ip' })
const PROVIDER = positional('<fixed-port>', 'a port that stands for it, by name or ID', { key: '_port' })

async function pathOf(context: Context, localIp: string, portId = ''): Promise<string> {
  return `/v2.0/local_ips/${await idOf(context, LOCAL_IP, localIp)}/port_associations${portId && `/${portId}`}`
}

export const commands: Commands = {
  'local ip list': listCommand(LOCAL_IP, {
    summary: 'List local IPs',
    options: [
      text('--name', 'of this name', { key: 'filter:name' }),
      text('--network', 'of this network, by name or ID', { key: '_network' }),
      text('--local-port', 'whose address this port has, by name or ID', { key: '_port' }),
      text('--local-ip-address', 'of this address', { key: 'filter:local_ip_address' }),
      text('--ip-mode', 'translate or passthrough', { key: 'filter:ip_mode' }),
    ],
    named: { _network: ['network_id', NETWORK], _port: ['local_port_id', PORT] },
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      Description: (one) => one.description,
      Project: (one) => one.project_id,
      'Local Port ID': (one) => one.local_port_id,
      Network: (one) => one.network_id,
      'Local IP address': (one) => one.local_ip_address,
      'IP mode': (one) => one.ip_mode,
    },
  }),
  'local ip show': showCommand(LOCAL_IP, 'Show local IP details'),
  'local ip create': createCommand(LOCAL_IP, {
    summary: 'Make an address that leads to another port on each host',
    positionals: [],
    options: [
      ...NAMING,
      text('--network', 'reserve an address of this network, by name or ID', { key: '_network' }),
      text('--local-port', 'take an address of this port, by name or ID', { key: '_port' }),
      text('--local-ip-address', 'the address'),
      text('--ip-mode', 'translate (default) or passthrough'),
    ],
    async complete(context, args, body) {
      if (args.has('_network')) body.network_id = await idOf(context, NETWORK, args.need('_network'))
      if (args.has('_port')) body.local_port_id = await idOf(context, PORT, args.need('_port'))
    },
  }),
  'local ip set': changeCommand(LOCAL_IP, { summary: 'Change a local IP', options: NAMING }),
  'local ip delete': deleteCommand(LOCAL_IP, 'Delete local IPs'),
  'local ip association list': {
    summary: 'List the ports that stand for a local IP',
    positionals: [OF],
    output: 'list',
    async run(context, args) {
      const path = await pathOf(context, args.need('_local_ip'))
      const { port_associations } = await context.session.network.get<{ port_associations: Attributes[] }>(path)
      return tableOf(port_associations, {
        'Local IP Address': (one) => one.local_ip_address,
        'Fixed port ID': (one) => one.fixed_port_id,
        'Fixed IP': (one) => one.fixed_ip,
        Host: (one) => one.host,
      })
    },
  },
  'local ip association create': {
    summary: 'Let a port stand for a local IP on its host',
    positionals: [OF, PROVIDER],
    options: [text('--fixed-ip', 'one of its addresses')],
    output: 'one',
    async run(context, args) {
      const fixed_port_id = await idOf(context, PORT, args.need('_port'))
      const fixedIp = args.text('fixed_ip')
      const body = { port_association: { fixed_port_id, ...(fixedIp !== undefined && { fixed_ip: fixedIp }) } }
      const path = await pathOf(context, args.need('_local_ip'))
      const made = await context.session.network.post<{ port_association: Attributes }>(path, body)
      return { kind: 'one', fields: fieldsOf({ ...made.port_association }) }
    },
  },
  'local ip association delete': {
    summary: 'Let ports no longer stand for a local IP',
    positionals: [OF, { ...PROVIDER, rest: true }],
    async run(context, args) {
      const failed: string[] = []
      for (const port of args.texts('_port')) {
        const path = await pathOf(context, args.need('_local_ip'), await idOf(context, PORT, port))
        await context.session.network.delete(path).catch((error: Error) => failed.push(`${port}: ${error.message}`))
      }
      if (failed.length > 0) throw new CommandFailure(`Failed to delete ${failed.join('; ')}`)
      return NOTHING
    },
  },
}
