import type { FastifyRequest } from 'fastify'
import { unauthorized } from './faults.js'
import type { Identity } from './identity.js'
import { openSession, type Session } from './sessions.js'

/** The caller, by `X-Auth-Token`. */
export function callerOf(identity: Identity, request: FastifyRequest): Session {
  const token = request.headers['x-auth-token']
  if (typeof token !== 'string') throw unauthorized()
  return openSession(identity, token)
}
