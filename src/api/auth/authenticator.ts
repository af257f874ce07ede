import type { IncomingHttpHeaders } from 'node:http'
import type { Identity } from '../context.js'

/** Who sent a request. */
export interface Authenticator {
  /** throws `Unauthorized` without valid credentials, a 503 fault when that cannot be found out */
  authenticate(headers: IncomingHttpHeaders): Promise<Identity>
  /** does ahead of time what the first request would wait for; a failure shows in the log only */
  warmUp(): Promise<void>
  /** ends kept connections */
  close(): void
}

/** Missing or refused credentials: 401 with the place where to get better ones. */
export class Unauthorized extends Error {
  readonly authUri: string

  constructor(authUri: string) {
    super('The request you have made requires authentication.')
    this.name = 'Unauthorized'
    this.authUri = authUri
  }
}
