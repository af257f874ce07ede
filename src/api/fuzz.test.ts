import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { registerL3 } from '../core/l3/register.js'
import { TestCloud } from '../core/testing/cloud.js'
import { buildApp } from './app.js'
import { noAuth } from './auth/noauth.js'
import { type FuzzedRequest, type FuzzedRoute, fuzzedRequests } from './fuzz.fake.js'
import { Policy } from './policy/policy.js'
import { compileResources } from './resources/index.js'
import { allRoutes } from './routes/index.js'

/** FUZZ_SEED and FUZZ_CASES repeat a run, or make a longer one. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122)
const CASES = Number(process.env.FUZZ_CASES ?? 2_000)
const PER_ROUND = 100
const ANSWER_MS = 5_000

const UNLIMITED = `[quotas]\n${['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule', 'rbac_policy'].map((name) => `quota_${name} = -1\n`).join('')}`

const ADMIN = { 'x-project-id': 'admin-project' }
const VICTIM = { 'x-project-id': 'victim', 'x-roles': 'member' }
const ATTACKER = { 'x-project-id': 'attacker', 'x-roles': 'member' }

type Headers = Readonly<Record<string, string>>
type Json = Record<string, unknown>

class Service {
  readonly cloud: TestCloud
  readonly app: FastifyInstance
  readonly errors: string[] = []

  private constructor(cloud: TestCloud) {
    this.cloud = cloud
    const log = pino({ level: 'error' }, { write: (line: string) => void this.errors.push(line) })
    const { services } = cloud.built
    this.app = buildApp({
      services,
      auth: noAuth(),
      log,
      revisions: null,
      policy: new Policy(),
      paginationMaxLimit: null,
    })
  }

  static async open(): Promise<Service> {
    return new Service(await TestCloud.open(UNLIMITED, [registerL3]))
  }

  async close(): Promise<void> {
    await this.app.close()
    await this.cloud.close()
  }

  routes(templates: Readonly<Record<string, Json>>): FuzzedRoute[] {
    const { services } = this.cloud.built
    const resources = compileResources(services)
    const table = allRoutes({ services, resources, paginationMaxLimit: null, revisions: null, policy: new Policy() })
    const byPath = new Map([...resources.values()].map((compiled) => [compiled.resource.path, compiled]))
    return table.list().flatMap(({ path, methods }) => {
      const collection = path.split('/')[2] ?? ''
      const about = { path, compiled: byPath.get(collection) ?? null, template: templates[collection] ?? null }
      return methods.map((method) => ({ ...about, method }))
    })
  }

  async ask(method: string, path: string, headers: Headers, body?: Json): Promise<Json> {
    const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
    const reply = await this.app.inject({ method, url: path, headers, ...payload } as InjectOptions)
    assert.ok(reply.statusCode < 300, `${method} ${path}: ${reply.statusCode} ${reply.body}`)
    return reply.body === '' ? {} : (reply.json() as Json)
  }

  async make(path: string, headers: Headers, attributes: Json): Promise<string> {
    const name = path.replaceAll('-', '_').replace(/s$/, '')
    const reply = await this.ask('POST', `/v2.0/${path}`, headers, { [name]: attributes })
    return (reply[name] as { id: string }).id
  }
}

interface Furniture {
  readonly ids: readonly string[]
  /** what makes one more of each */
  readonly templates: Readonly<Record<string, Json>>
}

