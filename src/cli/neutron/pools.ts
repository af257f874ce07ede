import { flag, integer, type Option, positional, text } from '../args/spec.js'
import type { Commands } from '../common/command.js'
import { listCommand, records } from './list.js'
import { ADDRESS_SCOPE, idOf, type Resource, SUBNETPOOL } from './resource.js'
import { createCommand, deleteCommand, showCommand, TENANT_ID, updateCommand } from './verbs.js'

const SETTABLE: readonly Option[] = [
  integer('--min-prefixlen', 'shortest prefix to hand out'),
  integer('--max-prefixlen', 'longest prefix to hand out'),
  integer('--default-prefixlen', 'length when none is asked for'),
  integer('--default-quota', 'addresses that one project may take'),
  text('--pool-prefix', 'a prefix of the pool', { key: 'prefixes', repeat: true }),
  text('--description', 'what it is for'),
  text('--address-scope', 'its address scope, by ID or name', { key: '_scope', group: 'scope' }),
  flag('--no-address-scope', 'no address scope', { key: 'address_scope_id', value: null, group: 'scope' }),
]

const ZONE: Resource = {
  key: 'availability_zone',
  plural: 'availability_zones',
  path: 'availability_zones',
  named: false,
  metavar: 'ZONE',
}
const PROVIDER: Resource = { ...ZONE, key: 'service_provider', plural: 'service_providers', path: 'service-providers' }

export const commands: Commands = {
  'subnetpool-list': listCommand(SUBNETPOOL, {
    summary: 'List subnet pools.',
    columns: ['id', 'name', 'prefixes', 'default_prefixlen', 'address_scope_id', 'is_default'],
    formatters: { prefixes: records('prefixes') },
  }),
  'subnetpool-show': showCommand(SUBNETPOOL, 'Show a subnet pool.'),
  'subnetpool-create': createCommand(SUBNETPOOL, {
    summary: 'Create a subnet pool.',
    options: [...SETTABLE, flag('--shared', 'share it with all projects'), TENANT_ID],
    async complete(context, args, body) {
      const scope = args.text('_scope')
      body.name = args.need('name')
      if (scope !== undefined) body.address_scope_id = await idOf(context, ADDRESS_SCOPE, scope)
    },
  }),
  'subnetpool-update': updateCommand(SUBNETPOOL, {
    summary: "Change a subnet pool's attributes.",
    options: [text('--name', 'its name'), ...SETTABLE],
    async complete(context, args, body) {
      const scope = args.text('_scope')
      if (scope !== undefined) body.address_scope_id = await idOf(context, ADDRESS_SCOPE, scope)
    },
  }),
  'subnetpool-delete': deleteCommand(SUBNETPOOL, 'Delete subnet pools.'),
  'address-scope-list': listCommand(ADDRESS_SCOPE, {
    summary: 'List address scopes.',
    columns: ['id', 'name', 'ip_version'],
  }),
  'address-scope-show': showCommand(ADDRESS_SCOPE, 'Show an address scope.'),
  'address-scope-create': createCommand(ADDRESS_SCOPE, {
    summary: 'Create an address scope.',
    positionals: [positional('NAME', 'its name'), positional('IP_VERSION', '4 or 6')],
    options: [flag('--shared', 'share it with all projects'), TENANT_ID],
    async complete(_, args, body) {
      body.name = args.need('name')
      body.ip_version = Number(args.need('ip_version'))
    },
  }),
  'address-scope-update': updateCommand(ADDRESS_SCOPE, {
    summary: "Change an address scope's attributes.",
    options: [text('--name', 'its name')],
  }),
  'address-scope-delete': deleteCommand(ADDRESS_SCOPE, 'Delete address scopes.'),
  'availability-zone-list': listCommand(ZONE, {
    summary: 'List availability zones.',
    columns: ['name', 'resource', 'state'],
  }),
  'service-provider-list': listCommand(PROVIDER, {
    summary: 'List service providers.',
    columns: ['service_type', 'name', 'default'],
  }),
}
