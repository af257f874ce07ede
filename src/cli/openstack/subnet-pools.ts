import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, type Option, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { ADDRESS_SCOPE } from './address-scopes.js'
import { type Attributes, deleteCommand, idOf, listCommand, NAME_FILTERS, showCommand } from './resource.js'
import { SUBNETPOOL } from './subnets.js'
import { unsetCommand } from './unset.js'
import { type Body, before, changeCommand, createCommand } from './write.js'

const SETTABLE: readonly Option[] = [
  text('--pool-prefix', 'a prefix of the pool', { key: '_prefixes', repeat: true }),
  integer('--default-prefix-length', 'length when none is asked for', { key: 'default_prefixlen' }),
  integer('--min-prefix-length', 'shortest prefix to hand out', { key: 'min_prefixlen' }),
  integer('--max-prefix-length', 'longest prefix to hand out', { key: 'max_prefixlen' }),
  text('--address-scope', 'its address scope', { key: '_scope', group: 'scope' }),
  flag('--default', 'the default pool of its IP version', { key: 'is_default', value: true, group: 'default' }),
  flag('--no-default', 'not the default', { key: 'is_default', value: false, group: 'default' }),
  text('--description', 'what it is for'),
  integer('--default-quota', 'addresses that one project may take'),
]

async function scope(context: Context, args: ParsedArgs, body: Body): Promise<void> {
  const given = args.text('_scope')
  if (given !== undefined) body.address_scope_id = await idOf(context, ADDRESS_SCOPE, given)
}

async function completeChange(
  context: Context,
  args: ParsedArgs,
  body: Body,
  current: () => Promise<Attributes>,
): Promise<void> {
  await scope(context, args, body)
  if (args.has('_prefixes')) body.prefixes = [...(await before(current, 'prefixes')), ...args.texts('_prefixes')]
}

export const commands: Commands = {
  'subnet pool list': listCommand(SUBNETPOOL, {
    summary: 'List subnet pools',
    options: [
      ...NAME_FILTERS,
      flag('--share', 'shared ones', { key: 'filter:shared', value: true, group: 'share' }),
      flag('--no-share', 'unshared ones', { key: 'filter:shared', value: false, group: 'share' }),
      flag('--default', 'default ones', { key: 'filter:is_default', value: true, group: 'default' }),
      flag('--no-default', 'others', { key: 'filter:is_default', value: false, group: 'default' }),
      text('--address-scope', 'of this address scope', { key: '_scope' }),
    ],
    columns: { ID: (one) => one.id, Name: (one) => one.name, Prefixes: (one) => one.prefixes },
    long: {
      'Default Prefix Length': (one) => one.default_prefixlen,
      'Address Scope': (one) => one.address_scope_id,
      'Default Subnet Pool': (one) => one.is_default,
      Shared: (one) => one.shared,
      Tags: (one) => one.tags ?? [],
    },
    named: { _scope: ['address_scope_id', ADDRESS_SCOPE] },
  }),
  'subnet pool show': showCommand(SUBNETPOOL, 'Show subnet pool details'),
  'subnet pool create': createCommand(SUBNETPOOL, {
    summary: 'Create a subnet pool',
    options: [
      ...SETTABLE,
      flag('--share', 'share it with all projects', { key: 'shared', value: true, group: 'share' }),
      flag('--no-share', 'do not share it', { key: 'shared', value: false, group: 'share' }),
    ],
    async complete(context, args, body) {
      await scope(context, args, body)
      body.prefixes = args.texts('_prefixes')
    },
  }),
  'subnet pool set': changeCommand(SUBNETPOOL, {
    summary: 'Change a subnet pool',
    options: [
      text('--name', 'new name'),
      ...SETTABLE,
      flag('--no-address-scope', 'no address scope', { key: 'address_scope_id', value: null, group: 'scope' }),
    ],
    complete: completeChange,
  }),
  'subnet pool unset': unsetCommand(SUBNETPOOL, { summary: 'Take tags from a subnet pool' }),
  'subnet pool delete': deleteCommand(SUBNETPOOL, 'Delete subnet pools'),
}
