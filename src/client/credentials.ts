import { CredentialsError } from './errors.js'

/** How to prove who we are. Every text may be missing; `authBody` says which are needed. */
export interface Credentials {
  readonly authUrl?: string
  readonly username?: string
  readonly userId?: string
  readonly password?: string
  readonly userDomainName?: string
  readonly userDomainId?: string
  readonly projectName?: string
  readonly projectId?: string
  readonly projectDomainName?: string
  readonly projectDomainId?: string
  /** with authUrl: exchanged for a token of the project; with endpoint: sent as it is */
  readonly token?: string
  /** a service's address, instead of the catalog's */
  readonly endpoint?: string
  /** no identity service at all: requests carry no token (needs endpoint) */
  readonly noAuth?: boolean
}

/**
 * The v3 root of an identity address: accepts `http://host:5000`, `…/`, `…/v2.0`, `…/v3` and `…/identity/v3/auth/tokens`.
 */
export function identityRoot(authUrl: string): string {
  const trimmed = authUrl.replace(/\/+$/, '').replace(/\/auth\/tokens$/, '')
  return `${trimmed.replace(/\/v[23](\.0)?$/, '')}/v3`
}

/** Body of `POST /v3/auth/tokens`. */
export function authBody(credentials: Credentials): object {
  const scope = projectScope(credentials)
  return { auth: { identity: identityPart(credentials), ...(scope && { scope }) } }
}

function identityPart(credentials: Credentials): object {
  const { token, password } = credentials
  if (token && !password) return { methods: ['token'], token: { id: token } }
  if (!credentials.username && !credentials.userId) throw new CredentialsError('a user name or user ID is needed')
  if (password === undefined) throw new CredentialsError('a password is needed')
  const user = credentials.userId
    ? { id: credentials.userId, password }
    : { name: credentials.username, domain: domain(credentials.userDomainId, credentials.userDomainName), password }
  return { methods: ['password'], password: { user } }
}

function projectScope(credentials: Credentials): object | undefined {
  if (credentials.projectId) return { project: { id: credentials.projectId } }
  if (!credentials.projectName) return undefined
  const owner = domain(credentials.projectDomainId, credentials.projectDomainName)
  return { project: { name: credentials.projectName, domain: owner } }
}

/** Scripts written for v2.0 name no domain; they mean the one that every installation has. */
function domain(id: string | undefined, name: string | undefined): { id: string } | { name: string } {
  if (id) return { id }
  return name ? { name } : { id: 'default' }
}
