/** Tokens validated by the identity service (Keystone v3, `GET /v3/auth/tokens`). */
import type { Logger } from '../../base/log.js'
import type { Identity } from '../context.js'
import { serviceUnavailable } from '../faults.js'
import { type Authenticator, Unauthorized } from './authenticator.js'
import { JsonClient } from './json-client.js'
import { TokenCache } from './token-cache.js'

/** [keystone_authtoken] */
export interface KeystoneOptions {
  /** with or without `/v3` */
  readonly authUrl: string
  /** what clients are told in WWW-Authenticate; default authUrl */
  readonly wwwAuthenticateUri: string | null
  readonly username: string
  readonly password: string
  readonly projectName: string
  readonly userDomain: Domain
  readonly projectDomain: Domain
}

export type Domain = { readonly id: string } | { readonly name: string }

interface TokenBody {
  readonly token: {
    readonly expires_at: string
    readonly user: { readonly id: string }
    readonly project?: { readonly id: string }
    readonly roles?: readonly { readonly name: string }[]
  }
}

const MARGIN_MS = 30_000

export class KeystoneAuthenticator implements Authenticator {
  readonly #options: KeystoneOptions
  readonly #tokensUrl: string
  readonly #client: JsonClient
  readonly #cache: TokenCache<Identity>
  readonly #log: Logger
  readonly #now: () => number
  #own: { readonly token: string; readonly expires: number } | null = null
  #signingIn: Promise<string> | null = null

  constructor(options: KeystoneOptions, log: Logger, now: () => number = Date.now) {
    this.#options = options
    this.#tokensUrl = `${v3(options.authUrl)}/auth/tokens`
    this.#client = new JsonClient(new URL(options.authUrl).protocol)
    this.#cache = new TokenCache(now)
    this.#log = log
    this.#now = now
  }

  async authenticate(headers: { readonly 'x-auth-token'?: string | string[] }): Promise<Identity> {
    const token = headers['x-auth-token']
    const identity =
      typeof token === 'string' && token !== '' ? await this.#cache.get(token, () => this.#validate(token)) : null
    if (identity) return identity
    throw new Unauthorized(this.#options.wwwAuthenticateUri ?? this.#options.authUrl)
  }

  /** Signs in, which takes as long as the hash of a password. */
  async warmUp(): Promise<void> {
    await this.#serviceToken().catch(() => {})
  }

  close(): void {
    this.#client.close()
  }

  /** Null for a token that is not valid. A refused token of our own is renewed once. */
  async #validate(token: string): Promise<{ value: Identity; expires: number } | null> {
    let response = await this.#ask(token)
    if (response.status === 401) {
      this.#own = null
      response = await this.#ask(token)
    }
    if (response.status === 404) return null
    if (response.status !== 200) throw this.#unavailable(`token validation was answered with ${response.status}`)
    const { token: body } = response.body as TokenBody
    const identity = {
      userId: body.user.id,
      projectId: body.project?.id ?? '',
      roles: (body.roles ?? []).map(({ name }) => name),
    }
    return { value: identity, expires: Date.parse(body.expires_at) }
  }

  async #ask(token: string) {
    const own = await this.#serviceToken()
    return this.#send('GET', `${this.#tokensUrl}?nocatalog`, { 'X-Auth-Token': own, 'X-Subject-Token': token })
  }

  async #serviceToken(): Promise<string> {
    if (this.#own && this.#own.expires - MARGIN_MS > this.#now()) return this.#own.token
    this.#signingIn ??= this.#signIn().finally(() => {
      this.#signingIn = null
    })
    return this.#signingIn
  }

  async #signIn(): Promise<string> {
    const { username, password, projectName, userDomain, projectDomain } = this.#options
    const response = await this.#send(
      'POST',
      this.#tokensUrl,
      {},
      {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: username, password, domain: userDomain } },
          },
          scope: { project: { name: projectName, domain: projectDomain } },
        },
      },
    )
    const token = response.headers['x-subject-token']
    if (response.status !== 201 || typeof token !== 'string') {
      throw this.#unavailable(`sign-in of ${username} was answered with ${response.status}`)
    }
    this.#own = { token, expires: Date.parse((response.body as TokenBody).token.expires_at) }
    return token
  }

  async #send(method: string, url: string, headers: Record<string, string>, body?: unknown) {
    try {
      return await this.#client.send(method, url, headers, body)
    } catch (error) {
      throw this.#unavailable((error as Error).message)
    }
  }

  #unavailable(why: string) {
    this.#log.error({ why }, 'identity service cannot be asked')
    return serviceUnavailable('The Keystone service is temporarily unavailable.')
  }
}

function v3(authUrl: string): string {
  const url = authUrl.replace(/\/+$/, '')
  return /\/v3$/.test(url) ? url : `${url.replace(/\/v2\.0$/, '')}/v3`
}
