/** From `core`'s objects to the JSON a caller may see: declared attributes only, in their order, policy applied. */
import type { RequestContext } from '../../core/service.js'
import { allowed, NO_TARGET, needsObject, type PolicyTarget } from '../policy/rules.js'
import { type Compiled, compile, type Resource } from '../resources/definition.js'

export type Present = (object: Readonly<Record<string, unknown>>) => Record<string, unknown>

const compiledEmbeds = new WeakMap<Resource, Compiled>()

/** The presenter of one request: what the caller may see is settled once, not per object. */
export function presenter(compiled: Compiled, ctx: RequestContext, fields: ReadonlySet<string> | null = null): Present {
  const names = compiled.shown
    .filter(({ read }) => read === null || needsObject(read) || allowed(read, ctx, NO_TARGET))
    .map(({ name }) => name)
    .filter((name) => fields === null || fields.has(name))
  const perObject = compiled.shown.flatMap(({ name, read }) =>
    read !== null && needsObject(read) && !ctx.isAdmin ? [[name, read] as const] : [],
  )
  const embeds = Object.entries(compiled.resource.embeds ?? {})
    .filter(([name]) => names.includes(name))
    .map(([name, resource]) => [name, presenter(compiledOnce(resource), ctx)] as const)
  return (object) => {
    const project = object.project_id ?? object.tenant_id
    const result: Record<string, unknown> = {}
    for (const name of names) {
      const value = name === 'tenant_id' || name === 'project_id' ? project : object[name]
      if (value !== undefined) result[name] = value
    }
    for (const [name, read] of perObject) if (!allowed(read, ctx, targetOf(object))) delete result[name]
    for (const [name, present] of embeds) {
      if (Array.isArray(result[name])) result[name] = result[name].map(present)
    }
    return result
  }
}

/** What the operator's own rules may look at when an object is read. */
export function targetOf(object: Readonly<Record<string, unknown>>): PolicyTarget {
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return {
    projectId: text(object.project_id ?? object.tenant_id),
    deviceOwner: text(object.device_owner),
    network: null,
    attributes: object,
  }
}

function compiledOnce(resource: Resource): Compiled {
  const known = compiledEmbeds.get(resource)
  if (known) return known
  const made = compile(resource)
  compiledEmbeds.set(resource, made)
  return made
}
