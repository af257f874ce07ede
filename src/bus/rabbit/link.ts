import type { Envelope, EnvelopeType } from './envelope.js'

/** How one side of a session keeps it: how often it says that it is there, and how long it bears the other's silence. */
export interface Patience {
  readonly pingMs: number
  readonly silenceMs: number
}

/**
 * An agent pings often, since a ping that comes back is how it notices that its server is dead; one that hangs is noticed by
 * its silence, within 10 to 15 s. The server gives up first, and an agent later than the server can: a server that was stopped for a while and wakes finds either that the
 * agent has been silent for too long, or that the agent still waits for it. So no server takes what an agent said before
 * it went to another one.
 */
export const AGENT_PATIENCE: Patience = { pingMs: 3_000, silenceMs: 12_000 }
export const SERVER_PATIENCE: Patience = { pingMs: 2_000, silenceMs: 9_500 }

export interface LinkOptions {
  readonly session: string
  /** queue of the other side */
  readonly peer: string
  /** our own queue and process */
  readonly replyTo: string
  readonly sender: string
  readonly patience: Patience
  /** milliseconds; for tests */
  readonly now?: () => number
}

/** One side of a session: numbers what it sends, and checks that nothing of the other side is missing or repeated. */
export class Link {
  readonly session: string
  readonly peer: string
  readonly #options: LinkOptions
  readonly #now: () => number
  #sent = 0
  #received = 0
  #heardAt: number

  constructor(options: LinkOptions) {
    this.session = options.session
    this.peer = options.peer
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#heardAt = this.#now()
  }

  /** Around the next thing to send. */
  next(type: EnvelopeType): Envelope {
    const { session, replyTo, sender } = this.#options
    return { type, session, number: ++this.#sent, replyTo, sender }
  }

  /** `lost`: something before it is missing, or it comes after so long a silence that the other side has given up. */
  take({ number }: Envelope): 'next' | 'repeated' | 'lost' {
    if (this.silent) return 'lost'
    if (number <= this.#received) return 'repeated'
    if (number !== this.#received + 1) return 'lost'
    this.#received = number
    this.#heardAt = this.#now()
    return 'next'
  }

  get silent(): boolean {
    return this.#now() - this.#heardAt > this.#options.patience.silenceMs
  }
}
