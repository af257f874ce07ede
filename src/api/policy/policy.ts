/** An operator's policy: rules of policy.yaml in place of those the API declares. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { ConfigError } from '../../config/options.js'
import { type Attribute, type AttributePolicy, type Resource, ruleName } from '../resources/definition.js'
import { type Expression, parseRule } from './oslo-language.js'
import { parsePolicyFile } from './policy-file.js'
import { type Caller, Rulebook } from './rulebook.js'
import { NO_TARGET, type Override, type Rule } from './rules.js'

/** Overrides by name. As in Neutron, an administrator passes every rule; who is one, `context_is_admin` says. */
export class Policy {
  readonly #own: ReadonlyMap<string, Expression>
  /** what the API declares */
  readonly #declared = new Map<string, Rule>()
  readonly #rules: Rulebook

  /** Throws ConfigError for a rule that makes no sense. */
  constructor(texts: ReadonlyMap<string, string> = new Map(), path = 'policy') {
    this.#own = new Map([...texts].map(([name, text]) => [name, parsed(name, text, path)]))
    this.#rules = new Rulebook(this.#own, this.#declared, path)
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
    return this.#rules.holds({ kind: 'rule', name: 'context_is_admin' }, caller, NO_TARGET)
  }

  isService(caller: Caller): boolean {
    return this.#rules.holds({ kind: 'rule', name: 'context_is_advsvc' }, caller, NO_TARGET)
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
    const rules = this.#rules
    const override: Override = {
      // asked late: it may refer to a rule that the API declares later
      get network() {
        return rules.asksNetwork(expression)
      },
      test: (ctx, target) => rules.holds(expression, ctx, target, ctx),
    }
    return [override]
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
