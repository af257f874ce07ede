import { flag, integer, type Option, text } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import type { Commands } from '../common/command.js'
import { NOTHING } from '../output/result.js'
import {
  type Attributes,
  deleteCommand,
  idOf,
  listCommand,
  PROJECT,
  type Resource,
  show,
  showCommand,
  target,
} from './resource.js'

export const ADDRESS_SCOPE: Resource = { path: 'address-scopes', metavar: 'address-scope' }

const SHARE: readonly Option[] = [
  flag('--share', 'share it with all projects', { key: 'shared', value: true, group: 'share' }),
  flag('--no-share', 'do not share it', { key: 'shared', value: false, group: 'share' }),
]
const NEW: readonly Option[] = [integer('--ip-version', '4 or 6'), ...SHARE]
const CHANGE: readonly Option[] = [text('--name', 'new name'), ...SHARE]

export const commands: Commands = {
  'address scope list': listCommand(ADDRESS_SCOPE, {
    summary: 'List address scopes',
    options: [
      text('--name', 'with this name', { key: 'filter:name' }),
      text('--ip-version', '4 or 6', { key: 'filter:ip_version' }),
      text('--project', 'of this project, by ID or name', { key: 'project' }),
      flag('--share', 'shared ones', { key: 'filter:shared', value: true, group: 'share' }),
      flag('--no-share', 'unshared ones', { key: 'filter:shared', value: false, group: 'share' }),
    ],
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      'IP Version': (one) => one.ip_version,
      Shared: (one) => one.shared,
      Project: (one) => one.project_id ?? one.tenant_id,
    },
  }),
  'address scope show': showCommand(ADDRESS_SCOPE, 'Show address scope details'),
  'address scope create': {
    summary: 'Create an address scope',
    positionals: [{ ...target(ADDRESS_SCOPE, 'its name'), metavar: '<name>' }],
    options: [...NEW, ...PROJECT],
    output: 'one',
    async run(context, args) {
      const project = args.text('_project')
      const owner =
        project === undefined
          ? {}
          : { project_id: await (await import('./identity-lookup.js')).projectId(context, project) }
      const body = { name: args.need('target'), ip_version: 4, ...attributesOf(NEW, args), ...owner }
      return show(
        ADDRESS_SCOPE,
        (await context.session.network.create('address-scopes', body)) as unknown as Attributes,
      )
    },
  },
  'address scope set': {
    summary: 'Change an address scope',
    positionals: [target(ADDRESS_SCOPE)],
    options: CHANGE,
    async run(context, args) {
      const body = attributesOf(CHANGE, args)
      const id = await idOf(context, ADDRESS_SCOPE, args.need('target'))
      if (Object.keys(body).length > 0) await context.session.network.update('address-scopes', id, body)
      return NOTHING
    },
  },
  'address scope delete': deleteCommand(ADDRESS_SCOPE, 'Delete address scopes'),
}
