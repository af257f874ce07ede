import { randomUUID } from 'node:crypto'
import type { RequestContext } from './service.js'

/** The service's own work: no user, every right. `why` shows in the change log (`agent:network1`). */
export function systemContext(why: string, requestId = `req-${randomUUID()}`): RequestContext {
  return { requestId, userId: why, projectId: '', roles: ['admin', 'service'], isAdmin: true, isService: true }
}
