import { positional, text } from '../args/spec.js'
import type { Commands, Context } from '../common/command.js'
import { pick } from '../common/servers.js'
import { Shown } from '../output/format.js'
import { fieldsOf, tableOf } from '../output/result.js'

type Row = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string }

async function read(context: Context, path: string, key: string): Promise<Row[]> {
  return (await context.session.identity.get<Record<string, Row[]>>(path))[key] ?? []
}

export const commands: Commands = {
  'token issue': {
    summary: 'Issue a token',
    output: 'one',
    async run(context) {
      const token = await context.session.token()
      const expires = token.expiresAt.replace(/\.\d+Z$/, '+0000').replace(/Z$/, '+0000')
      const fields = { expires, id: token.id, project_id: token.projectId, user_id: token.userId }
      return { kind: 'one', fields: fieldsOf(fields) }
    },
  },
  'catalog list': {
    summary: 'List services and their endpoints',
    output: 'list',
    async run(context) {
      const { catalog } = await context.session.token()
      return tableOf(catalog, {
        Name: (one) => one.name,
        Type: (one) => one.type,
        Endpoints: (one) => {
          const lines = one.endpoints.map(({ region, region_id, ...it }) =>
            [region ?? region_id ?? '<none>', `  ${it.interface}: ${it.url}`].join('\n'),
          )
          return new Shown([...lines, ''].join('\n'), one.endpoints)
        },
      })
    },
  },
  'endpoint list': {
    summary: 'List endpoints',
    options: [text('--service', 'of this service'), text('--interface', 'of this interface'), text('--region', '')],
    output: 'list',
    async run(context, args) {
      const [endpoints, services] = await Promise.all([
        read(context, '/v3/endpoints', 'endpoints'),
        read(context, '/v3/services', 'services'),
      ])
      const byId = new Map(services.map((one) => [one.id, one]))
      const service = (one: Row) => byId.get(String(one.service_id))
      const wanted = endpoints.filter((one) => {
        const name = args.text('service')
        const other = service(one)
        return (
          (name === undefined || [other?.id, other?.name, other?.type].includes(name)) &&
          (!args.has('interface') || one.interface === args.text('interface')) &&
          (!args.has('region') || (one.region_id ?? one.region) === args.text('region'))
        )
      })
      return tableOf(wanted, {
        ID: (one) => one.id,
        Region: (one) => one.region_id ?? one.region,
        'Service Name': (one) => service(one)?.name,
        'Service Type': (one) => service(one)?.type,
        Enabled: (one) => one.enabled,
        Interface: (one) => one.interface,
        URL: (one) => one.url,
      })
    },
  },
  'service list': {
    summary: 'List services',
    output: 'list',
    async run(context) {
      return tableOf(await read(context, '/v3/services', 'services'), {
        ID: (one) => one.id,
        Name: (one) => one.name,
        Type: (one) => one.type,
      })
    },
  },
  'service show': {
    summary: 'Show service details',
    positionals: [positional('<service>', 'type, name or ID', { key: 'target' })],
    output: 'one',
    async run(context, args) {
      const services = await read(context, '/v3/services', 'services')
      const text = args.need('target')
      const { links: _, ...found } = services.find((one) => one.type === text) ?? pick('service', text, services)
      return { kind: 'one', fields: fieldsOf(found) }
    },
  },
}
