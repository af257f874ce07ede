import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, positional, text } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import { type Command, CommandFailure, type Commands, type Context } from '../common/command.js'
import { fieldsOf, NOTHING, type OneResult, tableOf } from '../output/result.js'
import { type IdentityKind, type IdentityRecord, identityRecord } from './identity-lookup.js'

/** What the table shows; the rest comes with `--all-attributes`, `-c` and formats for programs. */
const USUAL: Readonly<Record<string, ReadonlySet<string>>> = {
  project: new Set(['description', 'enabled', 'id', 'name']),
  user: new Set(['default_project_id', 'domain_id', 'email', 'enabled', 'id', 'name', 'password_expires_at']),
  role: new Set(['domain_id', 'id', 'name']),
}

function present(kind: IdentityKind, { links: _, ...record }: IdentityRecord): OneResult {
  return { kind: 'one', fields: fieldsOf(record, USUAL[kind]) }
}

function showCommand(kind: IdentityKind): Command {
  return {
    summary: `Show ${kind} details`,
    positionals: [positional(`<${kind}>`, 'name or ID', { key: 'target' })],
    options: [text('--domain', '', { hidden: true })],
    output: 'one',
    run: async (context, args) => present(kind, await identityRecord(context, kind, args.need('target'))),
  }
}

function listCommand(kind: IdentityKind, long: readonly string[]): Command {
  const title = (name: string) => name.replace(/_/g, ' ').replace(/\b\w/g, (letter) => letter.toUpperCase())
  return {
    summary: `List ${kind}s`,
    options: [flag('--long', 'more columns'), text('--domain', '', { hidden: true })],
    output: 'list',
    async run(context, args) {
      const reply = await context.session.identity.get<Record<string, IdentityRecord[]>>(`/v3/${kind}s`)
      const more = args.flag('long') ? long : []
      const columns = more.map((name) => [title(name), (one: IdentityRecord) => one[name]] as const)
      return tableOf(reply[`${kind}s`] ?? [], {
        ID: (one) => one.id,
        Name: (one) => one.name,
        ...Object.fromEntries(columns),
      })
    },
  }
}

function createCommand(
  kind: IdentityKind,
  options: readonly Option[],
  complete?: (context: Context, args: ParsedArgs, body: Record<string, unknown>) => Promise<void>,
): Command {
  return {
    summary: `Create a ${kind}`,
    positionals: [positional(`<${kind}-name>`, 'its name', { key: 'name' })],
    options,
    output: 'one',
    async run(context, args) {
      const body: Record<string, unknown> = { ...attributesOf(options, args), name: args.need('name') }
      const domain = args.text('_domain')
      if (domain !== undefined)
        body.domain_id = domain === 'default' ? domain : (await identityRecord(context, 'domain', domain)).id
      await complete?.(context, args, body)
      const path = `/v3/${kind}s`
      const reply = await context.session.identity.post<Record<string, IdentityRecord>>(path, { [kind]: body })
      const made = reply[kind]
      if (!made) throw new CommandFailure(`the reply has no '${kind}'`)
      return present(kind, made)
    },
  }
}

function deleteCommand(kind: IdentityKind): Command {
  return {
    summary: `Delete ${kind}s`,
    positionals: [positional(`<${kind}>`, 'name or ID', { key: 'target', rest: true })],
    async run(context, args) {
      for (const one of args.texts('target')) {
        const { id } = await identityRecord(context, kind, one)
        await context.session.identity.delete(`/v3/${kind}s/${id}`)
      }
      return NOTHING
    },
  }
}

const STATE = [
  text('--description', 'what it is for'),
  text('--domain', 'its domain', { key: '_domain' }),
  flag('--enable', 'it may be used', { key: 'enabled', value: true, group: 'enabled' }),
  flag('--disable', 'it may not be used', { key: 'enabled', value: false, group: 'enabled' }),
]

function assignmentCommand(change: 'add' | 'remove'): Command {
  return {
    summary: change === 'add' ? 'Give a user a role in a project' : 'Take a role in a project from a user',
    positionals: [positional('<role>', 'name or ID', { key: 'role' })],
    options: [
      text('--project', 'in this project', { required: true }),
      text('--user', 'the user', { required: true }),
      text('--project-domain', '', { hidden: true }),
      text('--user-domain', '', { hidden: true }),
    ],
    async run(context, args) {
      const [role, project, user] = await Promise.all([
        identityRecord(context, 'role', args.need('role')),
        identityRecord(context, 'project', args.need('project')),
        identityRecord(context, 'user', args.need('user')),
      ])
      const path = `/v3/projects/${project.id}/users/${user.id}/roles/${role.id}`
      if (change === 'add') await context.session.identity.put(path)
      else await context.session.identity.delete(path)
      return NOTHING
    },
  }
}

export const commands: Commands = {
  'project show': showCommand('project'),
  'project list': listCommand('project', ['domain_id', 'description', 'enabled']),
  'project create': createCommand('project', STATE),
  'project delete': deleteCommand('project'),
  'user show': showCommand('user'),
  'user list': listCommand('user', ['domain_id', 'description', 'email', 'enabled']),
  'user create': createCommand(
    'user',
    [
      text('--password', 'the password'),
      text('--email', 'mail address'),
      text('--project', 'default project', { key: '_project' }),
      ...STATE,
    ],
    async (context, args, body) => {
      const project = args.text('_project')
      if (project !== undefined) body.default_project_id = (await identityRecord(context, 'project', project)).id
    },
  ),
  'user delete': deleteCommand('user'),
  'role show': showCommand('role'),
  'role list': listCommand('role', ['domain_id']),
  'role create': createCommand('role', [text('--description', 'what it is for')]),
  'role delete': deleteCommand('role'),
  'role add': assignmentCommand('add'),
  'role remove': assignmentCommand('remove'),
}
