import type { RequestContext, Resource } from '../service.js'

/** The part of `SchedulerService` that is about routers; given by l3 when `core` is built (`CorePart.scheduling`). */
export interface L3Scheduling {
  routersOnAgent(ctx: RequestContext, agentId: string): Promise<Resource[]>
  agentsOfRouter(ctx: RequestContext, routerId: string): Promise<Resource[]>
  addRouterToAgent(ctx: RequestContext, agentId: string, routerId: string): Promise<void>
  removeRouterFromAgent(ctx: RequestContext, agentId: string, routerId: string): Promise<void>
}
