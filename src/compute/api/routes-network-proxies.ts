import type { FastifyInstance } from 'fastify'
import type { Neutron, NeutronFloatingIp, NeutronRule, NeutronSecurityGroup } from '../clients/neutron.js'
import { badRequest, notFound } from '../core/faults.js'
import { contextOf } from './context.js'
import type { NovaServices } from './services.js'

type ById = { Params: { id: string } }
type Json = Record<string, unknown>

/** os-security-groups, os-security-group-rules, os-floating-ips: old verbs of nova that are the network service's business. */
export function networkProxyRoutes(app: FastifyInstance, services: NovaServices): void {
  securityGroupRoutes(app, services)
  floatingIpRoutes(app, services)
}

function securityGroupRoutes(app: FastifyInstance, { neutron }: NovaServices): void {
  app.get('/os-security-groups', async (request) => {
    const { token, projectId } = contextOf(request)
    const groups = await neutron.as(token).list('security-groups', { tenant_id: projectId })
    return { security_groups: groups.map((group) => renderGroup(group, groups)) }
  })
  app.get<ById>('/os-security-groups/:id', async (request) => {
    const { token, projectId } = contextOf(request)
    const user = neutron.as(token)
    const [group, all] = await Promise.all([
      user.get('security-groups', request.params.id),
      user.list('security-groups', { tenant_id: projectId }),
    ])
    return { security_group: renderGroup(group, all) }
  })
  app.post('/os-security-groups', async (request) => {
    const { name, description } = bodyOf(request.body, 'security_group')
    const group = await neutron
      .as(contextOf(request).token)
      .create('security-groups', { name, description: description ?? '' })
    return { security_group: renderGroup(group, [group]) }
  })
  app.delete<ById>('/os-security-groups/:id', async (request, reply) => {
    await neutron.as(contextOf(request).token).delete('security-groups', request.params.id)
    return reply.code(202).send()
  })
  app.post('/os-security-group-rules', async (request) => {
    const { token, projectId } = contextOf(request)
    const user = neutron.as(token)
    const rule = await user.create('security-group-rules', toNeutronRule(bodyOf(request.body, 'security_group_rule')))
    const groups = rule.remote_group_id ? await user.list('security-groups', { tenant_id: projectId }) : []
    return { security_group_rule: renderRule(rule, groups) }
  })
  app.delete<ById>('/os-security-group-rules/:id', async (request, reply) => {
    await neutron.as(contextOf(request).token).delete('security-group-rules', request.params.id)
    return reply.code(202).send()
  })
}

/** nova's rules are for incoming traffic; -1 stands for any. */
export function toNeutronRule(rule: Json): Record<string, unknown> {
  const { parent_group_id, ip_protocol, cidr, group_id } = rule
  if (typeof parent_group_id !== 'string')
    throw badRequest("Invalid input for field/attribute parent_group_id. 'parent_group_id' is a required property")
  const protocol =
    ip_protocol === undefined || ip_protocol === null || String(ip_protocol) === '-1'
      ? null
      : String(ip_protocol).toLowerCase()
  const remote = group_id
    ? { remote_group_id: group_id }
    : { remote_ip_prefix: typeof cidr === 'string' && cidr !== '' ? cidr : '0.0.0.0/0' }
  return {
    security_group_id: parent_group_id,
    direction: 'ingress',
    ethertype: typeof cidr === 'string' && cidr.includes(':') ? 'IPv6' : 'IPv4',
    protocol,
    port_range_min: portOf(rule.from_port, 'from_port'),
    port_range_max: portOf(rule.to_port, 'to_port'),
    ...remote,
  }
}

function portOf(value: unknown, field: string): number | null {
  if (value === undefined || value === null || value === '') return null
  const port = Number(value)
  if (!Number.isInteger(port)) throw badRequest(`Invalid input for field/attribute ${field}. Value: ${value}`)
  return port < 0 ? null : port
}

