import type { FastifyInstance } from 'fastify'
import { badRequest, notFound } from '../core/faults.js'
import type { ComputeHost } from '../core/hosts.js'
import { type Limits, usedBy } from '../core/quotas.js'
import { contextOf, requireAdmin } from './context.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }

/** os-services, os-availability-zone, limits. */
export function hostRoutes(app: FastifyInstance, services: NovaServices): void {
  serviceRoutes(app, services)
  const zone = () => ({
    zoneName: services.defaultZone,
    zoneState: { available: services.hosts.all().some((host) => host.up && host.enabled) },
  })
  app.get('/os-availability-zone', async () => ({ availabilityZoneInfo: [{ ...zone(), hosts: null }] }))
  app.get('/os-availability-zone/detail', async (request) => {
    requireAdmin(request, 'os_compute_api:os-availability-zone:detail')
    const hosts = services.hosts
      .all()
      .map((host) => [
        host.host,
        { 'nova-compute': { available: host.up, active: host.enabled, updated_at: host.seen } },
      ])
    return { availabilityZoneInfo: [{ ...zone(), hosts: Object.fromEntries(hosts) }] }
  })
  app.get('/limits', async (request) => {
    const { projectId } = contextOf(request)
    return {
      limits: {
        rate: [],
        absolute: absoluteLimits(services.store.quotas.of(projectId), usedBy(services.store.instances(), projectId)),
      },
    }
  })
}

function serviceRoutes(app: FastifyInstance, { hosts, defaultZone }: NovaServices): void {
  const view = (host: ComputeHost) => ({
    id: host.id,
    binary: 'nova-compute',
    host: host.host,
    zone: defaultZone,
    status: host.enabled ? 'enabled' : 'disabled',
    state: host.up ? 'up' : 'down',
    updated_at: host.seen,
    disabled_reason: host.reason,
    forced_down: false,
  })
  const change = (name: string, enabled: boolean, reason: string | null) => {
    const found = hosts.all().find((host) => host.host === name || host.id === name)
    if (!found || !hosts.setEnabled(found.host, enabled, reason)) throw notFound(`Host ${name} not found.`)
    return { service: view(hosts.all().find((host) => host.id === found.id)!) }
  }
  app.get<{ Querystring: { host?: string; binary?: string } }>('/os-services', async (request) => {
    requireAdmin(request, 'os_compute_api:os-services:list')
    const { host, binary } = request.query
    const found = binary && binary !== 'nova-compute' ? [] : hosts.all().filter((known) => !host || known.host === host)
    return { services: found.map(view) }
  })
  app.put<ById & { Body: { host?: string; status?: string; disabled_reason?: string } | null }>(
    '/os-services/:id',
    async (request) => {
      requireAdmin(request, 'os_compute_api:os-services:update')
      const { host, status, disabled_reason = null } = request.body ?? {}
      const verb = request.params.id
      // until 2.52 the verb is in the path and the host in the body; later the service's id in the path
      if (verb === 'enable' || verb === 'disable' || verb === 'disable-log-reason')
        return change(String(host), verb === 'enable', disabled_reason)
      if (status !== 'enabled' && status !== 'disabled') throw badRequest('Invalid input for field/attribute status.')
      return change(verb, status === 'enabled', disabled_reason)
    },
  )
}

function absoluteLimits(limits: Limits, used: ReturnType<typeof usedBy>): Record<string, number> {
  return {
    maxTotalInstances: limits.instances,
    maxTotalCores: limits.cores,
    maxTotalRAMSize: limits.ram,
    maxTotalKeypairs: limits.key_pairs,
    maxServerMeta: limits.metadata_items,
    maxServerGroups: limits.server_groups,
    maxServerGroupMembers: limits.server_group_members,
    totalInstancesUsed: used.instances,
    totalCoresUsed: used.cores,
    totalRAMUsed: used.ram,
    totalServerGroupsUsed: 0,
  }
}
