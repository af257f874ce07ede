/** An operator's policy: rules of policy.yaml in place of those the API declares. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { ConfigError } from '../../config/options.js'
import type { RequestContext } from '../../core/service.js'
import { type Attribute, type AttributePolicy, type Resource, ruleName } from '../resources/definition.js'
import { type Expression, parseRule } from './oslo-language.js'
import { parsePolicyFile } from './policy-file.js'
import { allowed, NO_TARGET, needsNetwork, type Override, type PolicyTarget, type Rule } from './rules.js'

/** Rules that others refer to, as Neutron has them. */
export const BASE_RULES: Readonly<Record<string, string>> = {
  context_is_admin: 'role:admin',
  context_is_advsvc: 'role:service',
  service_api: 'rule:context_is_advsvc',
  admin_only: 'rule:context_is_admin',
  regular_user: '',
  owner: 'project_id:%(project_id)s',
  admin_or_owner: 'rule:context_is_admin or rule:owner',
  network_owner: 'project_id:%(network:project_id)s',
  admin_or_network_owner: 'rule:context_is_admin or rule:network_owner',
  admin_owner_or_network_owner: 'rule:owner or rule:admin_or_network_owner',
  shared: 'field:networks:shared=True',
  external: 'field:networks:router:external=True',
  network_device: 'field:port:device_owner=~^network:',
  restrict_wildcard: 'not field:rbac_policy:target_tenant=*',
  default: 'rule:admin_or_owner',
}

type Caller = Pick<RequestContext, 'userId' | 'projectId' | 'roles'>

/** Overrides by name. As in Neutron, an administrator passes every rule; who is one, `context_is_admin` says. */
export class Policy {
  readonly #own: ReadonlyMap<string, Expression>
  readonly #base: ReadonlyMap<string, Expression>
  /** what the API declares, for rules that refer to it */
  readonly #declared = new Map<string, Rule>()

  /** Throws ConfigError for a rule that makes no sense. */
  constructor(texts: ReadonlyMap<string, string> = new Map(), path = 'policy') {
    this.#own = new Map([...texts].map(([name, text]) => [name, parsed(name, text, path)]))
    this.#base = new Map(Object.entries(BASE_RULES).map(([name, text]) => [name, parseRule(text)]))
    for (const name of this.#own.keys()) this.#refuseCircle(name, [], path)
  }

  /** The rule of a name that is not an attribute's or a verb's (`add_router_interface`). */
  rule(name: string, declared: Rule): Rule {
    this.#declared.set(name, declared)
    return this.#overridden(name) ?? declared
  }

  /** Every rule that was asked for by its name, with what holds without an operator's own. */
  declared(): ReadonlyMap<string, Rule> {
    return this.#declared
  }

  isAdmin(caller: Caller): boolean {
    return this.#holds({ kind: 'rule', name: 'context_is_admin' }, caller, NO_TARGET)
  }

  isService(caller: Caller): boolean {
    return this.#holds({ kind: 'rule', name: 'context_is_advsvc' }, caller, NO_TARGET)
  }

  /** The resource with the operator's rules in place of its own. */
  resource<R extends Resource>(resource: R): R {
    const policy = Object.fromEntries(
      Object.entries(resource.policy).map(([verb, rule]) => [verb, this.rule(ruleName(verb, resource), rule as Rule)]),
    )
    const attributes = Object.fromEntries(
      Object.entries(resource.attributes).map(([name, attribute]) => [
        name,
        { ...attribute, policy: this.#attribute(resource, name, attribute) },
      ]),
    )
    return { ...resource, policy, attributes }
  }

  #attribute(resource: Resource, name: string, { post, put, policy = {} }: Attribute): AttributePolicy {
    const of = (verb: string, declared: Rule | undefined) => {
      const full = `${ruleName(verb, resource)}:${name}`
      return declared ? this.rule(full, declared) : (this.#overridden(full) ?? undefined)
    }
    const keysOf = (verb: string, declared = policy.keys) =>
      declared &&
      Object.fromEntries(
        Object.entries(declared).map(([key, rule]) => [
          key,
          this.rule(`${ruleName(verb, resource)}:${name}:${key}`, rule),
        ]),
      )
    const [read, create, update] = [of('get', policy.read), of('create', policy.create), of('update', policy.update)]
    const [keys, updateKeys] = [post && keysOf('create'), put && keysOf('update', policy.updateKeys ?? policy.keys)]
    return {
      ...(read && { read }),
      ...(create && { create }),
      ...(update && { update }),
      ...(keys && { keys }),
      ...(updateKeys && { updateKeys }),
    }
  }

  #overridden(name: string): Rule | null {
    const expression = this.#own.get(name)
    if (!expression) return null
    const override: Override = {
      network: this.#asksNetwork(expression),
      test: (ctx, target) => this.#holds(expression, ctx, target, ctx),
    }
    return [override]
  }

  #holds(expression: Expression, caller: Caller, target: PolicyTarget, ctx?: RequestContext): boolean {
    switch (expression.kind) {
      case 'always':
        return true
      case 'never':
        return false
      case 'and':
        return expression.parts.every((part) => this.#holds(part, caller, target, ctx))
      case 'or':
        return expression.parts.some((part) => this.#holds(part, caller, target, ctx))
      case 'not':
        return !this.#holds(expression.part, caller, target, ctx)
      case 'role':
        return caller.roles.includes(expression.name.toLowerCase())
      case 'rule': {
        const named = this.#own.get(expression.name) ?? this.#base.get(expression.name)
        if (named) return this.#holds(named, caller, target, ctx)
        const declared = this.#declared.get(expression.name)
        return declared !== undefined && ctx !== undefined && allowed(declared, ctx, target)
      }
      case 'field': {
        const value = pythonText(fieldOf(expression, target))
        return expression.pattern ? expression.pattern.test(value) : value === expression.value
      }
      case 'match':
        return matches(expression.left, expression.right, caller, target, ctx)
    }
  }

  #asksNetwork(expression: Expression): boolean {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return expression.parts.some((part) => this.#asksNetwork(part))
      case 'not':
        return this.#asksNetwork(expression.part)
      case 'match':
        return expression.right.includes('%(network:')
      case 'field':
        return expression.resource === 'networks'
      case 'rule': {
        const named = this.#own.get(expression.name) ?? this.#base.get(expression.name)
        return named ? this.#asksNetwork(named) : needsNetwork(this.#declared.get(expression.name) ?? [])
      }
      default:
        return false
    }
  }

