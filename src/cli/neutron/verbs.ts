import type { ParsedArgs } from '../args/parsed.js'
import { flag, type Option, type Positional, positional, text } from '../args/spec.js'
import { parseUnknownOptions } from '../args/unknown-options.js'
import { attributesOf } from '../common/attributes.js'
import { type Command, CommandFailure, type Context } from '../common/command.js'
import { textResult } from '../output/result.js'
import { type Attributes, idOf, itemPath, presentOne, type Resource } from './resource.js'

type Body = Record<string, unknown>

/** Options of every show. */
const SHOW_OPTIONS: readonly Option[] = [
  flag('-D --show-details', 'show all attributes', { key: 'all_attributes' }),
  text('-F --field', 'ask the server for this attribute only', { repeat: true }),
  text('--request-format', '', { hidden: true, choices: ['json'] }),
]

const REQUEST_FORMAT = text('--request-format', '', { hidden: true, choices: ['json'], key: '_format' })

/** Whose resource it is, when an administrator makes it for somebody. */
export const TENANT_ID = text('--tenant-id --project-id', 'ID of the owner', { key: 'tenant_id' })

export interface WriteSpec {
  readonly summary: string
  readonly positionals?: readonly Positional[]
  readonly options: readonly Option[]
  /** looks names up and adds what is not simply an option's value */
  readonly complete?: (context: Context, args: ParsedArgs, body: Body) => Promise<void>
}

/** `complete` of resources whose only positional is their name. */
export async function nameFirst(_: Context, args: ParsedArgs, body: Body): Promise<void> {
  body.name = args.need('name')
}

async function bodyOf(context: Context, args: ParsedArgs, spec: WriteSpec): Promise<Body> {
  const body = attributesOf(spec.options, args)
  await spec.complete?.(context, args, body)
  return { ...body, ...parseUnknownOptions(args.unknown) }
}

export function createCommand(what: Resource, spec: WriteSpec): Command {
  return {
    summary: spec.summary,
    positionals: spec.positionals ?? [positional('NAME', 'its name')],
    options: [...spec.options, REQUEST_FORMAT],
    collectUnknown: true,
    output: 'one',
    async run(context, args) {
      const body = await bodyOf(context, args, spec)
      const reply = await context.session.network.post<Record<string, Attributes>>(`/v2.0/${what.path}`, {
        [what.key]: body,
      })
      return presentOne(what, reply[what.key] ?? {}, context.output, { title: `Created a new ${what.key}:` })
    },
  }
}

export function updateCommand(what: Resource, spec: WriteSpec): Command {
  return {
    summary: spec.summary,
    positionals: [{ ...positional(what.metavar, 'its ID or name'), key: '_target' }],
    options: [...spec.options, REQUEST_FORMAT],
    collectUnknown: true,
    async run(context, args) {
      const target = args.need('_target')
      const body = await bodyOf(context, args, spec)
      if (Object.keys(body).length === 0) throw new CommandFailure(`Must specify new values to update ${what.key}`)
      const id = await idOf(context, what, target)
      await context.session.network.put(itemPath(what, id), { [what.key]: body })
      return textResult(`Updated ${what.key}: ${target}`)
    },
  }
}

export function showCommand(what: Resource, summary: string, indent?: number): Command {
  return {
    summary,
    positionals: [{ ...positional(what.metavar, 'its ID or name'), key: '_target' }],
    options: SHOW_OPTIONS,
    output: 'one',
    async run(context, args) {
      const id = await idOf(context, what, args.need('_target'))
      const fields = args.texts('field')
      const query = fields.length > 0 ? { fields } : {}
      const reply = await context.session.network.get<Record<string, Attributes>>(itemPath(what, id), query)
      // Attributes that were asked for by name are all shown.
      const output = { ...context.output, allAttributes: context.output.allAttributes || fields.length > 0 }
      const result = presentOne(what, reply[what.key] ?? {}, output, { indent })
      return fields.length > 0 ? { ...result, fields: result.fields.map((one) => ({ ...one, extra: false })) } : result
    },
  }
}

/** Deletes one or several; stops at none, and fails at the end with everything that went wrong. */
export function deleteCommand(what: Resource, summary: string): Command {
  return {
    summary,
    positionals: [{ ...positional(what.metavar, 'its ID or name'), key: '_target', rest: true }],
    options: [REQUEST_FORMAT],
    async run(context, args) {
      const targets = args.texts('_target')
      const outcomes = await Promise.allSettled(
        targets.map(async (target) => {
          const id = await idOf(context, what, target)
          await context.session.network.delete(itemPath(what, id))
        }),
      )
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
      const done = targets.filter((_, i) => outcomes[i]?.status === 'fulfilled')
      const lines = done.map((target) => `Deleted ${what.key}: ${target}`)
      if (failed.length === 0) return textResult(lines.join('\n'))
      if (lines.length > 0) context.io.out(`${lines.join('\n')}\n`)
      if (failed.length === 1) throw failed[0]!.reason
      throw new CommandFailure(failed.map((outcome) => (outcome.reason as Error).message).join('\n'))
    },
  }
}
