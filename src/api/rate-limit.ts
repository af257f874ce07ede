import type { RequestContext } from '../core/service.js'

/** Buckets that nobody has drawn from for this long are full again, and forgotten. */
const SWEEP_MS = 60_000

interface Bucket {
  tokens: number
  at: number
}

/**
 * A limit of requests per second for each project (a token bucket that holds two seconds' worth). Services are not
 * limited: what they ask for, many projects wait for.
 */
export class RateLimit {
  readonly #perSecond: number
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()
  #swept = 0

  /** `now`: milliseconds, for tests */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
  }

  /** Takes one request of the project. Returns the seconds after which to try again, 0 when it may pass. */
  take({ projectId, isService }: Pick<RequestContext, 'projectId' | 'isService'>): number {
    if (isService) return 0
    const now = this.#now()
    this.#sweep(now)
    const bucket = this.#filled(projectId, now)
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perSecond))
    bucket.tokens -= 1
    return 0
  }

  #filled(projectId: string, now: number): Bucket {
    const most = Math.max(1, this.#perSecond * 2)
    let bucket = this.#buckets.get(projectId)
    if (!bucket) {
      bucket = { tokens: most, at: now }
      this.#buckets.set(projectId, bucket)
    }
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.at) / 1000) * this.#perSecond)
    bucket.at = now
    return bucket
  }

  #sweep(now: number): void {
    if (now - this.#swept < SWEEP_MS) return
    this.#swept = now
    for (const [projectId, { at }] of this.#buckets) if (now - at >= SWEEP_MS) this.#buckets.delete(projectId)
  }
}
