import { setTimeout as delay } from 'node:timers/promises'
import { CommandFailed, Unexpected } from './expect.js'

const PATIENCE_MS = 15_000

/** How long to wait before looking again: whoever looks all the time takes the processor from what is waited for. All in ms. */
export const pauseAfter = (waitedMs: number) => Math.min(Math.max(waitedMs / 10, 10), 100)

/**
 * Polls until `check` gives something; throws with what it waited for. An error counts as nothing yet, but not an expectation
 * that did not hold.
 */
export async function until<T>(
  what: string,
  check: () => Promise<T | null | undefined | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const started = Date.now()
  let last = ''
  for (let waited = 0; waited < patienceMs; waited = Date.now() - started) {
    try {
      const value = await check()
      if (value) return value
    } catch (error) {
      if (error instanceof Unexpected && !(error instanceof CommandFailed)) throw error
      last = `: ${(error as Error).message}`
    }
    await delay(pauseAfter(waited))
  }
  throw new Unexpected(`waited ${patienceMs / 1000} s in vain for ${what}${last}`)
}
