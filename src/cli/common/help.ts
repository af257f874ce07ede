import { entry, helpText } from '../args/usage.js'
import { argSpecOf } from './command.js'
import { GLOBAL_OPTIONS } from './global-options.js'
import type { Io } from './io.js'
import { findCommand, type Program } from './program.js'

/** Help of one command, of all commands that begin with some words, or of the program. */
export async function printHelp(program: Program, words: readonly string[], io: Io): Promise<number> {
  const name = words.filter((word) => !word.startsWith('-')).join(' ')
  const names = Object.keys(program.index).sort()
  const group = names.filter((one) => one.startsWith(`${name} `))
  if (name === '') io.out(programHelp(program, names))
  else if (group.length > 0 && !Object.hasOwn(program.index, name))
    io.out(`${commandLines(program, group).join('\n')}\n`)
  else io.out(await commandHelp(program, words))
  return 0
}

async function commandHelp(program: Program, words: readonly string[]): Promise<string> {
  const { name, entry: found } = findCommand(program, words)
  const command = await found.load()
  return helpText(`${program.name} ${name}`, command.summary, argSpecOf(command))
}

function commandLines(program: Program, names: readonly string[]): string[] {
  const column = Math.min(36, Math.max(...names.map((name) => name.length)) + 6)
  return names.map((name) => entry(name, program.index[name]?.summary ?? '', column))
}

function programHelp(program: Program, names: readonly string[]): string {
  const options = GLOBAL_OPTIONS.filter((option) => !option.hidden)
  return [
    `usage: ${program.name} [options] <command> [arguments]`,
    '',
    program.about,
    '',
    'options:',
    ...options.map((option) => entry(option.flags.join(', '), option.help ?? '', 34)),
    '',
    `commands (see '${program.name} help <command>'):`,
    ...commandLines(program, names),
    '',
  ].join('\n')
}
