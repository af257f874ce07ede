import type { LogRecord } from '../../store/logs.js'
import { loadPort, type PortRecord, portSecurityGroups } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { isVisible } from '../collection.js'
import { isBound } from '../port/binding.js'
import { securityGroupCollection } from '../security-group/service.js'
import type { RequestContext } from '../service.js'
import { invalidResourceType, notInGroup, resourceNotFound, targetNotFound, typeNotSupported } from './faults.js'

/** What can be logged. */
export const LOGGABLE = ['security_group'] as const

/**
 * A log is about a group that the caller may see and a port of the caller's project; the port is in the group, and
 * plugged in where packets can be logged.
 */
export async function checkLog(
  db: Db,
  ctx: RequestContext,
  { resourceType, resourceId, targetId }: Pick<LogRecord, 'resourceType' | 'resourceId' | 'targetId'>,
): Promise<void> {
  if (!LOGGABLE.some((type) => type === resourceType)) throw invalidResourceType(resourceType)
  if (resourceId !== null && !(await isVisible(db, securityGroupCollection, ctx, resourceId)))
    throw resourceNotFound(resourceId)
  if (targetId === null) return
  const port = await loadPort(db, targetId)
  if (!port || !(ctx.isAdmin || port.projectId === ctx.projectId)) throw targetNotFound(targetId)
  if (!isLoggable(port)) throw typeNotSupported(resourceType, targetId)
  if (resourceId === null) return
  const bound = await portSecurityGroups.findOne(db, { portId: targetId, securityGroupId: resourceId })
  if (!bound) throw notInGroup(resourceId, targetId)
}

/** By how the port is plugged in, or, as long as it is not, by how it is to be. */
function isLoggable(port: PortRecord): boolean {
  return isBound(port) ? port.vifType === 'ovs' : port.vnicType === 'normal'
}
