import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ApplicationCredential } from '../application-credentials.js'
import { callerOf } from '../context.js'
import { badRequest, forbidden } from '../faults.js'
import type { Identity } from '../identity.js'
import { requireSelf } from '../policy.js'
import type { Json } from '../resources.js'
import type { Session } from '../sessions.js'
import { links } from './auth.js'
import { bodyOf } from './resources.js'

interface One {
  readonly user: string
  readonly id: string
}

/** /v3/users/{id}/application_credentials: users make them for themselves; administrators see and delete all. */
export function applicationCredentialRoutes(app: FastifyInstance, identity: Identity): void {
  const { credentials } = identity
  const list = '/v3/users/:user/application_credentials'
  app.get<{ Params: One; Querystring: { name?: string } }>(list, async (request) => {
    const { user } = request.params
    requireSelf(callerOf(identity, request), user, 'list_application_credentials')
    const found = credentials.ofUser(user, request.query.name)
    return {
      application_credentials: found.map((one) => render(identity, one)),
      links: links(`users/${user}/application_credentials`),
    }
  })
  app.get<{ Params: One }>(`${list}/:id`, async (request) => {
    const { user, id } = request.params
    requireSelf(callerOf(identity, request), user, 'get_application_credential')
    return { application_credential: render(identity, credentials.get(user, id)) }
  })
  app.post<{ Params: One }>(list, async (request, reply) => {
    const caller = callerOf(identity, request)
    if (caller.user.id !== request.params.user) throw forbidden('create_application_credential')
    requireUnrestricted(caller, 'create_application_credential')
    const made = await create(identity, caller, bodyOf(request.body, 'application_credential'))
    return reply.code(201).send({ application_credential: made })
  })
  app.delete<{ Params: One }>(`${list}/:id`, async (request, reply) => {
    const caller = callerOf(identity, request)
    const { user, id } = request.params
    requireSelf(caller, user, 'delete_application_credential')
    requireUnrestricted(caller, 'delete_application_credential')
    credentials.delete(user, id)
    return reply.code(204).send()
  })
  // clients ask for them; none can be made
  app.get<{ Params: One }>('/v3/users/:user/access_rules', async (request) => {
    const { user } = request.params
    requireSelf(callerOf(identity, request), user, 'list_access_rules')
    return { access_rules: [], links: links(`users/${user}/access_rules`) }
  })
}

/** A credential that leaked must not be able to make others that outlive it. */
function requireUnrestricted({ credential }: Session, action: string): void {
  if (credential && credential.unrestricted === 0) throw forbidden(action)
}

async function create(identity: Identity, caller: Session, body: Json): Promise<Json> {
  const { name, description = null, unrestricted = false, access_rules: rules } = body
  if (typeof name !== 'string' || name === '')
    throw badRequest("Invalid input for field 'name': 'name' is a required property")
  if (description !== null && typeof description !== 'string')
    throw badRequest("Invalid input for field 'description': a string is required")
  if (typeof unrestricted !== 'boolean')
    throw badRequest("Invalid input for field 'unrestricted': a boolean is required")
  if (Array.isArray(rules) && rules.length > 0)
    throw badRequest('Access rules of application credentials are not supported.')
  if (!caller.project) throw badRequest('An application credential is for the project that the token is for.')
  const secret = secretOf(body.secret)
  const made = identity.credentials.create({
    name,
    user_id: caller.user.id,
    project_id: caller.project.id,
    description,
    secret_hash: await identity.passwords.hash(secret),
    expires: expiryOf(body.expires_at),
    unrestricted: unrestricted ? 1 : 0,
    roleIds: chosenRoles(caller, body.roles),
  })
  return { ...render(identity, made), secret }
}

function secretOf(given: unknown): string {
  if (given === undefined || given === null) return randomBytes(64).toString('base64url')
  if (typeof given !== 'string' || given === '')
    throw badRequest("Invalid input for field 'secret': a string is required")
  return given
}

/** ISO 8601, UTC where it names no zone; must be in the future. */
function expiryOf(given: unknown): number | null {
  if (given === undefined || given === null) return null
  const text = String(given)
  const expires = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`)
  if (Number.isNaN(expires)) throw badRequest("Invalid input for field 'expires_at': not a valid time")
  if (expires <= Date.now()) throw badRequest('Invalid application credential: expires_at must be in the future.')
  return expires
}

/** Roles of the token, all unless some are named. */
function chosenRoles({ roles }: Session, wanted: unknown): string[] {
  if (!Array.isArray(wanted) || wanted.length === 0) return roles.map(({ id }) => id)
  return wanted.map((one: { id?: unknown; name?: unknown } | null) => {
    const found = roles.find((role) => (one?.id === undefined ? role.name === one?.name : role.id === one.id))
    if (!found) {
      const named = String(one?.id ?? one?.name)
      throw badRequest(`Invalid application credential: Could not find role assignment with role: ${named}.`)
    }
    return found.id
  })
}

function render({ credentials, resources }: Identity, one: ApplicationCredential): Json {
  return {
    id: one.id,
    name: one.name,
    description: one.description,
    project_id: one.project_id,
    user_id: one.user_id,
    roles: credentials.roleIds(one.id).map((id) => resources.get('role', id)),
    expires_at: one.expires === null ? null : new Date(one.expires).toISOString().replace('Z', '000'),
    unrestricted: one.unrestricted === 1,
    system: null,
    links: { self: `/v3/users/${one.user_id}/application_credentials/${one.id}` },
  }
}
