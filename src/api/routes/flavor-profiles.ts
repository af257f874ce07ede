/** `/flavors/{flavor}/service_profiles`: an administrator puts profiles behind a flavor. */
import { badRequest } from '../faults.js'
import { guard } from '../policy/enforce.js'
import { ADMIN } from '../resources/common.js'
import { isDict, uuid } from '../wire/checks.js'
import { objectWith } from '../wire/schema.js'
import type { Environment } from './environment.js'
import { param, type Routes } from './routes.js'

const ALL = '/v2.0/flavors/:flavor/service_profiles'
const PROFILE = objectWith({ service_profile: objectWith({ id: uuid.schema! }) })

export function flavorProfileRoutes(routes: Routes, { services: { flavorProfiles }, policy }: Environment): void {
  if (!flavorProfiles) return
  const mayAdd = guard(policy, 'create_flavor_service_profile', ADMIN)
  const mayRemove = guard(policy, 'delete_flavor_service_profile', ADMIN)
  routes.on(
    'POST',
    ALL,
    async (request, reply) => {
      mayAdd(request.ctx)
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
      mayRemove(request.ctx)
      await flavorProfiles.remove(request.ctx, param(request, 'flavor'), param(request, 'profile'))
      return reply.code(204).send()
    },
    { summary: 'Take a service profile from behind a flavor' },
  )
}
