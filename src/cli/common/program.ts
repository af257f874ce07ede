import { createSession, type Session, type SessionOptions } from '../../client/session.js'
import { parseArguments } from '../args/parse.js'
import type { ParsedArgs } from '../args/parsed.js'
import { UsageError } from '../args/spec.js'
import { type OutputOptions, readOutputOptions } from '../output/options.js'
import type { Result } from '../output/result.js'
import { argSpecOf, type Command, type CommandEntry, CommandFailure, type CommandIndex } from './command.js'
import { sessionOptions } from './credentials.js'
import { type CommandLine, splitCommandLine } from './global-options.js'
import { type Io, processIo } from './io.js'

/** A command-line client: its commands and its own way to print results and errors. */
export interface Program {
  readonly name: string
  readonly about: string
  readonly userAgent: string
  readonly index: CommandIndex
  /** most words a command's name has */
  readonly words: number
  readonly usesClouds: boolean
  /** without a command: a prompt, or the help text */
  readonly interactive: boolean
  readonly print: (result: Result, options: OutputOptions) => string
  /** what to write to stderr, without a final line break */
  readonly explain: (error: unknown) => string
}

/** Runs one command line; resolves with the exit code: 0, 1 for any failure, 2 for wrong usage. */
export async function runProgram(program: Program, argv: readonly string[], io: Io): Promise<number> {
  const sessions = new SessionHolder(program, io)
  try {
    return await runLine(program, argv, io, sessions)
  } finally {
    sessions.close()
  }
}

/** Runs the program on this process's arguments. */
export async function main(program: Program): Promise<void> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  process.exitCode = await runProgram(program, process.argv.slice(2), processIo())
}

/** One command line of a shell prompt or of the process; reports its own failures. */
export async function runLine(
  program: Program,
  argv: readonly string[],
  io: Io,
  sessions: SessionHolder,
): Promise<number> {
  try {
    const line = splitCommandLine(argv)
    const code = await inform(program, line, io, sessions)
    return code ?? (await runCommand(program, line, io, sessions))
  } catch (error) {
    io.err(`${program.explain(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

/** Answers what needs no cloud: version, help, a prompt. Undefined: there is a command to run. */
async function inform(
  program: Program,
  line: CommandLine,
  io: Io,
  sessions: SessionHolder,
): Promise<number | undefined> {
  if (line.globals.flag('version')) {
    io.out(`${program.name} ${(await import('../../base/daemon.js')).packageVersion()}\n`)
    return 0
  }
  const [first, ...others] = line.rest
  const bare = first === undefined
  if (line.globals.flag('help') || first === 'help' || (bare && !program.interactive)) {
    return (await import('./help.js')).printHelp(program, first === 'help' ? others : line.rest, io)
  }
  if (!bare) return undefined
  const run = (argv: readonly string[]) => runLine(program, argv, io, sessions)
  return (await import('./prompt.js')).runPrompt(program, line.globals, run)
}

async function runCommand(program: Program, line: CommandLine, io: Io, sessions: SessionHolder): Promise<number> {
  const { name, entry, rest } = findCommand(program, line.rest)
  const end = rest.indexOf('--')
  if (rest.slice(0, end < 0 ? undefined : end).some((token) => token === '-h' || token === '--help')) {
    return (await import('./help.js')).printHelp(program, name.split(' '), io)
  }
  const command = await entry.load()
  const args = await readArguments(program, name, command, rest, io)
  if (args === null) return 2
  const output = readOutputOptions(args, io.env, io.columns)
  const context = { io, output, session: await sessions.open(line.globals) }
  const text = program.print(await command.run(context, args), output)
  if (text !== '') io.out(text)
  return 0
}

/** Null after the usage was printed: the arguments do not fit. */
async function readArguments(
  program: Program,
  name: string,
  command: Command,
  argv: readonly string[],
  io: Io,
): Promise<ParsedArgs | null> {
  const spec = argSpecOf(command)
  try {
    return parseArguments(spec, argv)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const title = `${program.name} ${name}`
    const { usageText } = await import('../args/usage.js')
    io.err(`${usageText(title, spec)}\n${title}: error: ${error.message}\n`)
    return null
  }
}

/** The command with the most words that the line begins with. */
export function findCommand(
  program: Program,
  tokens: readonly string[],
): { name: string; entry: CommandEntry; rest: readonly string[] } {
  for (let words = Math.min(program.words, tokens.length); words > 0; words--) {
    const name = tokens.slice(0, words).join(' ')
    const entry = Object.hasOwn(program.index, name) ? program.index[name] : undefined
    if (entry) return { name, entry, rest: tokens.slice(words) }
  }
  throw new CommandFailure(unknownCommand(program, tokens))
}

/** Names the commands that begin with the same words. */
function unknownCommand(program: Program, tokens: readonly string[]): string {
  const words = tokens.slice(0, program.words).filter((token) => !token.startsWith('-'))
  const similar = (count: number) =>
    Object.keys(program.index).filter((name) => name.startsWith(`${words.slice(0, count).join(' ')} `))
  const near = words.map((_, i) => similar(words.length - i)).find((names) => names.length > 0) ?? []
  const hint = near.length > 0 ? `\nDid you mean one of these?\n${near.map((name) => `  ${name}`).join('\n')}` : ''
  return `Unknown command '${words.join(' ')}', see '${program.name} help'.${hint}`
}

/** One session for all lines of a prompt, as long as they name the same cloud and user. */
export class SessionHolder {
  readonly #program: Program
  readonly #io: Io
  #open: { key: string; session: Session } | null = null

  constructor(program: Program, io: Io) {
    this.#program = program
    this.#io = io
  }

  async open(globals: ParsedArgs): Promise<Session> {
    const key = JSON.stringify([...globals.values])
    if (this.#open?.key !== key) {
      this.close()
      this.#open = { key, session: createSession(await this.#options(globals)) }
    }
    return this.#open.session
  }

  close(): void {
    this.#open?.session.close()
    this.#open = null
  }

  async #options(globals: ParsedArgs): Promise<SessionOptions> {
    const options = await sessionOptions(globals, this.#io, this.#program.usesClouds)
    return { ...options, userAgent: this.#program.userAgent, ...(await this.#tracing(globals)) }
  }

  async #tracing(globals: ParsedArgs): Promise<Partial<SessionOptions>> {
    if (!globals.flag('debug') && !this.#io.env.NEUTRONCLIENT_DEBUG) return {}
    const { replyLine, requestLine } = await import('./trace.js')
    return {
      onRequest: (request) => this.#io.err(`${requestLine(request)}\n`),
      onReply: (_, reply) => this.#io.err(`${replyLine(reply)}\n`),
    }
  }
}
