import type { RequestContext } from '../../core/service.js'
import { badRequest } from '../faults.js'

/**
 * `tenant_id` and `project_id` are one attribute with two names. Returns the body with both, from either one or,
 * on create, from the caller.
 */
export function withProject(
  ctx: RequestContext,
  body: Readonly<Record<string, unknown>>,
  creating: boolean,
): Record<string, unknown> {
  const { tenant_id: tenant, project_id: project, ...rest } = body
  const given = project ?? tenant
  if (given === undefined || given === null) return creating ? { ...rest, ...both(callersProject(ctx)) } : rest
  if (project !== undefined && tenant !== undefined && project !== tenant) {
    throw badRequest("'project_id' and 'tenant_id' do not match")
  }
  if (given !== ctx.projectId && !ctx.isService) {
    throw badRequest(
      "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin or advsvc privileges",
    )
  }
  return { ...rest, ...both(given) }
}

const both = (project: unknown) => ({ tenant_id: project, project_id: project })

function callersProject(ctx: RequestContext): string {
  if (ctx.projectId === '') throw badRequest('Running without keystone AuthN requires that tenant_id is specified')
  return ctx.projectId
}
