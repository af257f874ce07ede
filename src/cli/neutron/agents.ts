import { boolean, positional, text } from '../args/spec.js'
import type { Command, Commands } from '../common/command.js'
import { textResult } from '../output/result.js'
import { json, listCommand, smiley } from './list.js'
import { withCidrs } from './networks.js'
import { AGENT, idOf, itemPath, NETWORK, type Resource, ROUTER } from './resource.js'
import { deleteCommand, showCommand, updateCommand } from './verbs.js'

const HOSTING = ['id', 'host', 'admin_state_up', 'alive']

interface Assignment {
  readonly what: Resource
  readonly collection: string
  readonly agent: string
}

const DHCP: Assignment = { what: NETWORK, collection: 'dhcp-networks', agent: 'DHCP' }
const L3: Assignment = { what: ROUTER, collection: 'l3-routers', agent: 'L3' }

const agentArgument = ({ agent }: Assignment) => positional(`${agent}_AGENT`, "the agent's ID", { key: 'agent' })
const subjectArgument = ({ what }: Assignment) =>
  positional(what.metavar, `the ${what.key}'s ID or name`, { key: 'subject' })

function assign({ what, collection, agent }: Assignment): Command {
  return {
    summary: `Add a ${what.key} to a ${agent} agent.`,
    positionals: [agentArgument({ what, collection, agent }), subjectArgument({ what, collection, agent })],
    async run(context, args) {
      const id = await idOf(context, what, args.need('subject'))
      await context.session.network.post(itemPath(AGENT, args.need('agent'), collection), { [`${what.key}_id`]: id })
      return textResult(`Added ${what.key} ${args.need('subject')} to ${agent} agent`)
    },
  }
}

function withdraw({ what, collection, agent }: Assignment): Command {
  return {
    summary: `Remove a ${what.key} from a ${agent} agent.`,
    positionals: [agentArgument({ what, collection, agent }), subjectArgument({ what, collection, agent })],
    async run(context, args) {
      const id = await idOf(context, what, args.need('subject'))
      await context.session.network.delete(itemPath(AGENT, args.need('agent'), `${collection}/${id}`))
      return textResult(`Removed ${what.key} ${args.need('subject')} from ${agent} agent`)
    },
  }
}

/** Agents that host a network or a router. */
function hosting(assignment: Assignment, path: string, columns: readonly string[]): Command {
  return listCommand(AGENT, {
    summary: `List the ${assignment.agent} agents that host a ${assignment.what.key}.`,
    columns,
    formatters: { alive: smiley },
    positionals: [subjectArgument(assignment)],
    source: async (context, args) => ({
      path: itemPath(assignment.what, await idOf(context, assignment.what, args.need('subject')), path),
    }),
  })
}

/** Networks or routers that an agent hosts. */
function hosted(assignment: Assignment, columns: readonly string[]): Command {
  return listCommand(assignment.what, {
    summary: `List the ${assignment.what.key}s on a ${assignment.agent} agent.`,
    columns,
    formatters: assignment === L3 ? { external_gateway_info: json('external_gateway_info') } : {},
    positionals: [agentArgument(assignment)],
    source: async (_, args) => ({ path: itemPath(AGENT, args.need('agent'), assignment.collection) }),
    extend: assignment === DHCP ? withCidrs : undefined,
  })
}

export const commands: Commands = {
  'agent-list': listCommand(AGENT, {
    summary: 'List agents.',
    columns: ['id', 'agent_type', 'host', 'alive', 'admin_state_up', 'binary'],
    formatters: { alive: smiley },
    // Servers answered in order of the primary key; not all of today's do.
    extend: async (_, args, agents) =>
      args.has('sort_key') ? agents : agents.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1)),
  }),
  'agent-show': showCommand(AGENT, 'Show an agent.', 5),
  'agent-update': updateCommand(AGENT, {
    summary: "Change an agent's administrative state or description.",
    options: [boolean('--admin-state-up', 'administrative state'), text('--description', 'what it is for')],
  }),
  'agent-delete': deleteCommand(AGENT, 'Delete agents that are gone.'),
  'dhcp-agent-network-add': assign(DHCP),
  'dhcp-agent-network-remove': withdraw(DHCP),
  'l3-agent-router-add': assign(L3),
  'l3-agent-router-remove': withdraw(L3),
  'dhcp-agent-list-hosting-net': hosting(DHCP, 'dhcp-agents', HOSTING),
  'l3-agent-list-hosting-router': hosting(L3, 'l3-agents', [...HOSTING, 'ha_state']),
  'net-list-on-dhcp-agent': hosted(DHCP, ['id', 'name', 'subnets']),
  'router-list-on-l3-agent': hosted(L3, ['id', 'name', 'external_gateway_info']),
}
