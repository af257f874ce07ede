import { FakeCloud } from '../../client/cloud.fake.js'
import type { Io } from './io.js'
import { type Program, runProgram } from './program.js'
import { splitWords } from './words.js'

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs one command line of a program against a fake cloud. */
export async function run(
  program: Program,
  cloud: FakeCloud,
  line: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  let out = ''
  let err = ''
  const io: Io = {
    env: { ...cloud.env, ...env },
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    directory: '/nonexistent',
    home: '/nonexistent',
  }
  const code = await runProgram(program, splitWords(line), io)
  return { code, out, err }
}

/** A started cloud, stopped when `body` has ended. */
export async function withCloud(body: (cloud: FakeCloud) => Promise<void>): Promise<void> {
  const cloud = new FakeCloud()
  await cloud.start()
  try {
    await body(cloud)
  } finally {
    await cloud.stop()
  }
}
