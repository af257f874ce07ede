import type { FastifyInstance, FastifyRequest } from 'fastify'
import { badRequest, forbidden } from '../core/faults.js'
import { type Period, projectUsage, type ServerUsage, serverUsage, usedIn } from '../core/usage.js'
import { contextOf, requireAdmin } from './context.js'
import { requestedMinor } from './microversion.js'
import { baseOf } from './routes-servers.js'
import type { NovaServices } from './services.js'

type Query = Readonly<Partial<Record<'start' | 'end' | 'detailed' | 'marker' | 'limit', string>>>
type Found = readonly ServerUsage[]

/** Nova's `max_limit`: the longest list that is given at once. */
const PAGE = 1000

/** os-simple-tenant-usage: how long instances ran, with what of vCPUs, memory and disk; deleted ones count too. */
export function usageRoutes(app: FastifyInstance, { store }: NovaServices): void {
  const found = (request: FastifyRequest, query: Query, period: Period, projectId?: string) => {
    const all = store.used(period.start).filter((one) => projectId === undefined || one.projectId === projectId)
    const used = usedIn(all, period)
    const servers = used.map((one) => serverUsage(one, period, Date.now()))
    return requestedMinor(request.headers) >= 40 ? pageOf(servers, query) : servers
  }
  app.get<{ Querystring: Query }>('/os-simple-tenant-usage', async (request) => {
    requireAdmin(request, 'os_compute_api:os-simple-tenant-usage:list')
    const period = periodOf(request.query)
    const servers = found(request, request.query, period)
    const detailed = request.query.detailed === '1'
    return {
      tenant_usages: byProject(servers).map((own) => projectUsage(own, period, detailed)),
      ...next(request, 'tenant_usages_links', servers),
    }
  })
  app.get<{ Params: { id: string }; Querystring: Query }>('/os-simple-tenant-usage/:id', async (request) => {
    const { projectId, isAdmin } = contextOf(request)
    const { id } = request.params
    if (projectId !== id && !isAdmin) throw forbidden('os_compute_api:os-simple-tenant-usage:show')
    const period = periodOf(request.query)
    const servers = found(request, request.query, period, id)
    return {
      tenant_usage: servers.length > 0 ? projectUsage(servers, period, true) : {},
      ...next(request, 'tenant_usage_links', servers),
    }
  })
}

function byProject(servers: Found): Found[] {
  const projects = new Map<string, ServerUsage[]>()
  for (const one of servers) {
    const own = projects.get(one.tenant_id)
    if (own) own.push(one)
    else projects.set(one.tenant_id, [one])
  }
  return [...projects.values()]
}

/** From `start` to `end`, both now unless given; what is to come is left out. */
function periodOf({ start, end }: Query): Period {
  const now = Date.now()
  const [from, to] = [timeOf(start, now), timeOf(end, now)]
  if (from >= to) throw badRequest('Invalid start time. The start time cannot occur after the end time.')
  return { start: from, stop: Math.min(to, now) }
}

/** UTC, without a zone. */
function timeOf(text: string | undefined, now: number): number {
  if (!text) return now
  const time = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?$/.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) : NaN
  if (Number.isNaN(time)) throw badRequest('Datetime is in invalid format')
  return time
}

function pageOf(servers: Found, { marker, limit }: Query): Found {
  const start = marker === undefined ? 0 : servers.findIndex((one) => one.instance_id === marker) + 1
  if (marker !== undefined && start === 0) throw badRequest(`marker [${marker}] not found`)
  return servers.slice(start, start + lengthOf(limit))
}

function lengthOf(limit: string | undefined): number {
  if (limit === undefined) return PAGE
  if (!/^\d+$/.test(limit)) throw badRequest(`Invalid input for query parameters limit. Value: ${limit}.`)
  return Math.min(Number(limit) || PAGE, PAGE)
}

/** From 2.40 on a list that is full says where it goes on. */
function next(request: FastifyRequest<{ Querystring: Query }>, key: string, servers: Found): Record<string, unknown> {
  const last = servers.at(-1)
  if (requestedMinor(request.headers) < 40 || !last || servers.length < lengthOf(request.query.limit)) return {}
  const query = new URLSearchParams({ ...request.query, marker: last.instance_id })
  const path = request.url.split('?')[0]
  return { [key]: [{ rel: 'next', href: `${baseOf(request)}${path}?${query}` }] }
}
