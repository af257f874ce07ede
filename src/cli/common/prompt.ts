import { createInterface } from 'node:readline'
import type { ParsedArgs } from '../args/parsed.js'
import type { Program } from './program.js'
import { splitWords } from './words.js'

/** Reads command lines until `quit`, `exit` or the end of input; resolves with the last one's exit code. */
export async function runPrompt(
  program: Program,
  globals: ParsedArgs,
  run: (argv: readonly string[]) => Promise<number>,
): Promise<number> {
  const terminal = process.stdin.isTTY === true
  const names = [...Object.keys(program.index), 'help', 'quit', 'exit']
  const lines = createInterface({
    input: process.stdin,
    output: terminal ? process.stdout : undefined,
    prompt: `(${program.name}) `,
    completer: (line: string) => [names.filter((name) => name.startsWith(line)), line],
  })
  let code = 0
  if (terminal) lines.prompt()
  for await (const line of lines) {
    const words = splitWords(line)
    if (words[0] === 'quit' || words[0] === 'exit') break
    if (words.length > 0) code = await run([...globalTokens(globals), ...words])
    if (terminal) lines.prompt()
  }
  lines.close()
  return code
}

/** The program's own options apply to every line. */
function globalTokens(globals: ParsedArgs): string[] {
  return [...globals.values].flatMap(([key, value]) => {
    const flag = `--${key.replaceAll('_', '-')}`
    if (typeof value === 'string' || typeof value === 'number') return [`${flag}=${value}`]
    return value === true ? [flag] : []
  })
}
