/**
 * What `api` asks of `core`. Values in and out are the API's own attributes (`router:external`, `fixed_ips`,
 * `tenant_id` …), complete and already checked for form by `api`; `core` checks them against the cloud's state, and
 * throws faults of `core/faults.ts`. Policy on attributes (who may read or set which) is `api`'s.
 */

/** Who asks. Made from a token by `api`, or `systemContext` for the service's own work. */
export interface RequestContext {
  readonly requestId: string
  readonly userId: string
  readonly projectId: string
  readonly roles: readonly string[]
  /** may see and change every project's objects */
  readonly isAdmin: boolean
  /** role `service`, or admin: may set binding, device_owner network:* and fixed addresses freely */
  readonly isService: boolean
}

export type Attributes = Readonly<Record<string, unknown>>

/** One object as the API shows it, all attributes present. */
export type Resource = Record<string, unknown> & { id: string }

/** A checked list request. Filters are OR within an attribute, AND between; names are API attribute names. */
export interface ListQuery {
  readonly filters: Readonly<Record<string, readonly string[]>>
  readonly sort: readonly { readonly key: string; readonly dir: 'asc' | 'desc' }[]
  readonly limit: number | null
  readonly marker: string | null
  readonly reverse: boolean
}

/** The verbs of one collection. `list` and `get` return only what the context may see (owner, shared, external). */
export interface ResourceService {
  list(ctx: RequestContext, query: ListQuery): Promise<Resource[]>
  /** throws the resource's NotFound when absent or not visible */
  get(ctx: RequestContext, id: string): Promise<Resource>
  /** all or nothing, in order */
  create(ctx: RequestContext, items: readonly Attributes[]): Promise<Resource[]>
  /** `ifRevision`: from If-Match; a different revision_number is 412 RevisionNumberConstraintFailed */
  update(ctx: RequestContext, id: string, changes: Attributes, ifRevision?: number): Promise<Resource>
  delete(ctx: RequestContext, id: string, ifRevision?: number): Promise<void>
}

/** PUT /routers/{id}/<action> and its like: body in, body out. */
export type ResourceAction = (ctx: RequestContext, id: string, body: Attributes) => Promise<Record<string, unknown>>

/** Everything `api` serves. Collections by their JSON plural (`networks`, `security_group_rules`, …). */
export interface CoreServices {
  readonly collections: Readonly<Record<string, ResourceService>>
  /** `routers` -> `add_router_interface`, `remove_router_interface`, … */
  readonly actions: Readonly<Record<string, Readonly<Record<string, ResourceAction>>>>
  readonly quotas: QuotaService
  readonly schedulers: SchedulerService
  /** absent where there are no routers */
  readonly autoAllocation?: AutoAllocationService
  readonly portBindings?: PortBindingService
  /** absent where there are no routers */
  readonly flavorProfiles?: FlavorProfileService
}

/** /auto-allocated-topology. Answers with `id` (of the network) and the project. */
export interface AutoAllocationService {
  /** whether there is what it takes: a default external network and default subnet pools; 409 otherwise */
  check(ctx: RequestContext, projectId: string): Promise<Resource>
  /** the project's network, made when there is none yet */
  ensure(ctx: RequestContext, projectId: string): Promise<Resource>
  /** nothing is there to remove: that is all right */
  remove(ctx: RequestContext, projectId: string): Promise<void>
}

/** /flavors/{id}/service_profiles */
export interface FlavorProfileService {
  add(ctx: RequestContext, flavorId: string, serviceProfileId: string): Promise<void>
  remove(ctx: RequestContext, flavorId: string, serviceProfileId: string): Promise<void>
}

/** /ports/{id}/bindings: by port and host. */
export interface PortBindingService {
  list(ctx: RequestContext, portId: string, query: ListQuery): Promise<Resource[]>
  get(ctx: RequestContext, portId: string, host: string): Promise<Resource>
  create(ctx: RequestContext, portId: string, item: Attributes): Promise<Resource>
  update(ctx: RequestContext, portId: string, host: string, changes: Attributes): Promise<Resource>
  delete(ctx: RequestContext, portId: string, host: string): Promise<void>
  /** the port is on this host from now on */
  activate(ctx: RequestContext, portId: string, host: string): Promise<Resource>
}

export interface QuotaService {
  list(ctx: RequestContext): Promise<Record<string, unknown>[]>
  get(ctx: RequestContext, projectId: string): Promise<Record<string, number>>
  defaults(ctx: RequestContext): Promise<Record<string, number>>
  details(
    ctx: RequestContext,
    projectId: string,
  ): Promise<Record<string, { limit: number; used: number; reserved: number }>>
  update(ctx: RequestContext, projectId: string, limits: Record<string, number>): Promise<Record<string, number>>
  reset(ctx: RequestContext, projectId: string): Promise<void>
}

/** /agents/{id}/l3-routers, /agents/{id}/dhcp-networks and the reverse listings. */
export interface SchedulerService {
  routersOnAgent(ctx: RequestContext, agentId: string): Promise<Resource[]>
  agentsOfRouter(ctx: RequestContext, routerId: string): Promise<Resource[]>
  addRouterToAgent(ctx: RequestContext, agentId: string, routerId: string): Promise<void>
  removeRouterFromAgent(ctx: RequestContext, agentId: string, routerId: string): Promise<void>
  networksOnAgent(ctx: RequestContext, agentId: string): Promise<Resource[]>
  agentsOfNetwork(ctx: RequestContext, networkId: string): Promise<Resource[]>
  addNetworkToAgent(ctx: RequestContext, agentId: string, networkId: string): Promise<void>
  removeNetworkFromAgent(ctx: RequestContext, agentId: string, networkId: string): Promise<void>
}
