import type { FastifyInstance } from 'fastify'
import type { Neutron } from '../clients/neutron.js'
import { badRequest, forbidden, NovaFault } from '../core/faults.js'
import type { Instance } from '../core/instance.js'
import { resolveGroups } from '../core/networks.js'
import { noteAction } from './actions.js'
import { type Context, contextOf, visibleInstance } from './context.js'
import { associateFloatingIp, disassociateFloatingIp } from './floating-ips.js'
import type { NovaServices } from './services.js'

type Json = Record<string, unknown>
type Action = (services: NovaServices, context: Context, instance: Instance, body: Json) => Promise<unknown> | unknown

/** POST /servers/{id}/action: the one key of the body says which. What an action returns is the answer; nothing is 202. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'os-start': ({ instances }, _context, instance) => instances.start(instance),
  'os-stop': ({ instances }, _context, instance) => instances.stop(instance),
  reboot: ({ instances }, _context, instance, body) =>
    instances.reboot(instance, String(body.type).toUpperCase() === 'HARD'),
  migrate: ({ instances }, context, instance, body) => {
    requireAdminContext(context, 'os_compute_api:os-migrate-server:migrate')
    instances.migrate(instance, false, hostOf(body))
  },
  'os-migrateLive': ({ instances }, context, instance, body) => {
    requireAdminContext(context, 'os_compute_api:os-migrate-server:migrate_live')
    instances.migrate(instance, true, hostOf(body))
  },
  confirmResize: ({ instances }, _context, instance) => instances.migrations.confirm(instance),
  revertResize: ({ instances }, _context, instance) => instances.migrations.revert(instance),
  addFloatingIp: ({ neutron }, context, instance, body) =>
    associateFloatingIp(neutron.as(context.token), instance, body.address, body.fixed_address),
  removeFloatingIp: ({ neutron }, context, instance, body) =>
    disassociateFloatingIp(neutron.as(context.token), instance, body.address),
  addSecurityGroup: ({ neutron }, context, instance, body) =>
    changeGroups(neutron.as(context.token), context, instance, body, (ids, id) => [
      ...ids.filter((known) => known !== id),
      id,
    ]),
  removeSecurityGroup: ({ neutron }, context, instance, body) =>
    changeGroups(neutron.as(context.token), context, instance, body, (ids, id) => ids.filter((known) => known !== id)),
  'os-getConsoleOutput': consoleOutput,
}

export function actionRoutes(app: FastifyInstance, services: NovaServices): void {
  app.post<{ Params: { id: string } }>('/servers/:id/action', async (request, reply) => {
    const context = contextOf(request)
    const instance = visibleInstance(services.store, context, request.params.id)
    const [name = '', ...others] = Object.keys((request.body as Json | null) ?? {})
    const action = ACTIONS[name]
    if (!action || others.length > 0) throw badRequest(`There is no such action: ${name}`)
    const body = (request.body as Record<string, Json | null>)[name] ?? {}
    const answer = await action(services, context, instance, body)
    noteAction(services, request, instance, name)
    return answer === undefined ? reply.code(DONE_AT_ONCE.has(name) ? 204 : 202).send() : answer
  })
}

/** These are answered when they are done. */
const DONE_AT_ONCE = new Set(['confirmResize'])

function requireAdminContext({ isAdmin }: Context, rule: string): void {
  if (!isAdmin) throw forbidden(rule)
}

/** Null: the scheduler chooses. */
function hostOf({ host }: Json): string | null {
  if (host === undefined || host === null) return null
  if (typeof host !== 'string' || host === '') throw badRequest('Invalid input for field/attribute host.')
  return host
}

async function consoleOutput(
  { bus }: NovaServices,
  _context: Context,
  instance: Instance,
  body: Json,
): Promise<{ output: string }> {
  const lines = body.length === undefined || body.length === null ? null : Number(body.length)
  if (lines !== null && (!Number.isInteger(lines) || lines < -1))
    throw badRequest('Invalid input for field/attribute length.')
  const output = instance.host ? await bus.console(instance.host, instance.id, lines === -1 ? null : lines) : null
  if (output === null) throw new NovaFault(409, `Instance ${instance.id} is not ready`)
  return { output }
}

async function changeGroups(
  user: Neutron,
  context: Context,
  instance: Instance,
  body: Json,
  change: (ids: readonly string[], id: string) => string[],
): Promise<void> {
  if (typeof body.name !== 'string')
    throw badRequest("Invalid input for field/attribute name. 'name' is a required property")
  const id =
    body.name === 'default'
      ? await defaultGroup(user, context.projectId)
      : (await resolveGroups(user, context.projectId, [body.name]))![0]!
  const ports = await user.list('ports', { device_id: instance.id })
  await Promise.all(
    ports.map((port) => user.update('ports', port.id, { security_groups: change(port.security_groups, id) })),
  )
}

async function defaultGroup(user: Neutron, projectId: string): Promise<string> {
  const found = (await user.list('security-groups', { tenant_id: projectId, name: 'default' }))[0]
  if (!found) throw badRequest('Security group default not found.')
  return found.id
}
