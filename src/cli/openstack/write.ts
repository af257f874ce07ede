import type { ParsedArgs } from '../args/parsed.js'
import { type Option, type Positional, positional } from '../args/spec.js'
import { attributesOf } from '../common/attributes.js'
import type { Command, Context } from '../common/command.js'
import { NOTHING } from '../output/result.js'
import { type Attributes, idOf, PROJECT, type Resource, show, TAGS, target, writeTags } from './resource.js'

export type Body = Record<string, unknown>

/** Adds what is not simply an option's value; `current` is the resource as it is, for options that add to it. */
export type Complete = (
  context: Context,
  args: ParsedArgs,
  body: Body,
  current: () => Promise<Attributes>,
) => Promise<void>

export interface CreateSpec {
  readonly summary: string
  readonly positionals?: readonly Positional[]
  readonly options: readonly Option[]
  readonly complete?: Complete
}

const noCurrent = async (): Promise<Attributes> => ({})

export function createCommand(what: Resource, spec: CreateSpec): Command {
  return {
    summary: spec.summary,
    positionals: spec.positionals ?? [positional('<name>', 'its name', { key: 'name' })],
    options: [...spec.options, ...PROJECT, ...TAGS],
    output: 'one',
    async run(context, args) {
      const body = attributesOf(spec.options, args)
      if (args.has('name')) body.name = args.need('name')
      const project = args.text('_project')
      if (project !== undefined)
        body.project_id = await (await import('./identity-lookup.js')).projectId(context, project)
      await spec.complete?.(context, args, body, noCurrent)
      const made = (await context.session.network.create(what.path, body)) as unknown as Attributes
      const tagged = await writeTags(context, what, String(made.id), args)
      return show(what, tagged ? { ...made, tags: args.texts('_tags') } : made)
    },
  }
}

/** `set` and `unset`: no output; without anything to change, no request either. */
export function changeCommand(what: Resource, spec: CreateSpec): Command {
  return {
    summary: spec.summary,
    positionals: [target(what)],
    options: [...spec.options, ...TAGS],
    async run(context, args) {
      const id = await idOf(context, what, args.need('target'))
      const body = attributesOf(spec.options, args)
      const current = async () => (await context.session.network.show(what.path, id)) as unknown as Attributes
      await spec.complete?.(context, args, body, current)
      if (Object.keys(body).length > 0) await context.session.network.update(what.path, id, body)
      await writeTags(context, what, id, args)
      return NOTHING
    },
  }
}

/** Records of `list` that are equal to none of `gone`, compared by the keys that `gone` has. */
export function without(list: unknown, gone: readonly Attributes[]): unknown[] {
  const same = (one: Attributes, other: Attributes) => Object.keys(other).every((key) => one[key] === other[key])
  return (Array.isArray(list) ? list : []).filter((one: Attributes) => !gone.some((other) => same(one, other)))
}

/** What a resource has of a list attribute now. */
export async function before(current: () => Promise<Attributes>, name: string): Promise<unknown[]> {
  const value = (await current())[name]
  return Array.isArray(value) ? value : []
}
