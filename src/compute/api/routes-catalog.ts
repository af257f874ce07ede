import type { FastifyInstance, FastifyRequest } from 'fastify'
import { badRequest, conflict, NovaFault, notFound } from '../core/faults.js'
import { FLAVORS, type Flavor, findFlavor } from '../core/flavors.js'
import type { Image } from '../core/images.js'
import { fingerprintOf, generateSshKey } from '../core/keypair.js'
import { contextOf } from './context.js'
import { requestedMinor } from './microversion.js'
import { baseOf } from './routes-servers.js'
import { links } from './server-view.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }

/** Flavors, images, key pairs: what a server is made of. */
export function catalogRoutes(app: FastifyInstance, services: NovaServices): void {
  flavorRoutes(app)
  keypairRoutes(app, services)
  const summary = (request: FastifyRequest, { id, name }: Image) => ({
    id,
    name,
    links: links(baseOf(request), `images/${id}`),
  })
  const detail = (request: FastifyRequest, image: Image) => ({
    ...summary(request, image),
    status: 'ACTIVE',
    progress: 100,
    minDisk: 0,
    minRam: 0,
    metadata: {},
    'OS-EXT-IMG-SIZE:size': 0,
  })
  app.get('/images', async (request) => ({ images: services.images.map((image) => summary(request, image)) }))
  app.get('/images/detail', async (request) => ({ images: services.images.map((image) => detail(request, image)) }))
  app.get<ById>('/images/:id', async (request) => {
    const image = services.images.find((known) => known.id === request.params.id)
    if (!image) throw notFound(`Image not found.`)
    return { image: detail(request, image) }
  })
}

function flavorRoutes(app: FastifyInstance): void {
  const summary = (request: FastifyRequest, { id, name }: Flavor) => ({
    id,
    name,
    links: links(baseOf(request), `flavors/${id}`),
  })
  app.get('/flavors', async (request) => ({ flavors: FLAVORS.map((flavor) => summary(request, flavor)) }))
  app.get('/flavors/detail', async (request) => ({ flavors: FLAVORS.map((flavor) => flavorDetail(request, flavor)) }))
  app.get<ById>('/flavors/:id', async (request) => {
    const flavor = findFlavor(request.params.id)
    if (!flavor) throw notFound(`Flavor ${request.params.id} could not be found.`)
    return { flavor: flavorDetail(request, flavor) }
  })
  app.get<ById>('/flavors/:id/os-extra_specs', async (request) => {
    if (!findFlavor(request.params.id)) throw notFound(`Flavor ${request.params.id} could not be found.`)
    return { extra_specs: {} }
  })
}

function flavorDetail(request: FastifyRequest, flavor: Flavor): Record<string, unknown> {
  const minor = requestedMinor(request.headers)
  return {
    ...flavor,
    swap: minor >= 75 ? 0 : '',
    rxtx_factor: 1,
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    'os-flavor-access:is_public': true,
    ...(minor >= 55 ? { description: null } : {}),
    ...(minor >= 61 ? { extra_specs: {} } : {}),
    links: links(baseOf(request), `flavors/${flavor.id}`),
  }
}

function keypairRoutes(app: FastifyInstance, { store }: NovaServices): void {
  app.get('/os-keypairs', async (request) => ({
    keypairs: store.keypairs(contextOf(request).userId).map((keypair) => ({ keypair })),
  }))
  app.get<ById>('/os-keypairs/:id', async (request) => {
    const keypair = store.keypairs(contextOf(request).userId).find((pair) => pair.name === request.params.id)
    if (!keypair) throw notFound(`Keypair ${request.params.id} not found for user ${contextOf(request).userId}`)
    return { keypair }
  })
  app.post('/os-keypairs', async (request, reply) => {
    const { name, public_key } =
      (request.body as { keypair?: { name?: unknown; public_key?: unknown } } | null)?.keypair ?? {}
    if (typeof name !== 'string' || name === '') throw badRequest('Keypair data is invalid: name is required')
    if (public_key !== undefined && public_key !== null && typeof public_key !== 'string')
      throw badRequest('Keypair data is invalid: public_key is not a string')
    const made = typeof public_key === 'string' ? null : await generateSshKey()
    const publicKey = made?.publicKey ?? (public_key as string)
    const fingerprint = fingerprintOf(publicKey)
    if (fingerprint === null) throw badRequest('Keypair data is invalid: failed to generate fingerprint')
    const pair = {
      name,
      public_key: publicKey,
      fingerprint,
      type: 'ssh',
      user_id: contextOf(request).userId,
      created_at: new Date().toISOString(),
    }
    const limit = store.quotas.of(contextOf(request).projectId).key_pairs
    if (limit >= 0 && store.keypairs(pair.user_id).length >= limit)
      throw new NovaFault(403, 'Quota exceeded, too many key pairs.')
    if (!store.addKeypair(pair)) throw conflict(`Key pair '${name}' already exists.`)
    const shown = made ? { ...pair, private_key: made.privateKey } : pair
    return reply.code(requestedMinor(request.headers) >= 2 ? 201 : 200).send({ keypair: shown })
  })
  app.delete<ById>('/os-keypairs/:id', async (request, reply) => {
    if (!store.removeKeypair(contextOf(request).userId, request.params.id))
      throw notFound(`Keypair ${request.params.id} not found`)
    return reply.code(requestedMinor(request.headers) >= 2 ? 204 : 202).send()
  })
}
