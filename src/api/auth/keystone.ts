/** Tokens validated by the identity service (Keystone v3, `GET /v3/auth/tokens`). */
import type { Logger } from '../../base/log.js'
import { IdentityError } from '../../client/errors.js'
import { ServiceSession, type ServiceUser } from '../../client/service-session.js'
import type { Identity } from '../context.js'
import { serviceUnavailable } from '../faults.js'
import { type Authenticator, Unauthorized } from './authenticator.js'
import { TokenCache } from './token-cache.js'

/** [keystone_authtoken] */
export interface KeystoneOptions {
  readonly user: ServiceUser
  /** what clients are told in WWW-Authenticate */
  readonly authUri: string
  /** milliseconds for which an answer about a token is used again */
  readonly cacheMs?: number
}

const CONNECTION = { timeout: 10_000, maxSockets: 16 } as const

export class KeystoneAuthenticator implements Authenticator {
  readonly #authUri: string
  readonly #session: ServiceSession
  readonly #cache: TokenCache<Identity>
  readonly #log: Logger
  /** one failed sign-in is the failure of all who waited for it: it is logged once */
  readonly #logged = new WeakSet<IdentityError>()

  constructor({ user, authUri, cacheMs }: KeystoneOptions, log: Logger, now: () => number = Date.now) {
    this.#authUri = authUri
    this.#session = new ServiceSession(user, { ...CONNECTION, now })
    this.#cache = new TokenCache(now, cacheMs)
    this.#log = log
  }

  async authenticate(headers: { readonly 'x-auth-token'?: string | string[] }): Promise<Identity> {
    const token = headers['x-auth-token']
    const identity =
      typeof token === 'string' && token !== '' ? await this.#cache.get(token, () => this.#validate(token)) : null
    if (identity) return identity
    throw new Unauthorized(this.#authUri)
  }

  /** Signs in, which takes as long as the hash of a password. */
  async warmUp(): Promise<void> {
    await this.#session.token().catch((error) => this.#report(error))
  }

  close(): void {
    this.#session.close()
  }

  /** Null for a token that is not valid. */
  async #validate(token: string): Promise<{ value: Identity; expires: number } | null> {
    try {
      const answer = await this.#session.validate(token)
      if (answer === 'unknown') return null
      if (answer === 'refused') throw new IdentityError('token validation was answered with 401')
      const { userId, projectId, roles, expiresAt } = answer
      return { value: { userId, projectId: projectId ?? '', roles }, expires: Date.parse(expiresAt) }
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error
      this.#report(error)
      throw serviceUnavailable('The Keystone service is temporarily unavailable.')
    }
  }

  #report(error: IdentityError): void {
    if (!this.#logged.has(error)) this.#log.error({ why: error.message }, 'identity service cannot be asked')
    this.#logged.add(error)
  }
}