/** As nova shows a rule: no range is -1 for ICMP, all ports for the others. */
export function renderRule(rule: NeutronRule, groups: readonly NeutronSecurityGroup[]): Record<string, unknown> {
  const source = groups.find((group) => group.id === rule.remote_group_id)
  const protocol = rule.protocol === null ? null : String(rule.protocol)
  const whole = protocol === 'tcp' || protocol === 'udp' ? [1, 65_535] : protocol === null ? [null, null] : [-1, -1]
  return {
    id: rule.id,
    parent_group_id: rule.security_group_id,
    ip_protocol: protocol,
    from_port: rule.port_range_min ?? whole[0],
    to_port: rule.port_range_max ?? (rule.port_range_min === null ? whole[1] : -1),
    ip_range: rule.remote_group_id
      ? {}
      : { cidr: rule.remote_ip_prefix ?? (rule.ethertype === 'IPv6' ? '::/0' : '0.0.0.0/0') },
    group: rule.remote_group_id
      ? { name: source?.name ?? rule.remote_group_id, tenant_id: source?.tenant_id ?? '' }
      : {},
  }
}

function renderGroup(group: NeutronSecurityGroup, all: readonly NeutronSecurityGroup[]): Record<string, unknown> {
  const { id, name, description, tenant_id } = group
  const incoming = group.security_group_rules.filter((rule) => rule.direction === 'ingress')
  return { id, name, description, tenant_id, rules: incoming.map((rule) => renderRule(rule, all)) }
}

function floatingIpRoutes(app: FastifyInstance, services: NovaServices): void {
  const { neutron } = services
  app.get('/os-floating-ip-pools', async (request) => {
    const pools = await externalNetworks(neutron.as(contextOf(request).token))
    return { floating_ip_pools: pools.map(({ name }) => ({ name })) }
  })
  app.get('/os-floating-ips', async (request) => {
    const { token, projectId } = contextOf(request)
    const user = neutron.as(token)
    const [ips, pools] = await Promise.all([user.list('floatingips', { tenant_id: projectId }), externalNetworks(user)])
    return { floating_ips: ips.map((ip) => renderFloatingIp(services, ip, pools)) }
  })
  app.get<ById>('/os-floating-ips/:id', async (request) => {
    const user = neutron.as(contextOf(request).token)
    const [ip, pools] = await Promise.all([user.get('floatingips', request.params.id), externalNetworks(user)])
    return { floating_ip: renderFloatingIp(services, ip, pools) }
  })
  app.post('/os-floating-ips', async (request) => {
    const user = neutron.as(contextOf(request).token)
    const pools = await externalNetworks(user)
    const wanted = (request.body as { pool?: string | null } | null)?.pool
    const pool = wanted ? pools.find((network) => network.name === wanted || network.id === wanted) : pools[0]
    if (!pool) throw notFound(wanted ? `Floating IP pool ${wanted} not found.` : 'No floating IP pools available.')
    return {
      floating_ip: renderFloatingIp(
        services,
        await user.create('floatingips', { floating_network_id: pool.id }),
        pools,
      ),
    }
  })
  app.delete<ById>('/os-floating-ips/:id', async (request, reply) => {
    await neutron.as(contextOf(request).token).delete('floatingips', request.params.id)
    return reply.code(202).send()
  })
}

function externalNetworks(user: Neutron) {
  return user.list('networks', { 'router:external': 'true', fields: ['id', 'name'] })
}

function renderFloatingIp(
  { store }: NovaServices,
  ip: NeutronFloatingIp,
  pools: readonly { id: string; name: string }[],
): Record<string, unknown> {
  const owner = ip.port_id
    ? store.instances().find((instance) => instance.ports.some((port) => port.portId === ip.port_id))
    : undefined
  const pool = pools.find((network) => network.id === ip.floating_network_id)
  return {
    id: ip.id,
    ip: ip.floating_ip_address,
    fixed_ip: ip.fixed_ip_address,
    instance_id: owner?.id ?? null,
    pool: pool?.name ?? ip.floating_network_id,
  }
}

function bodyOf(body: unknown, key: string): Json {
  const value = (body as Json | null)?.[key]
  if (typeof value !== 'object' || value === null)
    throw badRequest(`Invalid input for field/attribute ${key}. '${key}' is a required property`)
  return value as Json
}
