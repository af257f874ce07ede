import type { Session } from '../../client/session.js'
import type { ParsedArgs } from '../args/parsed.js'
import type { ArgSpec, Option, Positional } from '../args/spec.js'
import { LIST_OUTPUT, ONE_OUTPUT, type OutputOptions } from '../output/options.js'
import type { Result } from '../output/result.js'
import type { Io } from './io.js'

/** What a command may use. */
export interface Context {
  readonly session: Session
  readonly io: Io
  readonly output: OutputOptions
}

export interface Command {
  readonly summary: string
  readonly positionals?: readonly Positional[]
  readonly options?: readonly Option[]
  /** unknown options become attributes or filters */
  readonly collectUnknown?: boolean
  /** adds the options of a formatter */
  readonly output?: 'list' | 'one'
  run(context: Context, args: ParsedArgs): Promise<Result>
}

export type Commands = Readonly<Record<string, Command>>

/** A command that is loaded when it is called; its summary is known before. */
export interface CommandEntry {
  readonly summary: string
  load(): Promise<Command>
}

export type CommandIndex = Readonly<Record<string, CommandEntry>>

/** Entries of one module: every name with its summary. */
export function entries(
  load: () => Promise<{ readonly commands: Commands }>,
  summaries: Readonly<Record<string, string>>,
): CommandIndex {
  return Object.fromEntries(
    Object.entries(summaries).map(([name, summary]) => {
      const one = async (): Promise<Command> => {
        const command = (await load()).commands[name]
        if (!command) throw new TypeError(`command '${name}' is in the index, but not in its module`)
        return command
      }
      return [name, { summary, load: one }]
    }),
  )
}

/** The full argument list of a command, its formatter's options behind its own. */
export function argSpecOf(command: Command): ArgSpec {
  const formatter = command.output === 'list' ? LIST_OUTPUT : command.output === 'one' ? ONE_OUTPUT : []
  const own = command.options ?? []
  const taken = new Set(own.flatMap((option) => option.flags))
  const free = formatter.filter((option) => !option.flags.some((flag) => taken.has(flag)))
  return {
    positionals: command.positionals ?? [],
    options: [...own, ...free],
    collectUnknown: command.collectUnknown,
  }
}

/** A command cannot go on; its message is all there is to say. Exit code 1. */
export class CommandFailure extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CommandFailure'
  }
}
