import { requestJson } from './http.js'

export interface Credentials {
  readonly auth_url: string | null
  readonly username: string | null
  readonly password: string | null
  readonly project_name: string
  readonly user_domain_name: string
  readonly user_domain_id: string | null
  readonly project_domain_name: string
  readonly project_domain_id: string | null
  readonly region_name: string | null
}

/** What Keystone says of a token, as far as it is needed here. */
export interface TokenData {
  readonly user: { readonly id: string; readonly name: string }
  readonly project?: { readonly id: string; readonly name: string }
  readonly roles?: readonly { readonly name: string }[]
  readonly expires_at: string
  readonly catalog?: readonly {
    readonly type: string
    readonly endpoints: readonly {
      readonly interface: string
      readonly region_id: string | null
      readonly url: string
    }[]
  }[]
}

export class KeystoneError extends Error {
  override name = 'KeystoneError'
}

/** A token is renewed this long before it ends, so that it does not end under way. */
const RENEW_BEFORE_MS = 60_000

/** A service user's session: one token, renewed in time, shared by all who ask. */
export class KeystoneSession {
  readonly #credentials: Credentials
  #current: { token: string; data: TokenData } | null = null
  #pending: Promise<{ token: string; data: TokenData }> | null = null

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  /** base URL of the Identity API, `…/v3` */
  get url(): string {
    const url = this.#credentials.auth_url
    if (!url) throw new KeystoneError('auth_url is not configured')
    return `${url.replace(/\/+$/, '').replace(/\/v(3|2\.0)$/, '')}/v3`
  }

  async token(): Promise<string> {
    return (await this.#valid()).token
  }

  /** The token was refused: get another one next time. */
  invalidate(token: string): void {
    if (this.#current?.token === token) this.#current = null
  }

  /** Endpoint of a service type from the catalog, by preference of `interfaces`. */
  async endpoint(type: string, interfaces: readonly string[]): Promise<string> {
    const { data } = await this.#valid()
    const region = this.#credentials.region_name
    const candidates = (data.catalog ?? [])
      .filter((service) => service.type === type)
      .flatMap((service) => service.endpoints)
      .filter((endpoint) => region === null || endpoint.region_id === region)
    for (const wanted of interfaces) {
      const found = candidates.find((endpoint) => endpoint.interface === wanted)
      if (found) return found.url.replace(/\/+$/, '')
    }
    throw new KeystoneError(`the catalog has no ${type} endpoint for ${interfaces.join(', ')}`)
  }

  async #valid(): Promise<{ token: string; data: TokenData }> {
    if (this.#current && Date.parse(this.#current.data.expires_at) - RENEW_BEFORE_MS > Date.now()) return this.#current
    this.#pending ??= this.#authenticate().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #authenticate(): Promise<{ token: string; data: TokenData }> {
    const c = this.#credentials
    const domain = (id: string | null, name: string) => (id ? { id } : { name })
    const user = { name: c.username, password: c.password, domain: domain(c.user_domain_id, c.user_domain_name) }
    const project = { name: c.project_name, domain: domain(c.project_domain_id, c.project_domain_name) }
    const body = { auth: { identity: { methods: ['password'], password: { user } }, scope: { project } } }
    const response = await requestJson({ method: 'POST', url: `${this.url}/auth/tokens`, body })
    const token = response.headers['x-subject-token']
    if (response.status !== 201 || typeof token !== 'string')
      throw new KeystoneError(`authentication of ${c.username} failed with ${response.status}`)
    this.#current = { token, data: (response.body as { token: TokenData }).token }
    return this.#current
  }
}

const CACHE_MS = 10_000
const CACHE_AT_MOST = 1_000

/** Validates clients' tokens; an answer is believed for a few seconds. */
export class TokenValidator {
  readonly #session: KeystoneSession
  readonly #cache = new Map<string, { until: number; data: TokenData }>()

  constructor(session: KeystoneSession) {
    this.#session = session
  }

  /** null: not a valid token */
  async validate(token: string): Promise<TokenData | null> {
    const known = this.#cache.get(token)
    if (known && known.until > Date.now()) return known.data
    this.#cache.delete(token)
    const data = await this.#ask(token)
    if (data) this.#remember(token, data)
    return data
  }

  async #ask(token: string, again = true): Promise<TokenData | null> {
    const own = await this.#session.token()
    const headers = { 'x-auth-token': own, 'x-subject-token': token }
    const response = await requestJson({ method: 'GET', url: `${this.#session.url}/auth/tokens?nocatalog`, headers })
    if (response.status === 401 && again) {
      this.#session.invalidate(own)
      return this.#ask(token, false)
    }
    if (response.status === 200) return (response.body as { token: TokenData }).token
    if (response.status === 404 || response.status === 401) return null
    throw new KeystoneError(`token validation failed with ${response.status}`)
  }

  #remember(token: string, data: TokenData): void {
    if (this.#cache.size >= CACHE_AT_MOST) this.#cache.clear()
    this.#cache.set(token, { data, until: Math.min(Date.now() + CACHE_MS, Date.parse(data.expires_at)) })
  }
}
