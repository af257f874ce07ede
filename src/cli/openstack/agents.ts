import type { ParsedArgs } from '../args/parsed.js'
import { flag, positional, text } from '../args/spec.js'
import type { Command, Commands, Context } from '../common/command.js'
import { NOTHING, tableOf } from '../output/result.js'
import { smiley, upDown } from './cells.js'
import { NETWORK } from './networks.js'
import { type Attributes, deleteCommand, idOf, type Resource, showCommand, target } from './resource.js'
import { AGENT, ROUTER } from './resources.js'
import { changeCommand } from './write.js'

/** The client's words for kinds of agents. */
const TYPES: Readonly<Record<string, string>> = {
  dhcp: 'DHCP agent',
  'open-vswitch': 'Open vSwitch agent',
  l3: 'L3 agent',
  metadata: 'Metadata agent',
  'linux-bridge': 'Linux bridge agent',
  metering: 'Metering agent',
  ofa: 'OFA driver agent',
  host: 'Host',
  macvtap: 'Macvtap agent',
  nic: 'NIC Switch agent',
}

/** Where the agents are listed: all, or those that host a network or a router. */
async function source(context: Context, args: ParsedArgs): Promise<string> {
  const network = args.text('network')
  const router = args.text('router')
  if (network !== undefined) return `/v2.0/networks/${await idOf(context, NETWORK, network)}/dhcp-agents`
  if (router !== undefined) return `/v2.0/routers/${await idOf(context, ROUTER, router)}/l3-agents`
  return '/v2.0/agents'
}

function assignment(what: Resource, collection: string, change: 'add' | 'remove'): Command {
  const kind = what === NETWORK ? 'network' : 'router'
  return {
    summary: `${change === 'add' ? 'Add' : 'Remove'} a ${kind} ${change === 'add' ? 'to' : 'from'} an agent`,
    positionals: [positional('<agent-id>', 'ID of the agent', { key: 'agent' }), target(what)],
    options: [flag(what === NETWORK ? '--dhcp' : '--l3', 'the kind of agent')],
    async run(context, args) {
      const id = await idOf(context, what, args.need('target'))
      const path = `/v2.0/agents/${encodeURIComponent(args.need('agent'))}/${collection}`
      if (change === 'add') await context.session.network.post(path, { [`${kind}_id`]: id })
      else await context.session.network.delete(`${path}/${id}`)
      return NOTHING
    },
  }
}

export const commands: Commands = {
  'network agent list': {
    summary: 'List network agents',
    options: [
      text('--agent-type', 'of this kind', { choices: Object.keys(TYPES) }),
      text('--host', 'on this host'),
      text('--network', 'that host this network', { group: 'hosting' }),
      text('--router', 'that host this router', { group: 'hosting' }),
      flag('--long', 'more columns'),
    ],
    output: 'list',
    async run(context, args) {
      const type = args.text('agent_type')
      const host = args.text('host')
      const query = { ...(type && { agent_type: TYPES[type] }), ...(host && { host }) }
      const path = await source(context, args)
      const { agents } = await context.session.network.get<{ agents: Attributes[] }>(path, query)
      return tableOf(agents, {
        ID: (one) => one.id,
        'Agent Type': (one) => one.agent_type,
        Host: (one) => one.host,
        'Availability Zone': (one) => one.availability_zone,
        Alive: (one) => smiley(one.alive),
        State: (one) => upDown(one.admin_state_up),
        Binary: (one) => one.binary,
        ...(args.flag('long') && args.has('router') && { 'HA State': (one: Attributes) => one.ha_state }),
      })
    },
  },
  'network agent show': showCommand(AGENT, 'Show network agent details'),
  'network agent set': changeCommand(AGENT, {
    summary: 'Change a network agent',
    options: [
      text('--description', 'what it is for'),
      flag('--enable', 'administratively up', { key: 'admin_state_up', value: true, group: 'state' }),
      flag('--disable', 'administratively down', { key: 'admin_state_up', value: false, group: 'state' }),
    ],
  }),
  'network agent delete': deleteCommand(AGENT, 'Delete network agents'),
  'network agent add network': assignment(NETWORK, 'dhcp-networks', 'add'),
  'network agent remove network': assignment(NETWORK, 'dhcp-networks', 'remove'),
  'network agent add router': assignment(ROUTER, 'l3-routers', 'add'),
  'network agent remove router': assignment(ROUTER, 'l3-routers', 'remove'),
}
