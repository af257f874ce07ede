import { createHash } from 'node:crypto'

/** Longest life of an answer unless configured, and of a refusal (a refused token never becomes valid). */
const VALID_MS = 300_000
const INVALID_MS = 30_000
const MAX_ENTRIES = 10_000

interface Entry<T> {
  /** null: the token was refused */
  readonly value: T | null
  readonly until: number
}

/**
 * What the identity service said of tokens, by hash: a memory dump or a log of the cache holds no token. Requests
 * that come together with the same unknown token ask once.
 */
export class TokenCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #asking = new Map<string, Promise<T | null>>()
  readonly #now: () => number
  readonly #validMs: number

  constructor(now: () => number = Date.now, validMs: number = VALID_MS) {
    this.#now = now
    this.#validMs = validMs
  }

  /** `ask` answers with a value and when it expires (ms since the epoch), or null. Its failures are not remembered. */
  async get(token: string, ask: () => Promise<{ value: T; expires: number } | null>): Promise<T | null> {
    const key = createHash('sha256').update(token).digest('base64')
    const entry = this.#entries.get(key)
    if (entry && entry.until > this.#now()) return entry.value
    const running = this.#asking.get(key)
    if (running) return running
    const answer = ask()
      .then((found) => this.#remember(key, found))
      .finally(() => this.#asking.delete(key))
    this.#asking.set(key, answer)
    return answer
  }

  #remember(key: string, found: { value: T; expires: number } | null): T | null {
    const now = this.#now()
    const until = found ? Math.min(found.expires, now + this.#validMs) : now + INVALID_MS
    this.#entries.delete(key)
    this.#entries.set(key, { value: found?.value ?? null, until })
    // the oldest answer goes first: insertion order is age
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value!)
    return found?.value ?? null
  }
}
