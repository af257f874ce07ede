import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** argv that runs a command somewhere: in an instance, a node, a namespace. */
export type Place = (argv: readonly string[]) => Promise<readonly string[]>

const LONGEST_MS = 20_000

/** The load program, compiled for this run. */
export function compileLoad(): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'eastwest-bench-'))
  const path = join(directory, 'load')
  const source = join(import.meta.dirname, 'load.c')
  const { status, stderr, error } = spawnSync('gcc', ['-O2', '-o', path, source], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the load program needs gcc: ${error?.message ?? stderr}`)
  return { path, remove: () => rmSync(directory, { recursive: true }) }
}

/** Runs a server at one place and, when it listens, a client at another; resolves to what each printed. */
export async function talk(
  server: { readonly at: Place; readonly argv: readonly string[] },
  client: { readonly at: Place; readonly argv: readonly string[] },
): Promise<{ readonly server: string; readonly client: string }> {
  const listening = run(await server.at(server.argv))
  await listening.said('listening')
  const calling = run(await client.at(client.argv))
  const [heard, said] = await Promise.all([listening.done, calling.done])
  return { server: heard.replace('listening', '').trim(), client: said.trim() }
}

function run(argv: readonly string[]) {
  const [file = '', ...args] = argv
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS, killSignal: 'SIGKILL' })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const done = new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${argv.join(' ')}: ${errors}`))))
  })
  // whoever only waits for the first words hears of the end too
  done.catch(() => {})
  const said = (word: string) =>
    new Promise<void>((resolve, reject) => {
      child.stdout.on('data', () => output.includes(word) && resolve())
      done.then(() => reject(new Error(`${argv.join(' ')} ended`)), reject)
    })
  return { done, said }
}
