/** PUT /routers/{id}/<action> and whatever else `core` has actions for; GET where an action only tells. */
import type { Attributes } from '../../core/service.js'
import { badRequest, Fault } from '../faults.js'
import { ADDRESSES, POOL, ROUTER, SUBPORTS } from '../openapi/action-operations.js'
import type { Operation } from '../openapi/operation.js'
import { enforceAction } from '../policy/enforce.js'
import { needsNetwork, type Rule } from '../policy/rules.js'
import { targets } from '../policy/target.js'
import { checkAddresses, toAddresses } from '../resources/address-group.js'
import { OWNER, READER } from '../resources/common.js'
import type { Check, Compiled } from '../resources/definition.js'
import { extraRoutesBody } from '../resources/router.js'
import { checkSubportIds, checkSubports, toSubports } from '../resources/trunk.js'
import { cidr, isDict, listOf, orNull, uuid } from '../wire/checks.js'
import { presenter } from '../wire/present.js'
import { quoted } from '../wire/text.js'
import { type Environment, visible } from './environment.js'
import { type Handler, param, type Routes } from './routes.js'

interface Action {
  readonly rule: Rule
  /** one that only tells has no body */
  readonly method?: 'GET'
  /** throws when the body is malformed */
  readonly check?: (body: Attributes) => void
  /** what `core` is given; throws when the body is malformed */
  readonly read?: (body: Attributes) => Attributes
  /** of the API's description */
  readonly operation: Operation
}

/** Actions by collection. One that `core` does not have is not served. */
const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  routers: {
    add_router_interface: { rule: OWNER, check: checkInterface, operation: ROUTER.join },
    remove_router_interface: { rule: OWNER, check: checkInterface, operation: ROUTER.part },
    add_extraroutes: { rule: OWNER, check: checkExtraRoutes, operation: ROUTER.addRoutes },
    remove_extraroutes: { rule: OWNER, check: checkExtraRoutes, operation: ROUTER.removeRoutes },
  },
  subnetpools: {
    add_prefixes: { rule: OWNER, read: prefixesOf, operation: POOL.add },
    remove_prefixes: { rule: OWNER, read: prefixesOf, operation: POOL.remove },
    onboard_network_subnets: { rule: OWNER, read: networkOf, operation: POOL.onboard },
  },
  address_groups: {
    add_addresses: { rule: OWNER, read: addressesOf, operation: ADDRESSES.add },
    remove_addresses: { rule: OWNER, read: addressesOf, operation: ADDRESSES.remove },
  },
  trunks: {
    add_subports: { rule: OWNER, read: subportsOf(checkSubports), operation: SUBPORTS.add },
    remove_subports: { rule: OWNER, read: subportsOf(checkSubportIds), operation: SUBPORTS.remove },
    get_subports: { rule: READER, method: 'GET', operation: SUBPORTS.list },
  },
}

export function actionRoutes(routes: Routes, env: Environment, compiled: Compiled): void {
  const { plural, path } = compiled.resource
  for (const [name, action] of Object.entries(ACTIONS[plural] ?? {})) {
    if (!env.services.actions[plural]?.[name]) continue
    const handler = actionHandler(env, compiled, name, action)
    routes.on(action.method ?? 'PUT', `/v2.0/${path}/:id/${name}`, handler, action.operation)
  }
}

function actionHandler(env: Environment, compiled: Compiled, name: string, action: Action): Handler {
  const { plural, name: resource } = compiled.resource
  const rule = env.policy.rule(name, action.rule)
  const run = env.services.actions[plural]![name]!
  return async (request) => {
    const { ctx } = request
    const body = action.method === 'GET' ? {} : request.body
    const id = param(request, 'id')
    if (!isDict(body)) throw badRequest('Resource body required')
    action.check?.(body)
    const asked = action.read?.(body) ?? body
    if (!ctx.isAdmin) {
      const object = await visible(env, ctx, plural, id)
      enforceAction(name, rule, ctx, await targets(env.services, ctx)(object, needsNetwork(rule)))
    }
    const result = await run(ctx, id, asked)
    const whole = result[resource]
    return isDict(whole) ? { [resource]: presenter(compiled, ctx)(whole) } : result
  }
}

function checkInterface(body: Attributes): void {
  const unknown = Object.keys(body).filter((key) => key !== 'subnet_id' && key !== 'port_id')
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`)
  for (const key of ['subnet_id', 'port_id']) {
    const reason = orNull(uuid)(body[key] ?? null)
    if (reason !== null) throw badRequest(`Invalid input for ${key}. Reason: ${reason}.`)
  }
  if (!body.subnet_id && !body.port_id) {
    throw new Fault('BadRequest', 400, 'Bad router request: Either subnet_id or port_id must be specified.')
  }
}

function checkExtraRoutes(body: Attributes): void {
  if (!isDict(body.router)) throw badRequest("Unable to find 'router' in request body")
  const reason = extraRoutesBody(body.router)
  if (reason !== null) throw badRequest(`Invalid input for routes. Reason: ${reason}.`)
  if (!Array.isArray(body.router.routes)) throw badRequest(`Invalid input for routes: ${quoted(body.router.routes)}.`)
}

/** `{"addresses": […]}`, also inside `address_group`. */
function addressesOf(body: Attributes): Attributes {
  const own = isDict(body.address_group) ? body.address_group : body
  const addresses = toAddresses(own.addresses)
  const reason = own.addresses === undefined ? 'addresses is required' : checkAddresses(addresses)
  if (reason !== null) throw badRequest(`Invalid input for addresses. Reason: ${reason}.`)
  return { addresses }
}

/** The body of an operation on a pool, also inside `subnetpool`. */
const ofPool = (body: Attributes) => (isDict(body.subnetpool) ? body.subnetpool : body)

function prefixesOf(body: Attributes): Attributes {
  const { prefixes } = ofPool(body)
  const reason = prefixes === undefined ? 'prefixes is required' : listOf(cidr)(prefixes)
  if (reason !== null) throw badRequest(`Invalid input for prefixes. Reason: ${reason}.`)
  return { prefixes }
}

function networkOf(body: Attributes): Attributes {
  const { network_id } = ofPool(body)
  const reason = uuid(network_id)
  if (reason !== null) throw badRequest(`Invalid input for network_id. Reason: ${reason}.`)
  return { network_id }
}

function subportsOf(check: Check): (body: Attributes) => Attributes {
  return (body) => {
    const sub_ports = toSubports(body.sub_ports)
    const reason = body.sub_ports === undefined ? 'sub_ports is required' : check(sub_ports)
    if (reason !== null) throw badRequest(`Invalid input for sub_ports. Reason: ${reason}.`)
    return { sub_ports }
  }
}
