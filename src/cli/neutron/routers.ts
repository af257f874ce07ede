import type { NetworkClient } from '../../client/network.js'
import type { ParsedArgs } from '../args/parsed.js'
import { boolean, flag, pairs, positional } from '../args/spec.js'
import { type Command, CommandFailure, type Commands, type Context } from '../common/command.js'
import { textResult } from '../output/result.js'
import { json, listCommand } from './list.js'
import { fixedIp } from './ports.js'
import { idOf, itemPath, NETWORK, PORT, ROUTER, SUBNET } from './resource.js'
import { createCommand, deleteCommand, nameFirst, showCommand, TENANT_ID, updateCommand } from './verbs.js'

const router = positional('ROUTER', "the router's ID or name")
const KINDS = [boolean('--distributed', 'route on every node'), boolean('--ha', 'highly available')]

type Attach = (
  network: NetworkClient,
  router: string,
  what: { subnet_id: string } | { port_id: string },
) => Promise<{ port_id: string }>

/** `SUBNET`, `subnet=SUBNET` or `port=PORT`, by ID or name. */
function interfaceCommand(summary: string, change: Attach, done: (router: string, port: string) => string): Command {
  return {
    summary,
    positionals: [router, positional('INTERFACE', 'SUBNET, subnet=SUBNET or port=PORT')],
    async run(context, args) {
      const [id, what] = await Promise.all([
        idOf(context, ROUTER, args.need('router')),
        interfaceOf(context, args.need('interface')),
      ])
      const { port_id: port } = await change(context.session.network, id, what)
      return textResult(done(args.need('router'), port))
    },
  }
}

async function interfaceOf(context: Context, text: string): Promise<{ subnet_id: string } | { port_id: string }> {
  const [, kind = 'subnet', name = text] = /^(\w+)=(.*)$/s.exec(text) ?? []
  if (kind === 'port') return { port_id: await idOf(context, PORT, name) }
  if (kind === 'subnet') return { subnet_id: await idOf(context, SUBNET, name) }
  throw new CommandFailure('You must specify either subnet or port for INTERFACE parameter.')
}

async function gatewayBody(context: Context, args: ParsedArgs): Promise<object> {
  const fixedIps = args.records('fixed_ip')
  return {
    network_id: await idOf(context, NETWORK, args.need('network')),
    ...(args.flag('disable_snat') && { enable_snat: false }),
    ...(fixedIps.length > 0 && {
      external_fixed_ips: await Promise.all(fixedIps.map((one) => fixedIp(context, one))),
    }),
  }
}

export const commands: Commands = {
  'router-list': listCommand(ROUTER, {
    summary: 'List routers.',
    columns: ['id', 'name', 'external_gateway_info', 'distributed', 'ha'],
    formatters: { external_gateway_info: json('external_gateway_info') },
  }),
  'router-show': showCommand(ROUTER, 'Show a router.'),
  'router-create': createCommand(ROUTER, {
    summary: 'Create a router.',
    options: [
      flag('--admin-state-down', 'start administratively down', { key: 'admin_state_up', value: false }),
      ...KINDS,
      TENANT_ID,
    ],
    complete: nameFirst,
  }),
  'router-update': updateCommand(ROUTER, { summary: "Change a router's attributes.", options: KINDS }),
  'router-delete': deleteCommand(ROUTER, 'Delete routers.'),
  'router-interface-add': interfaceCommand(
    'Attach a subnet or a port to a router.',
    (network, id, what) => network.addRouterInterface(id, what),
    (name, port) => `Added interface ${port} to router ${name}.`,
  ),
  'router-interface-delete': interfaceCommand(
    'Detach a subnet or a port from a router.',
    (network, id, what) => network.removeRouterInterface(id, what),
    (name) => `Removed interface from router ${name}.`,
  ),
  'router-gateway-set': {
    summary: "Set a router's external gateway.",
    positionals: [router, positional('EXTERNAL-NETWORK', "the external network's ID or name", { key: 'network' })],
    options: [
      flag('--disable-snat', 'do not translate source addresses'),
      pairs('--fixed-ip', 'address on the external network', {
        repeat: true,
        metavar: 'subnet_id=SUBNET,ip_address=IP_ADDR',
      }),
    ],
    async run(context, args) {
      const name = args.need('router')
      const [id, gateway] = await Promise.all([idOf(context, ROUTER, name), gatewayBody(context, args)])
      await context.session.network.put(itemPath(ROUTER, id), { router: { external_gateway_info: gateway } })
      return textResult(`Set gateway for router ${name}`)
    },
  },
  'router-gateway-clear': {
    summary: "Remove a router's external gateway.",
    positionals: [router],
    async run(context, args) {
      const name = args.need('router')
      const path = itemPath(ROUTER, await idOf(context, ROUTER, name))
      await context.session.network.put(path, { router: { external_gateway_info: {} } })
      return textResult(`Removed gateway from router ${name}`)
    },
  },
}
