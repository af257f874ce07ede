import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, positional, text } from '../args/spec.js'
import { CommandFailure, type Commands, type Context } from '../common/command.js'
import { NOTHING, tableOf } from '../output/result.js'
import { ADDRESS_SCOPE } from './address-scopes.js'
import { projectId } from './identity-lookup.js'
import { NETWORK } from './networks.js'
import { type Attributes, idOf, listCommand, PROJECT, type Resource, show, showCommand, target } from './resource.js'
import { SECURITY_GROUP } from './resources.js'
import { SUBNETPOOL } from './subnets.js'

const RBAC: Resource = { path: 'rbac-policies', metavar: 'rbac-policy' }

const OBJECTS: Readonly<Record<string, Resource>> = {
  address_scope: ADDRESS_SCOPE,
  network: NETWORK,
  security_group: SECURITY_GROUP,
  subnetpool: SUBNETPOOL,
}
const TYPES = Object.keys(OBJECTS)
const ACTIONS = ['access_as_external', 'access_as_shared']

const TARGET: readonly Option[] = [
  text('--target-project', 'project that may use it, by name or ID', { key: '_target', group: 'target' }),
  flag('--target-all-projects', 'every project may use it', { key: '_everybody', group: 'target' }),
  text('--target-project-domain', '', { hidden: true }),
]

async function targetOf(context: Context, args: ParsedArgs): Promise<string | undefined> {
  if (args.flag('_everybody')) return '*'
  const given = args.text('_target')
  return given === undefined || given === '*' ? given : projectId(context, given)
}

export const commands: Commands = {
  'network rbac list': listCommand(RBAC, {
    summary: 'List network RBAC policies',
    options: [
      text('--type', 'about this kind of object', { key: 'filter:object_type', choices: TYPES }),
      text('--action', 'for this', { key: 'filter:action', choices: ACTIONS }),
    ],
    columns: { ID: (one) => one.id, 'Object Type': (one) => one.object_type, 'Object ID': (one) => one.object_id },
    long: { Action: (one) => one.action },
  }),
  'network rbac show': {
    ...showCommand(RBAC, 'Show network RBAC policy details'),
    async run(context, args) {
      return show(RBAC, (await context.session.network.show('rbac-policies', args.need('target'))) as Attributes)
    },
  },
  'network rbac create': {
    summary: 'Create a network RBAC policy',
    positionals: [positional('<rbac-object>', 'the object, by name or ID', { key: 'object' })],
    options: [
      text('--type', 'kind of the object', { choices: TYPES, required: true }),
      text('--action', 'what it is opened for', { choices: ACTIONS, required: true }),
      ...TARGET,
      ...PROJECT,
    ],
    output: 'one',
    async run(context, args) {
      const target_tenant = await targetOf(context, args)
      if (target_tenant === undefined) {
        throw new CommandFailure('One of --target-project and --target-all-projects is needed')
      }
      const object_type = args.need('type')
      const owner = args.text('_project')
      const body = {
        object_type,
        object_id: await idOf(context, OBJECTS[object_type]!, args.need('object')),
        action: args.need('action'),
        target_tenant,
        ...(owner !== undefined && { project_id: await projectId(context, owner) }),
      }
      return show(RBAC, (await context.session.network.create('rbac-policies', body)) as Attributes)
    },
  },
  'network rbac set': {
    summary: 'Change a network RBAC policy',
    positionals: [target(RBAC, 'ID')],
    options: TARGET,
    async run(context, args) {
      const target_tenant = await targetOf(context, args)
      if (target_tenant !== undefined) {
        await context.session.network.update('rbac-policies', args.need('target'), { target_tenant })
      }
      return NOTHING
    },
  },
  'network rbac delete': {
    summary: 'Delete network RBAC policies',
    positionals: [{ ...target(RBAC, 'ID'), rest: true }],
    async run(context, args) {
      for (const id of args.texts('target')) await context.session.network.remove('rbac-policies', id)
      return NOTHING
    },
  },
  'ip availability list': {
    summary: 'List addresses that networks have and use',
    options: [
      text('--ip-version', '4 or 6; 4 by default', { key: 'ip_version', choices: ['4', '6'] }),
      text('--project', 'of this project, by ID or name', { key: 'project' }),
    ],
    output: 'list',
    async run(context, args) {
      const project = args.text('project')
      const found = await context.session.network.list('network-ip-availabilities', {
        ip_version: args.text('ip_version') ?? '4',
        ...(project !== undefined && { project_id: await projectId(context, project) }),
      })
      return tableOf(found as unknown as Attributes[], {
        'Network ID': (one) => one.network_id,
        'Network Name': (one) => one.network_name,
        'Total IPs': (one) => one.total_ips,
        'Used IPs': (one) => one.used_ips,
      })
    },
  },
  'ip availability show': {
    summary: 'Show addresses that a network has and uses',
    positionals: [target(NETWORK)],
    output: 'one',
    async run(context, args) {
      const id = await idOf(context, NETWORK, args.need('target'))
      return show(NETWORK, (await context.session.network.show('network-ip-availabilities', id)) as Attributes)
    },
  },
}
