import type { FastifyInstance, FastifyRequest } from 'fastify'
import { notFound } from '../core/faults.js'
import { findFlavor } from '../core/flavors.js'
import type { ComputeHost } from '../core/hosts.js'
import type { Instance } from '../core/instance.js'
import { requireAdmin } from './context.js'
import { requestedMinor } from './microversion.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }
type Search = { Querystring: { hypervisor_hostname_pattern?: string; with_servers?: string } }

/** os-hypervisors: the compute hosts by size and load. */
export function hypervisorRoutes(app: FastifyInstance, { hosts, store }: NovaServices): void {
  const onHost = ({ host }: ComputeHost) => store.instances().filter((instance) => instance.host === host)
  const view = (host: ComputeHost, request: FastifyRequest) =>
    hypervisor(host, onHost(host), requestedMinor(request.headers))
  const withServers = (host: ComputeHost) => ({ ...summary(host), servers: serversOf(onHost(host)) })
  const matching = (pattern: string) => {
    const found = hosts.all().filter(({ host }) => host.includes(pattern))
    if (found.length === 0) throw notFound(`No hypervisor matching '${pattern}' could be found.`)
    return found
  }
  app.get<Search>('/os-hypervisors', async (request) => {
    requireAdmin(request, 'os_compute_api:os-hypervisors:list')
    const { hypervisor_hostname_pattern: pattern, with_servers: wanted } = request.query
    const found = pattern === undefined ? hosts.all() : matching(pattern)
    return { hypervisors: found.map(/^(1|true)$/i.test(wanted ?? '') ? withServers : summary) }
  })
  app.get('/os-hypervisors/detail', async (request) => {
    requireAdmin(request, 'os_compute_api:os-hypervisors:list-detail')
    return { hypervisors: hosts.all().map((host) => view(host, request)) }
  })
  app.get('/os-hypervisors/statistics', async (request) => {
    requireAdmin(request, 'os_compute_api:os-hypervisors:statistics')
    if (requestedMinor(request.headers) >= 88) throw notFound('The resource could not be found.')
    const sizes = hosts
      .all()
      .filter((host) => host.enabled)
      .map((host) => sizeOf(host, onHost(host)))
    return { hypervisor_statistics: { count: sizes.length, ...sum(sizes) } }
  })
  // until 2.52; later they are queries of the list
  app.get<ById>('/os-hypervisors/:id/search', async (request) => {
    requireAdmin(request, 'os_compute_api:os-hypervisors:search')
    return { hypervisors: matching(request.params.id).map(summary) }
  })
  app.get<ById>('/os-hypervisors/:id/servers', async (request) => {
    requireAdmin(request, 'os_compute_api:os-hypervisors:servers')
    return { hypervisors: matching(request.params.id).map(withServers) }
  })
  app.get<ById>('/os-hypervisors/:id', async (request) => {
    requireAdmin(request, 'os_compute_api:os-hypervisors:show')
    const host = hosts.all().find((known) => known.id === request.params.id || known.host === request.params.id)
    if (!host) throw notFound(`Compute host ${request.params.id} could not be found.`)
    return { hypervisor: view(host, request) }
  })
}

const summary = (host: ComputeHost) => ({
  id: host.id,
  hypervisor_hostname: host.host,
  state: host.up ? 'up' : 'down',
  status: host.enabled ? 'enabled' : 'disabled',
})

const serversOf = (instances: readonly Instance[]) => instances.map(({ id, name }) => ({ uuid: id, name }))

function hypervisor(host: ComputeHost, instances: readonly Instance[], minor: number): Record<string, unknown> {
  const shown = {
    ...summary(host),
    hypervisor_type: 'namespaces',
    hypervisor_version: 1,
    host_ip: host.facts.hostIp,
    service: { id: host.id, host: host.host, disabled_reason: host.reason },
    uptime: null,
    servers: serversOf(instances),
  }
  return minor >= 88 ? shown : { ...shown, ...sizeOf(host, instances), cpu_info: '' }
}

/** Sizes are those of the flavors; nothing is reserved. */
function sizeOf({ facts }: Pick<ComputeHost, 'facts'>, instances: readonly Instance[]): Record<string, number> {
  const used = instances.map((instance) => findFlavor(instance.flavorId))
  const memory = used.reduce((all, flavor) => all + (flavor?.ram ?? 0), 0)
  return {
    vcpus: facts.vcpus,
    vcpus_used: used.reduce((all, flavor) => all + (flavor?.vcpus ?? 0), 0),
    memory_mb: facts.memoryMb,
    memory_mb_used: memory,
    free_ram_mb: facts.memoryMb - memory,
    local_gb: 0,
    local_gb_used: 0,
    free_disk_gb: 0,
    disk_available_least: 0,
    running_vms: instances.filter((instance) => instance.vmState === 'active').length,
    current_workload: instances.filter((instance) => instance.taskState !== null).length,
  }
}

const NOTHING = sizeOf({ facts: { vcpus: 0, memoryMb: 0, hostIp: '' } }, [])

function sum(sizes: readonly Record<string, number>[]): Record<string, number> {
  const total = (key: string) => sizes.reduce((all, size) => all + (size[key] ?? 0), 0)
  return Object.fromEntries(Object.keys(NOTHING).map((key) => [key, total(key)]))
}
