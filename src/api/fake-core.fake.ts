/**
 * A small cloud in memory behind the interface of `core`: enough state to see what `api` asks of it. It remembers
 * the last list request and the last attributes given to `create`, and can be told to fail.
 */
import { randomUUID } from 'node:crypto'
import { Fault } from '../core/faults.js'
import type {
  Attributes,
  CoreServices,
  ListQuery,
  QuotaService,
  RequestContext,
  Resource,
  ResourceService,
  SchedulerService,
} from '../core/service.js'

const COLLECTIONS: Readonly<Record<string, string>> = {
  networks: 'Network',
  subnets: 'Subnet',
  ports: 'Port',
  routers: 'Router',
  floatingips: 'FloatingIP',
  security_groups: 'SecurityGroup',
  security_group_rules: 'SecurityGroupRule',
  agents: 'Agent',
  availability_zones: 'AvailabilityZone',
}

export class FakeCollection implements ResourceService {
  readonly objects = new Map<string, Resource>()
  readonly #kind: string
  lastList: ListQuery | null = null
  lastCreate: readonly Attributes[] = []
  lastUpdate: { readonly changes: Attributes; readonly ifRevision: number | undefined } | null = null
  /** thrown by the next call */
  failure: Error | null = null

  constructor(kind: string) {
    this.#kind = kind
  }

  add(object: Attributes): Resource {
    const made = {
      id: randomUUID(),
      tags: [],
      created_at: '2026-11-22T06:54:42Z',
      updated_at: '2026-11-22T06:54:42Z',
      revision_number: 1,
      ...object,
    }
    this.objects.set(made.id, made)
    return made
  }

  async list(ctx: RequestContext, query: ListQuery): Promise<Resource[]> {
    this.#mayFail()
    this.lastList = query
    const seen = [...this.objects.values()].filter((object) => visible(ctx, object))
    const found = seen.filter((object) =>
      plainFilters(query).every(([key, values]) => values.includes(String(object[key]))),
    )
    const from = query.marker === null ? 0 : found.findIndex(({ id }) => id === query.marker) + 1
    return query.limit === null ? found.slice(from) : found.slice(from, from + query.limit)
  }

  async get(ctx: RequestContext, id: string): Promise<Resource> {
    this.#mayFail()
    const object = this.objects.get(id)
    if (object && visible(ctx, object)) return object
    throw new Fault(`${this.#kind}NotFound` as 'NetworkNotFound', 404, `${this.#kind} ${id} could not be found.`)
  }

  async create(_ctx: RequestContext, items: readonly Attributes[]): Promise<Resource[]> {
    this.#mayFail()
    this.lastCreate = items
    return items.map((item) => this.add(item))
  }

  async update(ctx: RequestContext, id: string, changes: Attributes, ifRevision?: number): Promise<Resource> {
    const object = await this.get(ctx, id)
    this.lastUpdate = { changes, ifRevision }
    if (ifRevision !== undefined && ifRevision !== object.revision_number) {
      throw new Fault('RevisionNumberConstraintFailed', 412, `Constrained to ${ifRevision}, but current revision is 1`)
    }
    const updated = { ...object, ...changes, id }
    this.objects.set(id, updated)
    return updated
  }

  async delete(ctx: RequestContext, id: string): Promise<void> {
    await this.get(ctx, id)
    this.objects.delete(id)
  }

  #mayFail(): void {
    const { failure } = this
    this.failure = null
    if (failure) throw failure
  }
}

function plainFilters(query: ListQuery): [string, readonly string[]][] {
  return Object.entries(query.filters).filter(([key]) => PLAIN.includes(key))
}

/** Filters that compare an attribute's text; the others are `core`'s business. */
const PLAIN = ['name', 'admin_state_up', 'resource']

function visible(ctx: RequestContext, object: Resource): boolean {
  return (
    ctx.isAdmin ||
    object.project_id === ctx.projectId ||
    object.shared === true ||
    object['router:external'] === true ||
    object.resource !== undefined
  )
}

const LIMITS: Readonly<Record<string, number>> = { network: 100, port: 500, router: 10 }

function fakeQuotas(): QuotaService {
  const own = new Map<string, Record<string, number>>()
  const get = (project: string) => ({ ...LIMITS, ...own.get(project) })
  return {
    list: async () => [...own.keys()].map((project) => ({ tenant_id: project, project_id: project, ...get(project) })),
    get: async (_ctx, project) => get(project),
    defaults: async () => ({ ...LIMITS }),
    details: async (_ctx, project) =>
      Object.fromEntries(Object.entries(get(project)).map(([name, limit]) => [name, { limit, used: 0, reserved: 0 }])),
    update: async (_ctx, project, limits) => {
      own.set(project, { ...own.get(project), ...limits })
      return get(project)
    },
    reset: async (_ctx, project) => {
      own.delete(project)
    },
  }
}

export interface FakeCore extends CoreServices {
  readonly collections: Readonly<Record<string, FakeCollection>>
  /** `agent/object` of every scheduling */
  readonly hosted: Set<string>
}

export function fakeCore(): FakeCore {
  const collections = Object.fromEntries(
    Object.entries(COLLECTIONS).map(([plural, kind]) => [plural, new FakeCollection(kind)]),
  )
  const hosted = new Set<string>()
  const members = (plural: string, agent: string) =>
    [...collections[plural]!.objects.values()].filter(({ id }) => hosted.has(`${agent}/${id}`))
  const agentsOf = (object: string) =>
    [...collections.agents!.objects.values()].filter(({ id }) => hosted.has(`${id}/${object}`))
  const add = async (_ctx: RequestContext, agent: string, object: string) => void hosted.add(`${agent}/${object}`)
  const remove = async (_ctx: RequestContext, agent: string, object: string) => void hosted.delete(`${agent}/${object}`)
  const schedulers: SchedulerService = {
    routersOnAgent: async (_ctx, agent) => members('routers', agent),
    agentsOfRouter: async (_ctx, router) => agentsOf(router),
    addRouterToAgent: add,
    removeRouterFromAgent: remove,
    networksOnAgent: async (_ctx, agent) => members('networks', agent),
    agentsOfNetwork: async (_ctx, network) => agentsOf(network),
    addNetworkToAgent: add,
    removeNetworkFromAgent: remove,
  }
  return {
    collections,
    hosted,
    quotas: fakeQuotas(),
    schedulers,
    actions: { routers: fakeActions(collections.routers!) },
  }
}

function fakeActions(routers: FakeCollection): CoreServices['actions'][string] {
  const joined = async (ctx: RequestContext, id: string, body: Attributes) => {
    const router = await routers.get(ctx, id)
    return { id, tenant_id: router.project_id, port_id: 'p', subnet_id: body.subnet_id, subnet_ids: [body.subnet_id] }
  }
  const routed = async (ctx: RequestContext, id: string) => ({ router: await routers.get(ctx, id) })
  return {
    add_router_interface: joined,
    remove_router_interface: joined,
    add_extraroutes: routed,
    remove_extraroutes: routed,
  }
}
