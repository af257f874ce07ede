import { type Credentials, identityRoot } from './credentials.js'
import { ApiError, ConnectError, CredentialsError, IdentityError } from './errors.js'
import { HttpClient } from './http.js'
import { KeptToken } from './kept-token.js'
import { ServiceClient } from './service.js'
import { endpointOf, issueToken, readToken, type Token, type TokenFacts } from './token.js'

/** A service's own user, by the names that its options have in the configuration files. */
export interface ServiceUser {
  readonly auth_url: string | null
  readonly username: string | null
  readonly password: string | null
  readonly project_name: string | null
  readonly user_domain_name: string
  readonly user_domain_id: string | null
  readonly project_domain_name: string
  readonly project_domain_id: string | null
  readonly region_name: string | null
}

export interface ServiceSessionOptions {
  /** milliseconds without a byte before a request is given up */
  readonly timeout?: number
  /** connections to one server at the same time; without: as many as there are requests */
  readonly maxSockets?: number
  /** milliseconds since the epoch */
  readonly now?: () => number
}

/** Which service, and where it is. */
export interface ServiceWish {
  /** in the catalog */
  readonly type: string
  /** its address, instead of the catalog's */
  readonly endpoint?: string | null
  /** `internal`, `public`, `admin` (also `publicURL`…), the first that the catalog has */
  readonly interfaces: readonly string[]
  /** paths begin with the version (`/v2.0/ports`): an address that ends in one is taken without it */
  readonly versionInPath?: boolean
}

/** What was said of a token; `unknown`: no valid one; `refused`: who asked was refused, with a new token too. */
export type Validation = TokenFacts | 'unknown' | 'refused'

const TIMEOUT_MS = 60_000
/** A token is renewed this long before it ends, so that it does not end under way. */
const RENEW_BEFORE_MS = 60_000

/** A service user's session: signs in when the first request needs it, and again before the token ends or when refused. */
export class ServiceSession {
  readonly #user: ServiceUser
  readonly #http: HttpClient
  readonly #token: KeptToken
  readonly #identity: ServiceClient

  constructor(user: ServiceUser, options: ServiceSessionOptions = {}) {
    const { timeout = TIMEOUT_MS, maxSockets, now } = options
    this.#user = user
    this.#http = new HttpClient({ timeout, maxSockets })
    this.#token = new KeptToken(() => this.#signIn(), { renewBefore: RENEW_BEFORE_MS, now })
    this.#identity = this.#client(async () => identityRoot(required(user.auth_url)))
  }

  /** The current token; IdentityError when there is none to be had. */
  async token(): Promise<string> {
    return (await this.#token.get()).id
  }

  /** The next request signs in again, and looks the services up in the new catalog. */
  forget(): void {
    this.#token.forget()
  }

  service(wish: ServiceWish): ServiceClient {
    return this.#client(async () => {
      const address = (wish.endpoint ?? (await this.#endpoint(wish))).replace(/\/+$/, '')
      return wish.versionInPath ? address.replace(/\/v\d+(\.\d+)?$/, '') : address
    })
  }

  /** Asks who a client's token belongs to; IdentityError when that cannot be found out. */
  async validate(token: string): Promise<Validation> {
    const headers = { 'X-Subject-Token': token }
    const reply = await this.#identity.send('GET', '/auth/tokens?nocatalog', { headers }).catch(asIdentityError)
    if (reply.status === 200) return readToken(reply.body)
    if (reply.status === 404) return 'unknown'
    if (reply.status === 401) return 'refused'
    throw new IdentityError(`token validation was answered with ${reply.status}`)
  }

  /** Ends the kept connections. */
  close(): void {
    this.#http.close()
  }

  #client(root: () => Promise<string>): ServiceClient {
    return new ServiceClient({
      http: this.#http,
      userAgent: 'eastwest',
      token: () => this.token(),
      renew: (refused) => {
        this.#token.forget(refused ?? undefined)
        return true
      },
      root,
    })
  }

  async #endpoint({ type, interfaces }: ServiceWish): Promise<string> {
    const { catalog } = await this.#token.get()
    return endpointOf(catalog, type, { interface: interfaces, region: this.#user.region_name ?? undefined })
  }

  async #signIn(): Promise<Token> {
    try {
      return await issueToken(this.#http, credentialsOf(this.#user), 'eastwest')
    } catch (error) {
      // the service's own words stay out: whoever reads our log wants to know which user, and what became of it
      if (error instanceof ApiError)
        throw new IdentityError(`sign-in of ${this.#user.username} was answered with ${error.status}`)
      return asIdentityError(error)
    }
  }
}

/** An address may hold a password (`http://user:password@…`): the reason is enough. */
function asIdentityError(error: unknown): never {
  throw error instanceof ConnectError ? new IdentityError(error.reason) : error
}

function required(authUrl: string | null): string {
  if (authUrl === null) throw new CredentialsError('auth_url is not configured')
  return authUrl
}

function credentialsOf(user: ServiceUser): Credentials {
  return {
    authUrl: required(user.auth_url),
    username: user.username ?? undefined,
    password: user.password ?? undefined,
    userDomainName: user.user_domain_name,
    userDomainId: user.user_domain_id ?? undefined,
    projectName: user.project_name ?? undefined,
    projectDomainName: user.project_domain_name,
    projectDomainId: user.project_domain_id ?? undefined,
  }
}
