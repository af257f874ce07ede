import { integer, type Option, positional, text } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import { CommandFailure, type Commands, type Context } from '../common/command.js'
import { fieldsOf, NOTHING, type OneResult, tableOf } from '../output/result.js'
import { type Attributes, idOf } from './resource.js'
import { ROUTER } from './resources.js'

const router = { ...positional('<router>', 'its router, by name or ID'), key: 'router' }
const helper = { ...positional('<conntrack-helper-id>', 'its ID'), key: 'helper_id' }

const options = (required: boolean): readonly Option[] => [
  { ...text('--helper', "name of the kernel's helper"), required },
  { ...text('--protocol', 'protocol of the connections'), required },
  { ...integer('--port', 'port of the connections'), required },
]
const NEW = options(true)
const CHANGE = options(false)

async function pathOf(context: Context, routerName: string, id = ''): Promise<string> {
  const routerId = await idOf(context, ROUTER, routerName)
  return `/v2.0/routers/${routerId}/conntrack_helpers${id && `/${encodeURIComponent(id)}`}`
}

interface Reply {
  readonly conntrack_helper: Attributes
}

function shown({ conntrack_helper }: Reply): OneResult {
  return { kind: 'one', fields: fieldsOf({ ...conntrack_helper }) }
}

export const commands: Commands = {
  'network l3 conntrack helper list': {
    summary: "List a router's conntrack helpers",
    positionals: [router],
    options: CHANGE,
    output: 'list',
    async run(context, args) {
      const query = Object.fromEntries(
        Object.entries(attributesOf(CHANGE, args)).map(([k, value]) => [k, String(value)]),
      )
      const path = await pathOf(context, args.need('router'))
      const reply = await context.session.network.get<{ conntrack_helpers: Attributes[] }>(path, query)
      return tableOf(reply.conntrack_helpers, {
        ID: (one) => one.id,
        Helper: (one) => one.helper,
        Protocol: (one) => one.protocol,
        Port: (one) => one.port,
      })
    },
  },
  'network l3 conntrack helper show': {
    summary: 'Show details of a conntrack helper',
    positionals: [router, helper],
    output: 'one',
    async run(context, args) {
      const path = await pathOf(context, args.need('router'), args.need('helper_id'))
      return shown(await context.session.network.get<Reply>(path))
    },
  },
  'network l3 conntrack helper create': {
    summary: 'Create a conntrack helper of a router',
    positionals: [router],
    options: NEW,
    output: 'one',
    async run(context, args) {
      const path = await pathOf(context, args.need('router'))
      return shown(await context.session.network.post<Reply>(path, { conntrack_helper: attributesOf(NEW, args) }))
    },
  },
  'network l3 conntrack helper set': {
    summary: 'Change a conntrack helper',
    positionals: [router, helper],
    options: CHANGE,
    async run(context, args) {
      const path = await pathOf(context, args.need('router'), args.need('helper_id'))
      await context.session.network.put(path, { conntrack_helper: attributesOf(CHANGE, args) })
      return NOTHING
    },
  },
  'network l3 conntrack helper delete': {
    summary: 'Delete conntrack helpers',
    positionals: [router, { ...helper, rest: true }],
    async run(context, args) {
      const failed: string[] = []
      for (const id of args.texts('helper_id')) {
        const path = await pathOf(context, args.need('router'), id)
        await context.session.network.delete(path).catch((error: Error) => failed.push(`${id}: ${error.message}`))
      }
      if (failed.length > 0) throw new CommandFailure(`Failed to delete ${failed.join('; ')}`)
      return NOTHING
    },
  },
}
