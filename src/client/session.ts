import { ComputeClient } from './compute.js'
import { type Credentials, identityRoot } from './credentials.js'
import { CredentialsError } from './errors.js'
import { HttpClient, type HttpOptions } from './http.js'
import { KeptToken } from './kept-token.js'
import { NetworkClient } from './network.js'
import { type Authority, ServiceClient } from './service.js'
import { type EndpointWish, endpointOf, issueToken, type Token } from './token.js'

export interface SessionOptions extends Credentials, EndpointWish, HttpOptions {
  readonly userAgent?: string
  /** addresses of services that win over the catalog's: `{ network: 'http://…:9696' }` */
  readonly endpoints?: Readonly<Record<string, string | undefined>>
  /** the networking service's type in the catalog */
  readonly networkType?: string
}

/** One user in one project: asks for a token when the first request needs it and keeps it until it is refused. */
export interface Session {
  readonly network: NetworkClient
  readonly compute: ComputeClient
  /** paths begin with `/v3` */
  readonly identity: ServiceClient
  /** paths begin with `/v2` */
  readonly image: ServiceClient
  /** The current token with its catalog; asks for one when there is none. */
  token(): Promise<Token>
  /** Whether the catalog has a service of this type. */
  offers(type: string): Promise<boolean>
  close(): void
}

type VersionedRoot = (url: string) => string
const withoutVersion: VersionedRoot = (url) => url.replace(/\/v\d+(\.\d+)?$/, '')
const asItIs: VersionedRoot = (url) => url

export function createSession(options: SessionOptions): Session {
  return new TokenSession(options)
}

class TokenSession implements Session {
  readonly network: NetworkClient
  readonly compute: ComputeClient
  readonly identity: ServiceClient
  readonly image: ServiceClient
  readonly #options: SessionOptions
  readonly #http: HttpClient
  readonly #userAgent: string
  readonly #token: KeptToken

  constructor(options: SessionOptions) {
    this.#options = options
    this.#http = new HttpClient(options)
    this.#userAgent = options.userAgent ?? 'eastwest'
    this.#token = new KeptToken(() => issueToken(this.#http, options, this.#userAgent))
    this.network = new NetworkClient(this.#authority(options.networkType ?? 'network', withoutVersion))
    this.compute = new ComputeClient(this.#authority('compute', asItIs))
    this.identity = new ServiceClient(this.#authority('identity', withoutVersion))
    this.image = new ServiceClient(this.#authority('image', withoutVersion))
  }

  token(): Promise<Token> {
    return this.#token.get()
  }

  async offers(type: string): Promise<boolean> {
    const { catalog } = await this.token()
    return catalog.some((service) => service.type === type)
  }

  close(): void {
    this.#http.close()
  }

  #authority(type: string, versioned: VersionedRoot): Authority {
    return {
      http: this.#http,
      userAgent: this.#userAgent,
      token: () => this.#tokenId(),
      renew: (refused) => this.#renew(refused),
      root: async () => versioned((await this.#address(type)).replace(/\/+$/, '')),
    }
  }

  async #tokenId(): Promise<string | null> {
    if (this.#options.noAuth) return null
    if (this.#direct() && this.#options.token) return this.#options.token
    return (await this.token()).id
  }

  /** A token and an endpoint were given: the identity service has no part in it. */
  #direct(): boolean {
    return this.#options.endpoint !== undefined && this.#options.token !== undefined
  }

  #renew(refused: string | null): boolean {
    if (refused === null || this.#direct()) return false
    this.#token.forget(refused)
    return true
  }

  async #address(type: string): Promise<string> {
    const { endpoint, endpoints, authUrl } = this.#options
    const given = endpoints?.[type] ?? endpoint
    if (given) return given
    if (this.#options.noAuth) throw new CredentialsError(`an address of the ${type} service is needed`)
    // Identity answers where it issued the token; some catalogs list only an address for administrators.
    if (type === 'identity' && authUrl) return identityRoot(authUrl)
    return endpointOf((await this.token()).catalog, type, this.#options)
  }
}
