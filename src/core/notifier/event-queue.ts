import type { ServerEvent } from './event.js'

/** Nova waits that long for a port, unless it is told otherwise (`vif_plugging_timeout`): later nobody listens. */
const MAX_AGE_MS = 300_000
const MAX_WAITING = 10_000
/** Nova takes bodies of up to 112 KiB (`osapi_max_request_body_size`); an event has less than 250 bytes. */
const BATCH = 300

interface Waiting {
  readonly event: ServerEvent
  readonly since: number
}

/** Events that nova is to be told, in their order. */
export class EventQueue {
  #waiting: Waiting[] = []
  readonly #maxAge: number

  constructor(maxAge = MAX_AGE_MS) {
    this.#maxAge = maxAge
  }

  /** Resolves to how many of the oldest had to go for want of room. */
  add(events: readonly ServerEvent[], now: number): number {
    this.#waiting.push(...events.map((event) => ({ event, since: now })))
    return this.#waiting.splice(0, Math.max(0, this.#waiting.length - MAX_WAITING)).length
  }

  /** Drops what is too old; how many. */
  expire(now: number): number {
    const young = this.#waiting.filter(({ since }) => now - since < this.#maxAge)
    const dropped = this.#waiting.length - young.length
    this.#waiting = young
    return dropped
  }

  /** The oldest ones, as many as go into one request. */
  next(): readonly ServerEvent[] {
    return this.#waiting.slice(0, BATCH).map(({ event }) => event)
  }

  /** These were told, or will not be. */
  remove(events: readonly ServerEvent[]): void {
    const gone = new Set(events)
    this.#waiting = this.#waiting.filter(({ event }) => !gone.has(event))
  }

  get size(): number {
    return this.#waiting.length
  }
}
