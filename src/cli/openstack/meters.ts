import { flag, type Option, positional, text } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import type { Command, Commands } from '../common/command.js'
import {
  type Attributes,
  deleteCommand,
  idOf,
  listCommand,
  PROJECT,
  projectQuery,
  type Resource,
  show,
  showCommand,
  target,
} from './resource.js'

const METER: Resource = { path: 'metering/metering-labels', metavar: 'meter' }
const RULE: Resource = { path: 'metering/metering-label-rules', metavar: 'meter-rule-id' }

const NEW: readonly Option[] = [
  text('--description', 'what it is for'),
  flag('--share', 'count at the routers of all projects', { key: 'shared', value: true, group: 'share' }),
  flag('--no-share', "count at its project's routers", { key: 'shared', value: false, group: 'share' }),
]

const NEW_RULE: readonly Option[] = [
  flag('--exclude', 'do not count these packets', { key: 'excluded', value: true, group: 'sense' }),
  flag('--include', 'count these packets (default)', { key: 'excluded', value: false, group: 'sense' }),
  flag('--ingress', 'of what comes in (default)', { key: 'direction', value: 'ingress', group: 'direction' }),
  flag('--egress', 'of what goes out', { key: 'direction', value: 'egress', group: 'direction' }),
  text('--remote-ip-prefix', 'prefix of the addresses behind the router'),
  text('--source-ip-prefix', "prefix of the packets' sources"),
  text('--destination-ip-prefix', "prefix of the packets' destinations"),
]

async function ownerOf(...[context, args]: Parameters<NonNullable<Command['run']>>): Promise<Attributes> {
  const project = args.text('_project')
  if (project === undefined) return {}
  return { project_id: await (await import('./identity-lookup.js')).projectId(context, project) }
}

export const commands: Commands = {
  'network meter list': listCommand(METER, {
    summary: 'List network meters',
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      Description: (one) => one.description,
      Shared: (one) => one.shared,
    },
    query: projectQuery,
  }),
  'network meter show': showCommand(METER, 'Show network meter details'),
  'network meter create': {
    summary: 'Create a network meter',
    positionals: [{ ...target(METER, 'its name'), metavar: '<name>' }],
    options: [...NEW, ...PROJECT],
    output: 'one',
    async run(context, args) {
      const body = { name: args.need('target'), ...attributesOf(NEW, args), ...(await ownerOf(context, args)) }
      return show(METER, (await context.session.network.create(METER.path, body)) as unknown as Attributes)
    },
  },
  'network meter delete': deleteCommand(METER, 'Delete network meters'),
  'network meter rule list': listCommand(RULE, {
    summary: 'List rules of network meters',
    columns: {
      ID: (one) => one.id,
      Excluded: (one) => one.excluded,
      Direction: (one) => one.direction,
      'Remote IP Prefix': (one) => one.remote_ip_prefix,
      'Source IP Prefix': (one) => one.source_ip_prefix,
      'Destination IP Prefix': (one) => one.destination_ip_prefix,
    },
  }),
  'network meter rule show': showCommand(RULE, 'Show details of a network meter rule'),
  'network meter rule create': {
    summary: 'Create a rule of a network meter',
    positionals: [{ ...positional('<meter>', 'its meter, by name or ID'), key: 'meter' }],
    options: [...NEW_RULE, ...PROJECT],
    output: 'one',
    async run(context, args) {
      const metering_label_id = await idOf(context, METER, args.need('meter'))
      const body = { metering_label_id, ...attributesOf(NEW_RULE, args), ...(await ownerOf(context, args)) }
      return show(RULE, (await context.session.network.create(RULE.path, body)) as unknown as Attributes)
    },
  },
  'network meter rule delete': deleteCommand(RULE, 'Delete rules of network meters'),
}
