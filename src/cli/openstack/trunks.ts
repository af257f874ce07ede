import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, pairs, text } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import type { Commands, Context } from '../common/command.js'
import { NOTHING, tableOf } from '../output/result.js'
import { upDown } from './cells.js'
import { PORT } from './ports.js'
import { type Attributes, deleteCommand, idOf, listCommand, type Resource, showCommand, target } from './resource.js'
import { createCommand } from './write.js'

const TRUNK: Resource = { path: 'trunks', metavar: 'trunk', cells: { admin_state_up: upDown } }

const SETTABLE: readonly Option[] = [
  text('--description', 'what it is for'),
  flag('--enable', 'let its subports change (default)', { key: 'admin_state_up', value: true, group: 'state' }),
  flag('--disable', 'keep its subports as they are', { key: 'admin_state_up', value: false, group: 'state' }),
]
const SUBPORT = pairs('--subport', 'port=<name or ID>,segmentation-type=…,segmentation-id=…', {
  key: '_subports',
  repeat: true,
})

/** Subports as the API has them; ports may be named. */
function subports(context: Context, args: ParsedArgs): Promise<Attributes[]> {
  return Promise.all(
    args.records('_subports').map(async ({ port = '', ...segment }) => ({
      port_id: await idOf(context, PORT, port),
      ...Object.fromEntries(Object.entries(segment).map(([key, value]) => [key.replaceAll('-', '_'), value])),
    })),
  )
}

export const commands: Commands = {
  'network trunk list': listCommand(TRUNK, {
    summary: 'List network trunks',
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      'Parent Port': (one) => one.port_id,
      Description: (one) => one.description,
    },
    long: {
      Status: (one) => one.status,
      State: (one) => upDown(one.admin_state_up),
      'Created At': (one) => one.created_at,
      'Updated At': (one) => one.updated_at,
    },
  }),
  'network trunk show': showCommand(TRUNK, 'Show network trunk details'),
  'network trunk create': createCommand(TRUNK, {
    summary: 'Create a network trunk',
    options: [...SETTABLE, SUBPORT, text('--parent-port', 'its parent', { key: '_parent', required: true })],
    async complete(context, args, body) {
      body.port_id = await idOf(context, PORT, args.need('_parent'))
      if (args.has('_subports')) body.sub_ports = await subports(context, args)
    },
  }),
  'network trunk set': {
    summary: 'Change a network trunk, add subports to it',
    positionals: [target(TRUNK)],
    options: [text('--name', 'new name'), ...SETTABLE, SUBPORT],
    async run(context, args) {
      const id = await idOf(context, TRUNK, args.need('target'))
      const body = attributesOf([text('--name'), ...SETTABLE], args)
      if (Object.keys(body).length > 0) await context.session.network.update('trunks', id, body)
      if (args.has('_subports')) {
        await context.session.network.put(`/v2.0/trunks/${id}/add_subports`, {
          sub_ports: await subports(context, args),
        })
      }
      return NOTHING
    },
  },
  'network trunk unset': {
    summary: 'Take subports from a network trunk',
    positionals: [target(TRUNK)],
    options: [text('--subport', 'port, by name or ID', { key: '_subports', repeat: true, required: true })],
    async run(context, args) {
      const id = await idOf(context, TRUNK, args.need('target'))
      const ports = await Promise.all(args.texts('_subports').map((port) => idOf(context, PORT, port)))
      const sub_ports = ports.map((port_id) => ({ port_id }))
      await context.session.network.put(`/v2.0/trunks/${id}/remove_subports`, { sub_ports })
      return NOTHING
    },
  },
  'network trunk delete': deleteCommand(TRUNK, 'Delete network trunks'),
  'network subport list': {
    summary: 'List the subports of a network trunk',
    options: [text('--trunk', 'the trunk, by name or ID', { required: true })],
    output: 'list',
    async run(context, args) {
      const id = await idOf(context, TRUNK, args.need('trunk'))
      const path = `/v2.0/trunks/${id}/get_subports`
      const { sub_ports } = await context.session.network.get<{ sub_ports: Attributes[] }>(path)
      return tableOf(sub_ports, {
        Port: (one) => one.port_id,
        'Segmentation Type': (one) => one.segmentation_type,
        'Segmentation ID': (one) => one.segmentation_id,
      })
    },
  },
}
