import { LookupError } from '../../client/errors.js'
import { findByIdOrName, singularKey } from '../../client/network.js'
import type { NetworkCollections } from '../../client/network-types.js'
import type { Query } from '../../client/service.js'
import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, positional, text } from '../args/spec.js'
import { type Command, CommandFailure, type Context } from '../common/command.js'
import { type Columns, fieldsOf, NOTHING, type OneResult, tableOf } from '../output/result.js'
import type { CellMaker } from './cells.js'

export type Attributes = Readonly<Record<string, unknown>>

/** A networking resource in the unified client. */
export interface Resource {
  readonly path: keyof NetworkCollections
  /** the positional argument in help, `<network>` */
  readonly metavar: string
  /** attributes with their own look */
  readonly cells?: Readonly<Record<string, CellMaker>>
  /** attributes that are shown under another name */
  readonly renamed?: Readonly<Record<string, string>>
  /** besides id and name, an attribute to look it up by */
  readonly alias?: string
}

/** The word in messages: `security-groups` -> `SecurityGroup`. */
export function className(what: Resource): string {
  const key = singularKey(what.path)
  if (key === 'floatingip') return 'FloatingIP'
  return key.replace(/(^|_)(\w)/g, (_, _gap, letter: string) => letter.toUpperCase())
}

/** Id of what the user typed, in the unified client's words when there is none. */
export async function idOf(context: Context, what: Resource, text: string): Promise<string> {
  const list = (query: Query) => context.session.network.list(what.path, { ...query, fields: 'id' })
  try {
    return await findByIdOrName(className(what), text, async ({ id, name }) => {
      if (name === undefined || what.alias === undefined) return list(id === undefined ? { name } : { id })
      return list({ [what.alias]: name })
    })
  } catch (error) {
    if (!(error instanceof LookupError)) throw error
    throw new CommandFailure(
      error.problem === 'none'
        ? `No ${error.resource} found for ${text}`
        : `More than one ${error.resource} exists with the name '${text}'.`,
    )
  }
}

export function show(what: Resource, record: Attributes): OneResult {
  const entries = Object.entries(record)
    .filter(([name]) => name !== 'tenant_id' || record.project_id === undefined)
    .map(([name, value]) => [what.renamed?.[name] ?? name, what.cells?.[name]?.(value) ?? value] as const)
  return { kind: 'one', fields: fieldsOf(Object.fromEntries(entries)) }
}

export function target(what: Resource, help = ''): ReturnType<typeof positional> {
  return { ...positional(`<${what.metavar}>`, help || 'name or ID'), key: 'target' }
}

export function showCommand(what: Resource, summary: string): Command {
  return {
    summary,
    positionals: [target(what)],
    output: 'one',
    async run(context, args) {
      const id = await idOf(context, what, args.need('target'))
      return show(what, (await context.session.network.show(what.path, id)) as unknown as Attributes)
    },
  }
}

/** Deletes all it can and fails at the end when something was left. */
export function deleteCommand(what: Resource, summary: string): Command {
  return {
    summary,
    positionals: [{ ...target(what), rest: true }],
    async run(context, args) {
      const targets = args.texts('target')
      let failed = 0
      let last: unknown
      for (const one of targets) {
        try {
          await context.session.network.remove(what.path, await idOf(context, what, one))
        } catch (error) {
          failed++
          last = error
          if (targets.length > 1) context.io.err(`Failed to delete '${one}': ${(error as Error).message}\n`)
        }
      }
      if (failed > 0 && targets.length === 1) throw last
      if (failed > 0) throw new CommandFailure(`${failed} of ${targets.length} failed to delete.`)
      return NOTHING
    },
  }
}

export interface ListSpec {
  readonly summary: string
  readonly options?: readonly Option[]
  readonly columns: Columns<Attributes>
  /** more columns with `--long` */
  readonly long?: Columns<Attributes>
  /** filters by another object's id: the option's key -> the attribute, and what the option names by name or id */
  readonly named?: Readonly<Record<string, readonly [attribute: string, what: Resource]>>
  readonly query?: (context: Context, args: ParsedArgs) => Promise<Query>
}

export function listCommand(what: Resource, spec: ListSpec): Command {
  return {
    summary: spec.summary,
    options: [...(spec.options ?? []), ...(spec.long ? [flag('--long', 'more columns')] : [])],
    output: 'list',
    async run(context, args) {
      const query = {
        ...attributeFilters(args),
        ...(await projectQuery(context, args)),
        ...(await namedFilters(context, args, spec.named ?? {})),
        ...(await spec.query?.(context, args)),
      }
      const found = (await context.session.network.list(what.path, query)) as unknown as Attributes[]
      return tableOf(found, args.flag('long') ? { ...spec.columns, ...spec.long } : spec.columns)
    },
  }
}

/** Filters that most lists have, under the attributes' names. */
export const NAME_FILTERS: readonly Option[] = [
  text('--name', 'with this name', { key: 'filter:name' }),
  text('--project', 'of this project, by ID or name', { key: 'project' }),
  text('--project-domain', '', { hidden: true }),
  text('--tags', 'with these tags, separated by commas', { key: 'filter:tags' }),
]

/** Options whose key begins with `filter:`. */
function attributeFilters(args: ParsedArgs): Query {
  const filters = [...args.values].filter(([key]) => key.startsWith('filter:'))
  return Object.fromEntries(filters.map(([key, value]) => [key.slice('filter:'.length), String(value)]))
}

async function namedFilters(context: Context, args: ParsedArgs, named: NonNullable<ListSpec['named']>): Promise<Query> {
  const given = Object.entries(named).filter(([key]) => args.has(key))
  const ids = given.map(async ([key, [attribute, what]]) => [attribute, await idOf(context, what, args.need(key))])
  return Object.fromEntries(await Promise.all(ids))
}

/** `project_id` of `--project`, looked up by name where it is no id. */
export async function projectQuery(context: Context, args: ParsedArgs): Promise<Query> {
  const project = args.text('project')
  return project === undefined
    ? {}
    : { project_id: await (await import('./identity-lookup.js')).projectId(context, project) }
}

export const PROJECT: readonly Option[] = [
  text('--project', "owner's project, by name or ID", { key: '_project' }),
  text('--project-domain', '', { hidden: true, key: '_project_domain' }),
]

export const TAGS: readonly Option[] = [
  text('--tag', 'a tag', { key: '_tags', repeat: true }),
  flag('--no-tag', 'forget the tags it has', { key: '_no_tags' }),
]

/** Puts tags on a resource that was just made or changed; adds to those it has unless they are to go. */
export async function writeTags(context: Context, what: Resource, id: string, args: ParsedArgs): Promise<boolean> {
  const tags = args.texts('_tags')
  if (tags.length === 0 && !args.flag('_no_tags')) return false
  const path = `/v2.0/${what.path}/${id}/tags`
  const before = args.flag('_no_tags') ? [] : (await context.session.network.get<{ tags: string[] }>(path)).tags
  await context.session.network.put(path, { tags: [...new Set([...before, ...tags])] })
  return true
}
