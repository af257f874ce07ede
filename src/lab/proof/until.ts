import { setTimeout as delay } from 'node:timers/promises'
import { Unexpected } from './expect.js'

const PATIENCE_MS = 15_000

/** Polls until `check` gives something (an error counts as nothing yet); throws with what it waited for. */
export async function until<T>(
  what: string,
  check: () => Promise<T | null | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + patienceMs
  let last = ''
  while (Date.now() < deadline) {
    try {
      const value = await check()
      if (value) return value
    } catch (error) {
      if (error instanceof Unexpected) throw error
      last = `: ${(error as Error).message}`
    }
    await delay(10)
  }
  throw new Unexpected(`waited ${patienceMs / 1000} s in vain for ${what}${last}`)
}
