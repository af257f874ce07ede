import type { Logger } from '../base/log.js'
import type { Store } from './store.js'

const FIRST_MS = 60_000
const EVERY_MS = 3_600_000

export interface RetentionOptions {
  /** 0 or less: records are kept for ever */
  readonly maxDays: number
  readonly log: Logger
  readonly firstMs?: number
  readonly everyMs?: number
}

/** Keeps the change log short from now on; returns how to stop. Several servers may do so: each deletes what is left. */
export function keepLogShort(store: Store, options: RetentionOptions): () => Promise<void> {
  const { maxDays, log, firstMs = FIRST_MS, everyMs = EVERY_MS } = options
  if (maxDays <= 0) return async () => {}
  let running: Promise<void> = Promise.resolve()
  const prune = async () => {
    try {
      const count = await store.prune(maxDays)
      if (count > 0) log.info({ count, maxDays }, 'old records of the change log are deleted')
    } catch (error) {
      log.warn({ err: error }, 'the change log could not be shortened')
    }
  }
  const next = (ms: number) =>
    setTimeout(() => {
      running = prune().then(() => {
        timer = next(everyMs)
      })
    }, ms).unref()
  let timer = next(firstMs)
  return async () => {
    clearTimeout(timer)
    await running
    clearTimeout(timer)
  }
}
