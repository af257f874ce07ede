/**
 * What a rule may ask, and its answer. Rules are data: a list of alternatives of which one must hold. An admin
 * passes every rule. No I/O: whoever evaluates a rule brings the object, and its network when the rule asks for it.
 */
import type { Attributes, RequestContext } from '../../core/service.js'

export type Alternative =
  /** nobody but an admin */
  | 'admin'
  /** role `service` (nova, ironic) */
  | 'service'
  /** role `reader`; whose objects are visible is decided by `core` */
  | 'reader'
  /** role `member` in the project that owns the object */
  | 'owner'
  /** role `reader` in the project that owns the object */
  | 'project-reader'
  /** any role in the project that owns the object */
  | 'same-project'
  /** role `manager` in the project that owns the object */
  | 'manager'
  /** role `member` in the project that owns the object's network */
  | 'network-owner'
  /** role `member`, and the object's network is shared */
  | 'network-shared'
  /** the port is not one of the network service's own (`network:…`) */
  | 'not-network-device'
  /** an RBAC policy that is for one project, not for all */
  | 'not-everybody'

/** A rule of the operator's instead of the declared ones. */
export interface Override {
  readonly test: (ctx: RequestContext, target: PolicyTarget) => boolean
  /** whether it asks for the object's network */
  readonly network: boolean
}

export type Rule = readonly (Alternative | Override)[]

export interface NetworkFacts {
  readonly projectId: string
  readonly shared: boolean
}

/** The facts of an object that rules look at. `network` null: not looked up, or the object has none. */
export interface PolicyTarget {
  readonly projectId: string
  readonly deviceOwner: string
  /** target of an RBAC policy; absent on other objects */
  readonly sharedWith?: string
  readonly network: NetworkFacts | null
  /** the object's attributes, for the operator's own rules */
  readonly attributes?: Attributes
}

export function allowed(rule: Rule, ctx: RequestContext, target: PolicyTarget): boolean {
  return ctx.isAdmin || rule.some((one) => (typeof one === 'string' ? holds(one, ctx, target) : one.test(ctx, target)))
}

function holds(alternative: Alternative, ctx: RequestContext, target: PolicyTarget): boolean {
  const member = ctx.roles.includes('member')
  switch (alternative) {
    case 'admin':
      return false
    case 'service':
      return ctx.isService
    case 'reader':
      return ctx.roles.includes('reader') || ctx.isService
    case 'owner':
      return member && own(ctx, target.projectId)
    case 'project-reader':
      return ctx.roles.includes('reader') && own(ctx, target.projectId)
    case 'same-project':
      return own(ctx, target.projectId)
    case 'manager':
      return ctx.roles.includes('manager') && own(ctx, target.projectId)
    case 'network-owner':
      return member && target.network !== null && own(ctx, target.network.projectId)
    case 'network-shared':
      return member && target.network?.shared === true
    case 'not-network-device':
      return !target.deviceOwner.startsWith('network:')
    case 'not-everybody':
      return target.sharedWith !== '*'
  }
}

/** Objects of the service itself belong to project '', which an unscoped token must not match. */
function own(ctx: RequestContext, projectId: string): boolean {
  return ctx.projectId !== '' && ctx.projectId === projectId
}

/** For rules that look at the caller only. */
export const NO_TARGET: PolicyTarget = { projectId: '', deviceOwner: '', network: null }

/** What a project has as a whole: its limits, its topology. */
export const projectTarget = (projectId: string): PolicyTarget => ({ ...NO_TARGET, projectId })

/** Whether nobody but an administrator passes, whatever the object is. */
export function isAdminOnly(rule: Rule): boolean {
  return rule.every((one) => one === 'admin')
}

/** Whether a rule can only be answered with the object's network at hand. */
export function needsNetwork(rule: Rule): boolean {
  return rule.some((one) => (typeof one === 'string' ? one.startsWith('network-') : one.network))
}

/** Whether the operator's own rule may depend on the object, which the declared rules for reading do not. */
export function needsObject(rule: Rule): boolean {
  return rule.some((one) => typeof one !== 'string')
}
