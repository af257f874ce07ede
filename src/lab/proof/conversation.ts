import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Cloud } from './cloud.js'
import { Unexpected } from './expect.js'
import { argvAt, type Place } from './places.js'

/** A program at a place that answers a line with a line, until its input ends. */
export interface Conversation {
  /** the next line it prints after it was given this one */
  ask(line?: string): Promise<string>
  end(): Promise<void>
}

/** Starts a program that first prints a line (`listening`, `connected`); rejects when it ends before. */
export async function converse(cloud: Cloud, place: Place, argv: readonly string[]): Promise<Conversation> {
  const [file = '', ...args] = await argvAt(cloud, place, argv)
  const child = spawn(file, args, { stdio: 'pipe' })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const line = await lines.next()
    if (line.done) throw new Unexpected(`'${argv.join(' ')}' ended: ${errors.trim()}`)
    return line.value
  }
  await next()
  return {
    ask(line = '') {
      child.stdin.write(`${line}\n`)
      return next()
    },
    end: () => ended(child),
  }
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null) return
  const over = once(child, 'exit')
  child.stdin.end()
  await over
}
