import type { FastifyInstance } from 'fastify'
import { badRequest, forbidden, notFound } from '../core/faults.js'
import { contextOf } from './context.js'
import type { NovaServices } from './services.js'

interface ExternalEvent {
  readonly name: string
  readonly server_uuid: string
  readonly tag?: string
  readonly status?: string
}

/** POST /os-server-external-events: what the network service tells about ports of instances. */
export function eventRoutes(app: FastifyInstance, services: NovaServices): void {
  app.post('/os-server-external-events', async (request, reply) => {
    if (!contextOf(request).isService) throw forbidden('os_compute_api:os-server-external-events:create')
    const events = (request.body as { events?: ExternalEvent[] } | null)?.events
    if (!Array.isArray(events) || events.length === 0)
      throw badRequest("Invalid input for field/attribute events. 'events' is a required property")
    const answers = events.map((event) => {
      const code = handle(services, event)
      return { ...event, status: code === 200 ? (event.status ?? 'completed') : 'failed', code }
    })
    if (answers.every((answer) => answer.code === 404)) throw notFound('No instances found for any event')
    const partly = answers.some((answer) => answer.code !== 200)
    return reply.code(partly ? 207 : 200).send({ events: answers })
  })
}

/** 200 taken, 404 no such instance, 422 the instance is not on a host yet. */
function handle({ store, instances, log }: NovaServices, event: ExternalEvent): 200 | 404 | 422 {
  const instance = store.instance(event.server_uuid)
  if (!instance) return 404
  log.debug({ event: event.name, instance: event.server_uuid, port: event.tag, status: event.status }, 'external event')
  if (!instance.host) return 422
  if (event.name === 'network-vif-plugged' && event.status !== 'failed' && event.tag)
    instances.portPlugged(instance.id, event.tag)
  if (event.name === 'network-vif-deleted' && event.tag) instances.portDeleted(instance.id, event.tag)
  // network-changed and network-vif-unplugged need nothing: addresses are read from the network service when they are shown
  return 200
}
