import type { FastifyRequest } from 'fastify'
import type { Instance } from '../core/instance.js'
import { contextOf } from './context.js'
import type { NovaServices } from './services.js'

/** Actions of a server's life by their name in os-instance-actions; what else is asked of it is not recorded. */
const RECORDED: Readonly<Record<string, string>> = {
  ...{ create: 'create', delete: 'delete', reboot: 'reboot', migrate: 'migrate', 'os-migrateLive': 'live-migration' },
  ...{ 'os-start': 'start', 'os-stop': 'stop', confirmResize: 'confirmResize', revertResize: 'revertResize' },
  ...{ attachInterface: 'attach_interface', detachInterface: 'detach_interface' },
}

/** Puts an action on an instance's record, as asked by this request. */
export function noteAction(
  { store }: Pick<NovaServices, 'store'>,
  request: FastifyRequest,
  { id }: Instance,
  name: string,
): void {
  const action = RECORDED[name]
  if (!action) return
  const { userId, projectId } = contextOf(request)
  const start_time = new Date().toISOString().replace('Z', '000')
  store.noteAction({
    action,
    instance_uuid: id,
    request_id: request.id,
    user_id: userId,
    project_id: projectId,
    start_time,
  })
}
