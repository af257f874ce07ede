import type { ParsedArgs } from '../args/parsed.js'
import { flag, integer, positional } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import type { Commands, Context } from '../common/command.js'
import { type Columns, fieldsOf, NOTHING, tableOf } from '../output/result.js'
import { projectId } from './identity-lookup.js'
import type { Attributes } from './resource.js'

/** Limits by the client's names; the API's are the keys. */
const NAMES: Readonly<Record<string, readonly [option: string, column: string]>> = {
  floatingip: ['floating-ips', 'Floating IPs'],
  network: ['networks', 'Networks'],
  port: ['ports', 'Ports'],
  rbac_policy: ['rbac-policies', 'RBAC Policies'],
  router: ['routers', 'Routers'],
  security_group: ['secgroups', 'Security Groups'],
  security_group_rule: ['secgroup-rules', 'Security Group Rules'],
  subnet: ['subnets', 'Subnets'],
  subnetpool: ['subnetpools', 'Subnet Pools'],
}

const LIMITS = Object.entries(NAMES).map(([key, [option, column]]) =>
  integer(
    `--${option}`,
    column.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase()),
    { key },
  ),
)

async function projectOf(context: Context, args: ParsedArgs): Promise<string> {
  const given = args.text('project')
  if (given !== undefined) return projectId(context, given)
  return (await context.session.token()).projectId ?? ''
}

const project = positional('<project>', 'name or ID; your own by default', { key: 'project', optional: true })
const services = [
  flag('--network', ''),
  flag('--compute', '', { hidden: true }),
  flag('--volume', '', { hidden: true }),
]

export const commands: Commands = {
  'quota show': {
    summary: "Show a project's quotas",
    positionals: [project],
    options: [...services, flag('--default', 'the default quotas'), flag('--usage', 'with what is in use')],
    output: 'list',
    async run(context, args) {
      const action = args.flag('default') ? '/default' : args.flag('usage') ? '/details.json' : ''
      const path = `/v2.0/quotas/${await projectOf(context, args)}${action}`
      const { quota } = await context.session.network.get<{ quota: Attributes }>(path)
      const rows = fieldsOf(quota).filter(({ name }) => !['project', 'project_id', 'tenant_id'].includes(name))
      const label = (name: string) => NAMES[name]?.[0] ?? name
      if (args.flag('usage')) {
        return tableOf(rows, {
          Resource: ({ name }) => label(name),
          Limit: ({ value }) => (value as Attributes).limit,
          'In Use': ({ value }) => (value as Attributes).used,
          Reserved: ({ value }) => (value as Attributes).reserved,
        })
      }
      return tableOf(rows, { Resource: ({ name }) => label(name), Limit: ({ value }) => value })
    },
  },
  'quota set': {
    summary: "Change a project's quotas",
    positionals: [project],
    options: [...LIMITS, flag('--force', '', { hidden: true, key: '_force' })],
    async run(context, args) {
      const quota = attributesOf(LIMITS, args)
      if (Object.keys(quota).length === 0) return NOTHING
      await context.session.network.put(`/v2.0/quotas/${await projectOf(context, args)}`, { quota })
      return NOTHING
    },
  },
  'quota list': {
    summary: 'List the quotas of projects that have their own',
    options: services,
    output: 'list',
    async run(context) {
      const { quotas } = await context.session.network.get<{ quotas: Attributes[] }>('/v2.0/quotas')
      const limits = Object.entries(NAMES).map(([key, [, column]]) => [column, (one: Attributes) => one[key]] as const)
      const columns: Columns<Attributes> = {
        'Project ID': (one) => one.project_id ?? one.tenant_id,
        ...Object.fromEntries(limits),
      }
      return tableOf(quotas, columns)
    },
  },
  'quota delete': {
    summary: 'Give a project the default quotas again',
    positionals: [{ ...project, optional: false }],
    options: services,
    async run(context, args) {
      await context.session.network.delete(`/v2.0/quotas/${await projectOf(context, args)}`)
      return NOTHING
    },
  },
  'extension list': {
    summary: 'List API extensions',
    options: [...services, flag('--long', 'more columns')],
    output: 'list',
    async run(context, args) {
      const { extensions } = await context.session.network.get<{ extensions: Attributes[] }>('/v2.0/extensions')
      return tableOf(extensions, {
        Name: (one) => one.name,
        Alias: (one) => one.alias,
        Description: (one) => one.description,
        ...(args.flag('long') && { Updated: (one: Attributes) => one.updated }),
      })
    },
  },
  'extension show': {
    summary: 'Show API extension details',
    positionals: [positional('<extension>', 'its alias', { key: 'alias' })],
    output: 'one',
    async run(context, args) {
      const path = `/v2.0/extensions/${encodeURIComponent(args.need('alias'))}`
      const { extension } = await context.session.network.get<{ extension: Attributes }>(path)
      return { kind: 'one', fields: fieldsOf(extension) }
    },
  },
}