/** One object of each usual kind for a project. */
async function furnish(service: Service, headers: Headers, external: string, octet: number): Promise<Furniture> {
  const network_id = await service.make('networks', headers, { name: 'n', description: 'mine' })
  const subnet = { network_id, ip_version: 4, cidr: `10.${octet}.0.0/24` }
  const subnet_id = await service.make('subnets', headers, subnet)
  const port_id = await service.make('ports', headers, { network_id })
  const router = await service.make('routers', headers, { name: 'r' })
  await service.ask('PUT', `/v2.0/routers/${router}/add_router_interface`, headers, { subnet_id })
  const gateway = { router: { external_gateway_info: { network_id: external } } }
  await service.ask('PUT', `/v2.0/routers/${router}`, headers, gateway)
  const floating = await service.make('floatingips', headers, { floating_network_id: external, port_id })
  const security_group_id = await service.make('security-groups', headers, { name: 'g' })
  const rule = { security_group_id, direction: 'ingress', protocol: 'tcp', port_range_min: 80, port_range_max: 80 }
  const ruleId = await service.make('security-group-rules', headers, rule)
  const pool = { name: 'p', prefixes: [`172.${octet}.0.0/16`] }
  const poolId = await service.make('subnetpools', headers, pool)
  const scope = { name: 's', ip_version: 4 }
  const scopeId = await service.make('address-scopes', headers, scope)
  return {
    ids: [network_id, subnet_id, port_id, router, floating, security_group_id, ruleId, poolId, scopeId],
    templates: {
      networks: { name: 'one more' },
      subnets: { ...subnet, cidr: `10.${octet}.1.0/24` },
      ports: { network_id },
      routers: { name: 'one more' },
      floatingips: { floating_network_id: external },
      'security-groups': { name: 'one more' },
      'security-group-rules': { ...rule, protocol: 'udp' },
      subnetpools: { ...pool, name: 'one more' },
      'address-scopes': { ...scope, name: 'one more' },
      'rbac-policies': {
        object_type: 'network',
        object_id: network_id,
        action: 'access_as_shared',
        target_tenant: 'x',
      },
    },
  }
}

/** Everything of a project, as an administrator sees it. */
async function belongings(service: Service, project: string): Promise<Json> {
  const all: Json = {}
  for (const path of [
    'networks',
    'subnets',
    'ports',
    'routers',
    'floatingips',
    'security-groups',
    'security-group-rules',
    'subnetpools',
    'address-scopes',
    'rbac-policies',
  ])
    all[path] = await service.ask('GET', `/v2.0/${path}?project_id=${project}`, ADMIN)
  all.quotas = await service.ask('GET', `/v2.0/quotas/${project}`, ADMIN)
  return all
}

async function send(service: Service, { method, url, headers, payload }: FuzzedRequest, as: Headers): Promise<void> {
  const request = { method, url, headers: { ...headers, ...as }, ...(payload === undefined ? {} : { payload }) }
  const shown = () => `${method} ${url} ${JSON.stringify(headers)} ${payload?.slice(0, 2000)}`
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms: ${shown()}`)), ANSWER_MS)
  })
  const reply = await Promise.race([service.app.inject(request as InjectOptions), late]).finally(() =>
    clearTimeout(timer),
  )
  assert.ok(reply.statusCode < 500, `${reply.statusCode} to ${shown()}\n${service.errors.at(-1) ?? ''}`)
  if (reply.statusCode >= 400 && reply.body !== '') {
    const { NeutronError } = reply.json() as { NeutronError?: { type?: string; message?: string } }
    assert.ok(NeutronError?.type && typeof NeutronError.message === 'string', `${reply.body} to ${shown()}`)
  }
}

async function storm(as: Headers, cases: number, seed: number): Promise<void> {
  const service = await Service.open()
  try {
    const external = await service.make('networks', ADMIN, { name: 'ext', 'router:external': true })
    await service.make('subnets', ADMIN, { network_id: external, ip_version: 4, cidr: '203.0.113.0/24' })
    const victim = await furnish(service, VICTIM, external, 1)
    const before = await belongings(service, 'victim')
    // objects do not live long among such requests
    for (let round = 0; round * PER_ROUND < cases; round++) {
      const own = await furnish(service, as, external, 20 + round)
      const requests = fuzzedRequests(service.routes(own.templates), [external, ...own.ids, ...victim.ids, 'victim'])
      for (const request of fc.sample(requests, { numRuns: PER_ROUND, seed: seed + round }))
        await send(service, request, as)
    }
    if (as !== ADMIN) assert.deepEqual(await belongings(service, 'victim'), before)
  } finally {
    await service.close()
  }
}

it('a tenant’s nonsense gets a fault and leaves other projects alone', () => storm(ATTACKER, CASES, SEED))
it('an administrator’s nonsense gets a fault', () => storm(ADMIN, CASES / 2, SEED + 1))
