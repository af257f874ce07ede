import { flag, integer, type Option, positional, text } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import { type Command, CommandFailure, type Commands } from '../common/command.js'
import { NOTHING } from '../output/result.js'
import { idRanges, idsByProject } from './cells.js'
import { projectId } from './identity-lookup.js'
import { NETWORK } from './networks.js'
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

export const SEGMENT: Resource = { path: 'segments', metavar: 'network-segment' }
const RANGE: Resource = {
  path: 'network_segment_ranges',
  metavar: 'network-segment-range',
  cells: { available: idRanges, used: idsByProject },
}

const WORDS: readonly Option[] = [text('--description', 'what it is for'), text('--name', 'another name')]

const NEW: readonly Option[] = [
  text('--description', 'what it is for'),
  text('--physical-network', 'where it is on a wire', { key: 'physical_network' }),
  integer('--segment', 'VLAN ID, or key of the tunnel', { key: 'segmentation_id' }),
  text('--network-type', 'flat, vlan, vxlan, gre, geneve or local', { key: 'network_type' }),
]

const BOUNDS: readonly Option[] = [
  integer('--minimum', 'lowest id', { key: 'minimum' }),
  integer('--maximum', 'highest id', { key: 'maximum' }),
]

const NEW_RANGE: readonly Option[] = [
  flag('--shared', 'for all projects (default)', { key: 'shared', value: true, group: 'share' }),
  flag('--private', 'for one project alone', { key: 'shared', value: false, group: 'share' }),
  text('--network-type', 'vlan, vxlan, gre or geneve', { key: 'network_type' }),
  text('--physical-network', 'whose VLANs these are', { key: 'physical_network' }),
  ...BOUNDS,
]

const createSegment: Command = {
  summary: 'Create a network segment',
  positionals: [positional('<name>', 'its name', { key: 'name' })],
  options: [...NEW, text('--network', 'its network, by name or ID', { key: '_network' })],
  output: 'one',
  async run(context, args) {
    const network_id = await idOf(context, NETWORK, args.need('_network'))
    const body = { name: args.need('name'), network_id, ...attributesOf(NEW, args) }
    return show(SEGMENT, (await context.session.network.create(SEGMENT.path, body)) as unknown as Attributes)
  },
}

const createRange: Command = {
  summary: 'Create a network segment range',
  positionals: [positional('<name>', 'its name', { key: 'name' })],
  options: [...NEW_RANGE, ...PROJECT],
  output: 'one',
  async run(context, args) {
    const body: Record<string, unknown> = { name: args.need('name'), shared: true, ...attributesOf(NEW_RANGE, args) }
    const project = args.text('_project')
    if (project !== undefined) {
      if (body.shared) throw new CommandFailure('--project is only allowed with --private')
      body.project_id = await projectId(context, project)
    }
    return show(RANGE, (await context.session.network.create(RANGE.path, body)) as unknown as Attributes)
  },
}

function change(what: Resource, summary: string, options: readonly Option[]): Command {
  return {
    summary,
    positionals: [target(what)],
    options,
    async run(context, args) {
      const body = attributesOf(options, args)
      const id = await idOf(context, what, args.need('target'))
      if (Object.keys(body).length > 0) await context.session.network.update(what.path, id, body)
      return NOTHING
    },
  }
}

export const commands: Commands = {
  'network segment list': listCommand(SEGMENT, {
    summary: 'List network segments',
    options: [text('--network', 'of this network, by name or ID', { key: 'network' })],
    named: { network: ['network_id', NETWORK] },
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      Network: (one) => one.network_id,
      'Network Type': (one) => one.network_type,
      Segment: (one) => one.segmentation_id,
    },
    long: { 'Physical Network': (one) => one.physical_network },
  }),
  'network segment show': showCommand(SEGMENT, 'Show network segment details'),
  'network segment create': createSegment,
  'network segment set': change(SEGMENT, 'Change a network segment', WORDS),
  'network segment delete': deleteCommand(SEGMENT, 'Delete network segments'),
  'network segment range list': listCommand(RANGE, {
    summary: 'List network segment ranges',
    columns: {
      ID: (one) => one.id,
      Name: (one) => one.name,
      Default: (one) => one.default,
      Shared: (one) => one.shared,
      'Project ID': (one) => one.project_id,
      'Network Type': (one) => one.network_type,
      'Physical Network': (one) => one.physical_network,
      'Minimum ID': (one) => one.minimum,
      'Maximum ID': (one) => one.maximum,
    },
    long: { Used: (one) => idsByProject(one.used), Available: (one) => idRanges(one.available) },
  }),
  'network segment range show': showCommand(RANGE, 'Show network segment range details'),
  'network segment range create': createRange,
  'network segment range set': change(RANGE, 'Change a network segment range', [
    text('--name', 'another name'),
    ...BOUNDS,
  ]),
  'network segment range delete': deleteCommand(RANGE, 'Delete network segment ranges'),
}
