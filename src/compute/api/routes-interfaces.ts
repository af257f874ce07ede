import type { FastifyInstance } from 'fastify'
import type { NeutronPort } from '../clients/neutron.js'
import { badRequest, notFound } from '../core/faults.js'
import { resolveInterfaces } from '../core/networks.js'
import { noteAction } from './actions.js'
import { contextOf, visibleInstance } from './context.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }
type ByPort = { Params: { id: string; port: string } }

interface Attachment {
  readonly net_id?: string
  readonly port_id?: string
  readonly fixed_ips?: readonly { readonly ip_address?: string }[]
}

/** /servers/{id}/os-interface: list, attach, detach. */
export function interfaceRoutes(app: FastifyInstance, services: NovaServices): void {
  const { store, neutron, instances } = services
  app.get<ById>('/servers/:id/os-interface', async (request) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    const ports = await neutron.list('ports', { device_id: instance.id })
    return { interfaceAttachments: ports.map(render) }
  })
  app.get<ByPort>('/servers/:id/os-interface/:port', async (request) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    const port = (await neutron.list('ports', { device_id: instance.id, id: request.params.port }))[0]
    if (!port) throw notFound(`Port id ${request.params.port} could not be found.`)
    return { interfaceAttachment: render(port) }
  })
  app.post<ById>('/servers/:id/os-interface', async (request) => {
    const context = contextOf(request)
    const instance = visibleInstance(store, context, request.params.id)
    const { net_id, port_id, fixed_ips } =
      (request.body as { interfaceAttachment?: Attachment } | null)?.interfaceAttachment ?? {}
    if (net_id && port_id) throw badRequest('Must not input both network_id and port_id')
    if (fixed_ips && !net_id) throw badRequest('Must input network_id when request IP address')
    const wanted =
      net_id || port_id ? [{ uuid: net_id, port: port_id, fixed_ip: fixed_ips?.[0]?.ip_address }] : ('auto' as const)
    const [resolved] = await resolveInterfaces(neutron.as(context.token), context.projectId, wanted)
    if (!resolved) throw badRequest('No network to attach to')
    const port = await instances.attach(instance, resolved)
    noteAction(services, request, instance, 'attachInterface')
    return { interfaceAttachment: render(await neutron.get('ports', port.portId)) }
  })
  app.delete<ByPort>('/servers/:id/os-interface/:port', async (request, reply) => {
    const instance = visibleInstance(store, contextOf(request), request.params.id)
    await instances.detach(instance, request.params.port)
    noteAction(services, request, instance, 'detachInterface')
    return reply.code(202).send()
  })
  app.get<ById>('/servers/:id/os-security-groups', async (request) => {
    const context = contextOf(request)
    const instance = visibleInstance(store, context, request.params.id)
    const ports = await neutron.list('ports', { device_id: instance.id })
    const groups = await neutron.list('security-groups', {
      id: [...new Set(ports.flatMap((port) => port.security_groups))],
    })
    return {
      security_groups: groups.map(({ id, name, description, tenant_id }) => ({
        id,
        name,
        description,
        tenant_id,
        rules: [],
      })),
    }
  })
}

function render(port: NeutronPort): Record<string, unknown> {
  return {
    net_id: port.network_id,
    port_id: port.id,
    mac_addr: port.mac_address,
    port_state: port.status,
    fixed_ips: port.fixed_ips,
  }
}
