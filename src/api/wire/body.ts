/** From the JSON a client sent to the attributes `core` is given. */
import type { Attributes, RequestContext } from '../../core/service.js'
import { badRequest } from '../faults.js'
import { type Compiled, type CompiledAttribute, UNSET } from '../resources/definition.js'
import { isDict } from './checks.js'
import { withProject } from './project.js'

export interface CreateRequest {
  readonly items: readonly Attributes[]
  /** the plural key was used: the reply uses it too */
  readonly bulk: boolean
}

/** Parses the body of a POST: `{"network": {…}}` or `{"networks": [{…}, …]}`. */
export function parseCreate(ctx: RequestContext, compiled: Compiled, body: unknown): CreateRequest {
  const { name, plural, checkBulk } = compiled.resource
  if (!isDict(body)) throw badRequest('Resource body required')
  if (!(plural in body)) return { items: [createAttributes(ctx, compiled, unwrap(body, name))], bulk: false }
  const list = body[plural]
  if (!Array.isArray(list) || list.length === 0) throw badRequest('Resources required')
  const items = list.map((item) =>
    createAttributes(ctx, compiled, unwrap(isDict(item) && name in item ? item : { [name]: item }, name)),
  )
  checkBulk?.(items)
  return { items, bulk: true }
}

/** Parses the body of a PUT. */
export function parseUpdate(ctx: RequestContext, compiled: Compiled, body: unknown): Attributes {
  if (!isDict(body)) throw badRequest('Resource body required')
  const own = unwrap(body, compiled.resource.name)
  const given = compiled.attributes.has('project_id') ? withProject(ctx, own, false) : own
  refuseUnknown(compiled, given)
  for (const name of Object.keys(given)) {
    if (!compiled.attributes.get(name)?.put) throw badRequest(`Cannot update read-only attribute ${name}`)
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, checked(compiled.attributes.get(name)!, value)]),
  )
}

function unwrap(body: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  if (value === undefined || value === null) throw badRequest(`Unable to find '${name}' in request body`)
  if (!isDict(value)) throw badRequest(`Object '${name}' contains invalid data`)
  return value
}

function createAttributes(
  ctx: RequestContext,
  compiled: Compiled,
  body: Readonly<Record<string, unknown>>,
): Attributes {
  const given = compiled.attributes.has('project_id') ? withProject(ctx, body, true) : body
  refuseUnknown(compiled, given)
  for (const name of Object.keys(given)) {
    if (!compiled.attributes.get(name)?.post) throw badRequest(`Attribute '${name}' not allowed in POST`)
  }
  const result: Record<string, unknown> = {}
  for (const attribute of compiled.settableOnPost) {
    const value = Object.hasOwn(given, attribute.name)
      ? checked(attribute, given[attribute.name])
      : fallbackOf(attribute)
    if (value !== UNSET) result[attribute.name] = value
  }
  compiled.resource.checkCreate?.(result)
  return result
}

function refuseUnknown(compiled: Compiled, given: Readonly<Record<string, unknown>>): void {
  const unknown = Object.keys(given).filter((name) => !compiled.attributes.has(name))
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`)
}

function fallbackOf(attribute: CompiledAttribute): unknown {
  if ('fallback' in attribute) return attribute.fallback
  throw badRequest(`Failed to parse request. Required attribute '${attribute.name}' not specified`)
}

/** The value in the attribute's type; throws when it is refused. */
export function checked(attribute: CompiledAttribute, value: unknown): unknown {
  const converted = attribute.convert ? attribute.convert(value) : value
  const reason = attribute.check?.(converted) ?? null
  if (reason !== null) throw badRequest(`Invalid input for ${attribute.name}. Reason: ${reason}.`)
  return converted
}
