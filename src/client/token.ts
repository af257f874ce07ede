import { authBody, type Credentials, identityRoot } from './credentials.js'
import { ApiError, CredentialsError, parseFault } from './errors.js'
import type { HttpClient } from './http.js'

export interface CatalogEndpoint {
  readonly id?: string
  readonly interface: string
  readonly region?: string
  readonly region_id?: string
  readonly url: string
}

export interface CatalogService {
  readonly id?: string
  readonly name?: string
  readonly type: string
  readonly endpoints: readonly CatalogEndpoint[]
}

/** Who a token belongs to, and until when. */
export interface TokenFacts {
  readonly expiresAt: string
  readonly userId: string
  readonly projectId: string | null
  readonly roles: readonly string[]
}

/** An issued token and what the identity service said with it. */
export interface Token extends TokenFacts {
  readonly id: string
  readonly catalog: readonly CatalogService[]
}

interface TokenBody {
  readonly token: {
    readonly expires_at: string
    readonly user: { readonly id: string }
    readonly project?: { readonly id: string }
    readonly roles?: readonly { readonly name: string }[]
    readonly catalog?: readonly CatalogService[]
  }
}

/** Asks the identity service for a token; ApiError when it refuses. */
export async function issueToken(http: HttpClient, credentials: Credentials, userAgent: string): Promise<Token> {
  if (!credentials.authUrl) throw new CredentialsError('an authentication URL is needed')
  const url = `${identityRoot(credentials.authUrl)}/auth/tokens`
  const reply = await http.send({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': userAgent },
    body: JSON.stringify(authBody(credentials)),
  })
  const id = reply.headers['x-subject-token']
  if (reply.status !== 201 || !id) {
    const requestId = reply.headers['x-openstack-request-id'] ?? ''
    throw new ApiError({ status: reply.status, ...parseFault(reply.status, reply.body), url, requestId })
  }
  return { id, ...readToken(reply.body) }
}

/** Reads the body of a reply of `/v3/auth/tokens`; without a catalog, that is empty. */
export function readToken(body: string): Omit<Token, 'id'> {
  const { token } = JSON.parse(body) as TokenBody
  return {
    expiresAt: token.expires_at,
    userId: token.user.id,
    projectId: token.project?.id ?? null,
    roles: (token.roles ?? []).map((role) => role.name),
    catalog: token.catalog ?? [],
  }
}

export interface EndpointWish {
  /** `public`, `internal`, `admin`, also in the form `publicURL`; of several the first that there is */
  readonly interface?: string | readonly string[]
  readonly region?: string
}

/** Address of a service in the catalog, without a trailing slash. */
export function endpointOf(catalog: readonly CatalogService[], type: string, wish: EndpointWish): string {
  const wanted = [wish.interface ?? 'public'].flat().map((name) => name.replace(/URL$/, ''))
  const endpoints = catalog
    .filter((service) => service.type === type)
    .flatMap((service) => service.endpoints)
    .filter((endpoint) => !wish.region || (endpoint.region_id ?? endpoint.region) === wish.region)
  for (const name of wanted) {
    const found = endpoints.find((endpoint) => endpoint.interface === name)
    if (found) return found.url.replace(/\/+$/, '')
  }
  const where = wish.region ? ` in ${wish.region} region` : ''
  throw new CredentialsError(`${wanted.join(' or ')} endpoint for ${type} service${where} not found`)
}
