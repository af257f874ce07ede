import type { ParsedArgs } from '../args/parsed.js'
import { integer, positional, text } from '../args/spec.js'
import { parseUnknownOptions } from '../args/unknown-options.js'
import { attributesOf } from '../common/attributes.js'
import { CommandFailure, type Commands, type Context } from '../common/command.js'
import { fieldsOf, type OneResult, textResult } from '../output/result.js'
import { listCommand, readPages } from './list.js'
import { type Attributes, EXTENSION, itemPath, QUOTA } from './resource.js'
import { showCommand } from './verbs.js'

const owner = text('--tenant-id --project-id', "the owner's ID; your own project by default", { key: '_tenant' })

const LIMITS = [
  integer('--network', 'networks'),
  integer('--subnet', 'subnets'),
  integer('--port', 'ports'),
  integer('--router', 'routers'),
  integer('--floatingip', 'floating IPs'),
  integer('--security-group', 'security groups'),
  integer('--security-group-rule', 'security group rules'),
  integer('--subnetpool', 'subnet pools'),
  integer('--rbac-policy', 'RBAC policies'),
]

/** The caller's project when none is named. */
async function tenantOf(context: Context, args: ParsedArgs): Promise<string> {
  const given = args.text('_tenant')
  if (given !== undefined) return given
  const { tenant } = await context.session.network.get<{ tenant: { tenant_id: string } }>('/v2.0/quotas/tenant')
  return tenant.tenant_id
}

function present(reply: { quota: Attributes }): OneResult {
  return { kind: 'one', fields: fieldsOf(reply.quota) }
}

export const commands: Commands = {
  'quota-list': {
    summary: 'List the quotas of projects that have their own.',
    output: 'list',
    async run(context) {
      const quotas = await readPages(context, '/v2.0/quotas', 'quotas', {})
      const columns = Object.keys(quotas[0] ?? {}).sort()
      return { kind: 'list', columns, rows: quotas.map((quota) => columns.map((name) => quota[name])) }
    },
  },
  'quota-show': {
    summary: "Show a project's quotas.",
    options: [owner],
    output: 'one',
    async run(context, args) {
      return present(await context.session.network.get(itemPath(QUOTA, await tenantOf(context, args))))
    },
  },
  'quota-update': {
    summary: "Change a project's quotas.",
    options: [owner, ...LIMITS],
    collectUnknown: true,
    output: 'one',
    async run(context, args) {
      const quota = { ...attributesOf(LIMITS, args), ...parseUnknownOptions(args.unknown) }
      if (Object.keys(quota).length === 0)
        throw new CommandFailure('Must specify a valid resource with new quota value')
      return present(await context.session.network.put(itemPath(QUOTA, await tenantOf(context, args)), { quota }))
    },
  },
  'quota-delete': {
    summary: 'Give a project the default quotas again.',
    options: [owner],
    async run(context, args) {
      const tenant = await tenantOf(context, args)
      await context.session.network.delete(itemPath(QUOTA, tenant))
      return textResult(`Deleted quota: ${tenant}`)
    },
  },
  'ext-list': listCommand(EXTENSION, { summary: 'List the API extensions.', columns: ['alias', 'name'] }),
  'ext-show': {
    ...showCommand(EXTENSION, 'Show an API extension.'),
    positionals: [positional('EXT-ALIAS', 'its alias', { key: '_target' })],
  },
}
