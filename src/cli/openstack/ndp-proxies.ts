import { type Option, positional, text } from '../args/spec.js'
import type { Commands } from '../common/command.js'
import { PORT } from './ports.js'
import { deleteCommand, idOf, listCommand, type Resource, showCommand } from './resource.js'
import { ROUTER } from './resources.js'
import { changeCommand, createCommand } from './write.js'

const PROXY: Resource = { path: 'ndp_proxies', metavar: 'ndp-proxy' }

const NAMING: readonly Option[] = [text('--name', 'its name'), text('--description', 'what it is for')]

export const commands: Commands = {
  'router ndp proxy list': listCommand(PROXY, {
    summary: 'List NDP proxies',
    options: [
      text('--router', 'of this router, by name or ID', { key: '_router' }),
      text('--port', 'of this port, by name or ID', { key: '_port' }),
      text('--ip-address', 'for this IPv6 address', { key: 'filter:ip_address' }),
      text('--name', 'of this name', { key: 'filter:name' }),
    ],
    named: { _router: ['router_id', ROUTER], _port: ['port_id', PORT] },
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      'Router ID': (one) => one.router_id,
      'IP Address': (one) => one.ip_address,
      Project: (one) => one.project_id,
    },
  }),
  'router ndp proxy show': showCommand(PROXY, 'Show NDP proxy details'),
  'router ndp proxy create': createCommand(PROXY, {
    summary: 'Let a router answer outside for an IPv6 address',
    positionals: [positional('<router>', 'the router, by name or ID', { key: '_router' })],
    options: [
      ...NAMING,
      text('--port', 'the port that has the address, by name or ID', { key: '_port', required: true }),
      text('--ip-address', 'the address (default: its first that the router reaches)'),
    ],
    async complete(context, args, body) {
      body.router_id = await idOf(context, ROUTER, args.need('_router'))
      body.port_id = await idOf(context, PORT, args.need('_port'))
    },
  }),
  'router ndp proxy set': changeCommand(PROXY, { summary: 'Change an NDP proxy', options: NAMING }),
  'router ndp proxy delete': deleteCommand(PROXY, 'Delete NDP proxies'),
}
