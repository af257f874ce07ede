/** Which rules a request must pass, and the refusal Neutron words from them. */
import type { Attributes, RequestContext } from '../../core/service.js'
import { policyNotAuthorized } from '../faults.js'
import type { Compiled, CompiledAttribute } from '../resources/definition.js'
import { ruleName, UNSET } from '../resources/definition.js'
import type { Policy } from './policy.js'
import { allowed, NO_TARGET, needsNetwork, type PolicyTarget, type Rule } from './rules.js'

type WriteVerb = 'create' | 'update'

/** One named rule, with the rules of keys inside its value. */
export interface NamedRule {
  readonly name: string
  readonly rule: Rule
  readonly inner: readonly NamedRule[]
}

/** Rules of a write: the verb's own, then one for every attribute that was set and has one, in the order of replies. */
export function writeRules(compiled: Compiled, verb: WriteVerb, attributes: Attributes): readonly NamedRule[] {
  const action = ruleName(verb, compiled.resource)
  const rules: NamedRule[] = [{ name: action, rule: compiled.resource.policy[verb]!, inner: [] }]
  for (const attribute of compiled.attributes.values()) {
    const rule = attribute.policy?.[verb]
    if (!rule || !wasSet(attribute, verb, attributes)) continue
    const name = `${action}:${attribute.name}`
    rules.push({ name, rule, inner: keyRules(name, attribute.keyRules[verb], attributes[attribute.name]) })
  }
  return rules
}

/** A create gives every attribute; those that have their default ask for nothing. */
function wasSet(attribute: CompiledAttribute, verb: WriteVerb, attributes: Attributes): boolean {
  if (!Object.hasOwn(attributes, attribute.name)) return false
  if (verb === 'update' || attribute.fallback === UNSET) return true
  return JSON.stringify(attributes[attribute.name]) !== JSON.stringify(attribute.fallback)
}

function keyRules(name: string, rules: readonly (readonly [string, Rule])[], value: unknown): NamedRule[] {
  const objects = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'object' && item !== null)
  return rules
    .filter(([key]) => objects.some((object) => key in object))
    .map(([key, rule]) => ({ name: `${name}:${key}`, rule, inner: [] }))
}

export function rulesNeedNetwork(rules: readonly NamedRule[]): boolean {
  return rules.some(({ rule, inner }) => needsNetwork(rule) || rulesNeedNetwork(inner))
}

/** Throws 403 PolicyNotAuthorized unless the caller passes all rules. */
export function enforce(rules: readonly NamedRule[], ctx: RequestContext, target: PolicyTarget): void {
  if (!passes(rules, ctx, target)) throw policyNotAuthorized(describe(rules))
}

export function passes(rules: readonly NamedRule[], ctx: RequestContext, target: PolicyTarget): boolean {
  return rules.every(({ rule, inner }) => allowed(rule, ctx, target) && passes(inner, ctx, target))
}

/** `((rule:a and rule:b) and (rule:c and rule:c:d))`: pairs nest to the left, as rules were added. */
function describe(rules: readonly NamedRule[]): string {
  const texts = rules.map(({ name, inner }) =>
    inner.length === 0 ? `rule:${name}` : `(rule:${name} and ${describe(inner)})`,
  )
  return texts.reduce((left, right) => `(${left} and ${right})`)
}

/** A verb or action that has one rule and no attributes. */
export function enforceAction(name: string, rule: Rule, ctx: RequestContext, target: PolicyTarget): void {
  enforce([{ name, rule, inner: [] }], ctx, target)
}

/** A named rule that looks at the caller only, the operator's own if there is one: 403 for whom it does not let. */
export function guard(policy: Policy, name: string, declared: Rule): (ctx: RequestContext) => void {
  const rule = policy.rule(name, declared)
  return (ctx) => enforceAction(name, rule, ctx, NO_TARGET)
}
