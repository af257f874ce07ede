/** Rules by name in oslo.policy's language, and what they mean for a caller and an object. */
import { ConfigError } from '../../config/options.js'
import type { RequestContext } from '../../core/service.js'
import { type Expression, parseRule } from './oslo-language.js'
import { allowed, needsNetwork, type PolicyTarget, type Rule } from './rules.js'

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

const DEFAULT_RULE = 'default'

export type Caller = Pick<RequestContext, 'userId' | 'projectId' | 'roles'>

export class Rulebook {
  readonly #own: ReadonlyMap<string, Expression>
  readonly #base: ReadonlyMap<string, Expression>
  /** what the API declares, for rules that refer to it */
  readonly #declared: ReadonlyMap<string, Rule>
  /** the rule `default` is being looked at: it may name rules that nobody wrote, too */
  #inDefault = false

  /** `own`: the operator's. Throws ConfigError for one that refers to itself. */
  constructor(own: ReadonlyMap<string, Expression>, declared: ReadonlyMap<string, Rule>, path: string) {
    this.#own = own
    this.#base = new Map(Object.entries(BASE_RULES).map(([name, text]) => [name, parseRule(text)]))
    this.#declared = declared
    for (const name of own.keys()) this.#refuseCircle(name, [], path)
  }

  holds(expression: Expression, caller: Caller, target: PolicyTarget, ctx?: RequestContext): boolean {
    switch (expression.kind) {
      case 'always':
        return true
      case 'never':
        return false
      case 'and':
        return expression.parts.every((part) => this.holds(part, caller, target, ctx))
      case 'or':
        return expression.parts.some((part) => this.holds(part, caller, target, ctx))
      case 'not':
        return !this.holds(expression.part, caller, target, ctx)
      case 'role':
        return caller.roles.includes(expression.name.toLowerCase())
      case 'rule': {
        const named = this.#own.get(expression.name) ?? this.#base.get(expression.name)
        if (named) return this.holds(named, caller, target, ctx)
        const declared = this.#declared.get(expression.name)
        if (declared) return ctx !== undefined && allowed(declared, ctx, target)
        return this.#ofDefault((rule) => this.holds(rule, caller, target, ctx))
      }
      case 'field': {
        const value = pythonText(fieldOf(expression, target))
        return expression.pattern ? expression.pattern.test(value) : value === expression.value
      }
      case 'match':
        return matches(expression.left, expression.right, caller, target, ctx)
    }
  }

  /** As oslo.policy has it: a rule that nobody wrote is as the rule `default` says. */
  #ofDefault(ask: (rule: Expression) => boolean): boolean {
    if (this.#inDefault) return false
    this.#inDefault = true
    try {
      return ask({ kind: 'rule', name: DEFAULT_RULE })
    } finally {
      this.#inDefault = false
    }
  }

  /** Whether the answer may depend on the object's network. */
  asksNetwork(expression: Expression): boolean {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return expression.parts.some((part) => this.asksNetwork(part))
      case 'not':
        return this.asksNetwork(expression.part)
      case 'match':
        return expression.right.includes('%(network:')
      case 'field':
        return expression.resource === 'networks'
      case 'rule': {
        const named = this.#own.get(expression.name) ?? this.#base.get(expression.name)
        if (named) return this.asksNetwork(named)
        const declared = this.#declared.get(expression.name)
        return declared ? needsNetwork(declared) : this.#ofDefault((rule) => this.asksNetwork(rule))
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