  #refuseCircle(name: string, path: readonly string[], file: string): void {
    if (path.includes(name)) throw new ConfigError(`${file}: rule ${name} refers to itself`)
    const refer = (expression: Expression): void => {
      if (expression.kind === 'and' || expression.kind === 'or') for (const part of expression.parts) refer(part)
      else if (expression.kind === 'not') refer(expression.part)
      else if (expression.kind === 'rule') this.#refuseCircle(expression.name, [...path, name], file)
    }
    const own = this.#own.get(name) ?? this.#base.get(name)
    if (own) refer(own)
  }
}

/** `[oslo_policy] policy_file`, beside the configuration files unless absolute. A default file need not be there. */
export function loadPolicy(file: string, configFiles: readonly string[], isDefault: boolean): Policy {
  const places = isAbsolute(file)
    ? [file]
    : [...configFiles, '/etc/neutron/neutron.conf'].map((c) => join(dirname(c), file))
  const path = places.find((place) => existsSync(place))
  if (path) return new Policy(parsePolicyFile(readFileSync(path, 'utf8'), path), path)
  if (isDefault) return new Policy()
  throw new ConfigError(`[oslo_policy] policy_file: there is no ${file}`)
}

function parsed(name: string, text: string, path: string): Expression {
  try {
    return parseRule(text)
  } catch (error) {
    throw new ConfigError(`${path}: rule ${name}: ${(error as Error).message}`)
  }
}

function matches(left: string, right: string, caller: Caller, target: PolicyTarget, ctx?: RequestContext): boolean {
  const wanted = right.replace(/%\(([^)]*)\)s/g, (_, key: string) => attributeText(key, target))
  const literal = /^'(.*)'$/.exec(left)?.[1]
  const known: Readonly<Record<string, string>> = {
    user_id: caller.userId,
    project_id: caller.projectId,
    tenant_id: caller.projectId,
    is_admin: pythonText(ctx?.isAdmin),
  }
  const have = literal ?? known[left] ?? ''
  // what is not known matches nothing: objects of the service itself belong to project ''
  return have !== '' && have === wanted
}

/** The object's attribute; whether a port or subnet, which has none of its own, is on a shared network. */
function fieldOf(expression: Expression & { kind: 'field' }, target: PolicyTarget): unknown {
  const { resource, attribute } = expression
  const own = target.attributes?.[attribute]
  return own === undefined && resource === 'networks' && attribute === 'shared' ? target.network?.shared : own
}

function attributeText(key: string, target: PolicyTarget): string {
  if (key === 'project_id' || key === 'tenant_id') return target.projectId
  if (key === 'network:project_id' || key === 'network:tenant_id') return target.network?.projectId ?? ''
  return pythonText(target.attributes?.[key])
}

/** As rules are written: True, False, None. */
function pythonText(value: unknown): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  return value === null || value === undefined ? 'None' : String(value)
}
