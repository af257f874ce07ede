import type { ServerConfig } from '../../config/server.js'

type ServiceUser = ServerConfig['nova']

/** A token and what the identity service's catalog says of the compute service. */
export interface ComputeAccess {
  readonly token: string
  /** base URL of the compute API (`http://controller:8774/v2.1`) */
  readonly endpoint: string
  readonly expiresAt: number
}

interface CatalogEntry {
  readonly type: string
  readonly endpoints: readonly {
    readonly interface: string
    readonly region_id?: string
    readonly region?: string
    readonly url: string
  }[]
}

interface TokenBody {
  readonly token: { readonly expires_at: string; readonly catalog?: readonly CatalogEntry[] }
}

const TIMEOUT_MS = 10_000

/** Signs in as the [nova] service user; throws when the identity service refuses or names no compute service. */
export async function computeAccess(user: ServiceUser): Promise<ComputeAccess> {
  const base = (user.auth_url ?? '').replace(/\/+$/, '').replace(/\/v3$/, '')
  const response = await fetch(`${base}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(passwordRequest(user)),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const token = response.headers.get('x-subject-token')
  if (!response.ok || !token) throw new Error(`the identity service answered ${response.status}`)
  const { token: body } = (await response.json()) as TokenBody
  const endpoint = user.endpoint_override ?? endpointOf(body.catalog ?? [], user)
  if (!endpoint) throw new Error('the catalog has no compute endpoint')
  return { token, endpoint: endpoint.replace(/\/+$/, ''), expiresAt: Date.parse(body.expires_at) }
}

function passwordRequest(user: ServiceUser): unknown {
  const domain = (id: string | null, name: string) => (id ? { id } : { name })
  return {
    auth: {
      identity: {
        methods: ['password'],
        password: {
          user: {
            name: user.username,
            password: user.password,
            domain: domain(user.user_domain_id, user.user_domain_name),
          },
        },
      },
      scope: {
        project: { name: user.project_name, domain: domain(user.project_domain_id, user.project_domain_name) },
      },
    },
  }
}

function endpointOf(catalog: readonly CatalogEntry[], user: ServiceUser): string | undefined {
  const wanted = user.endpoint_type.replace(/URL$/, '')
  const candidates = catalog
    .filter(({ type }) => type === 'compute')
    .flatMap(({ endpoints }) => endpoints)
    .filter((endpoint) => !user.region_name || (endpoint.region_id ?? endpoint.region) === user.region_name)
  return (candidates.find((endpoint) => endpoint.interface === wanted) ?? candidates[0])?.url
}
