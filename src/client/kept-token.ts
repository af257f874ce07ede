import type { Token } from './token.js'

export interface KeptTokenOptions {
  /** milliseconds before its end that a token is replaced, so that it does not end under way; without: never */
  readonly renewBefore?: number
  /** milliseconds since the epoch */
  readonly now?: () => number
}

/** One token: asked for when somebody needs it, shared by all who ask meanwhile, kept until it ends or is refused. */
export class KeptToken {
  readonly #ask: () => Promise<Token>
  readonly #options: KeptTokenOptions
  #current: Token | null = null
  #pending: Promise<Token> | null = null

  constructor(ask: () => Promise<Token>, options: KeptTokenOptions = {}) {
    this.#ask = ask
    this.#options = options
  }

  /** A failure is told to all who wait, and not remembered. */
  async get(): Promise<Token> {
    if (this.#current && !this.#endsSoon(this.#current)) return this.#current
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  /** This token was refused; without an id: whichever there is. One that came meanwhile is kept. */
  forget(id?: string): void {
    if (id === undefined || this.#current?.id === id) this.#current = null
  }

  async #renew(): Promise<Token> {
    this.#current = await this.#ask()
    return this.#current
  }

  #endsSoon({ expiresAt }: Token): boolean {
    const { renewBefore, now = Date.now } = this.#options
    return renewBefore !== undefined && !(Date.parse(expiresAt) - renewBefore > now())
  }
}
