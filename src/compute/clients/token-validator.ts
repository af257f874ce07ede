import type { ServiceSession } from '../../client/service-session.js'
import type { TokenFacts } from '../../client/token.js'

const CACHE_MS = 10_000
const CACHE_AT_MOST = 1_000

/** Validates clients' tokens; an answer is believed for a few seconds. */
export class TokenValidator {
  readonly #session: ServiceSession
  readonly #cache = new Map<string, { until: number; facts: TokenFacts }>()

  constructor(session: ServiceSession) {
    this.#session = session
  }

  /** null: not a valid token */
  async validate(token: string): Promise<TokenFacts | null> {
    const known = this.#cache.get(token)
    if (known && known.until > Date.now()) return known.facts
    this.#cache.delete(token)
    const answer = await this.#session.validate(token)
    if (answer === 'unknown' || answer === 'refused') return null
    this.#remember(token, answer)
    return answer
  }

  #remember(token: string, facts: TokenFacts): void {
    if (this.#cache.size >= CACHE_AT_MOST) this.#cache.clear()
    this.#cache.set(token, { facts, until: Math.min(Date.now() + CACHE_MS, Date.parse(facts.expiresAt)) })
  }
}
