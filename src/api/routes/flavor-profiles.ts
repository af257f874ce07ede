/** `/flavors/{flavor}/service_profiles`: an administrator puts profiles behind a flavor. */
import { badRequest } from '../faults.js'
import { enforceAction } from '../policy/enforce.js'
import { ADMIN } from '../resources/common.js'
import { isDict, uuid } from '../wire/checks.js'
import { objectWith } from '../wire/schema.js'
import type { Environment } from './environment.js'
import { param, type Routes } from './routes.js'

const ALL = '/v2.0/flavors/:flavor/service_profiles'
const PROFILE = objectWith({ service_profile: objectWith({ id: uuid.schema! }) })
const NO_TARGET = { projectId: '', deviceOwner: '', network: null }

export function flavorProfileRoutes(routes: Routes, { services: { flavorProfiles } }: Environment): void {
  if (!flavorProfiles) return
  routes.on(
    'POST',
    ALL,
    async (request, reply) => {
      enforceAction('create_flavor_service_profile', ADMIN, request.ctx, NO_TARGET)
      const { body } = request
      const asked = isDict(body) && isDict(body.service_profile) ? body.service_profile.id : undefined
      const reason = uuid(asked)
      if (reason !== null) throw badRequest(`Invalid input for id. Reason: ${reason}.`)
      await flavorProfiles.add(request.ctx, param(request, 'flavor'), asked as string)
      return reply.code(201).send({ service_profile: { id: asked } })
    },
    { summary: 'Put a service profile behind a flavor', body: PROFILE, reply: PROFILE },
  )
  routes.on(
    'DELETE',
    `${ALL}/:profile`,
    async (request, reply) => {
      enforceAction('delete_flavor_service_profile', ADMIN, request.ctx, NO_TARGET)
      await flavorProfiles.remove(request.ctx, param(request, 'flavor'), param(request, 'profile'))
      return reply.code(204).send()
    },
    { summary: 'Take a service profile from behind a flavor' },
  )
}
