/**
 * How a resource is declared: attributes in the order replies show them, each with its flags, default, checks and
 * policy, and the verbs with theirs. `compile` makes the tables a request needs, once, at start.
 */
import type { Attributes } from '../../core/service.js'
import type { Rule } from '../policy/rules.js'
import type { Described, Schema, Taking } from '../wire/schema.js'

/** Default of an attribute whose value `core` chooses: it is left out of what `core` is given. */
export const UNSET = Symbol('left to core')

/** Null, or the reason why a value is refused (Neutron's words, without the final full stop). */
export type Check = ((value: unknown) => string | null) & Described

/** Brings a value into another type or form; throws InvalidInput. */
export type Convert = ((value: unknown) => unknown) & Taking

export interface AttributePolicy {
  readonly read?: Rule
  readonly create?: Rule
  readonly update?: Rule
  /** rules of keys inside the value (an object or a list of objects), for create and update */
  readonly keys?: Readonly<Record<string, Rule>>
  /** where those for update are others */
  readonly updateKeys?: Readonly<Record<string, Rule>>
}

export interface Attribute {
  /** settable on create, on update */
  readonly post?: boolean
  readonly put?: boolean
  /** value on create when not given; none on a settable attribute: required */
  readonly fallback?: unknown
  /** brings a value into the attribute's type before it is checked */
  readonly convert?: Convert
  readonly check?: Check
  /** what is shown, where neither check nor conversion says */
  readonly shows?: Schema
  readonly filter?: boolean
  readonly sort?: boolean
  /** never shown (`prefixlen`, `subnet_id` of a floating IP) */
  readonly writeOnly?: boolean
  readonly policy?: AttributePolicy
}

export type Verb = 'list' | 'get' | 'create' | 'update' | 'delete'

export interface Resource {
  /** JSON key of one object; JSON key of the collection; the collection in paths */
  readonly name: string
  readonly plural: string
  readonly path: string
  /** in names of rules, where Neutron has another there */
  readonly ruleName?: string
  /** for parts of another resource: their path is below its objects' */
  readonly parent?: Parent
  readonly attributes: Readonly<Record<string, Attribute>>
  /** a verb without a rule is 405. `get` also rules `list` */
  readonly policy: Readonly<Partial<Record<'get' | 'create' | 'update' | 'delete', Rule>>>
  /** checks across attributes of a create request; throws faults */
  readonly checkCreate?: (attributes: Attributes) => void
  /** checks across attributes of all items of one create request */
  readonly checkBulk?: (items: readonly Attributes[]) => void
  /** attributes that hold objects of another resource, shown by its rules */
  readonly embeds?: Readonly<Record<string, Resource>>
  /** filters that are no attribute */
  readonly extraFilters?: readonly string[]
  /** /{path}/{id}/tags */
  readonly taggable?: boolean
  /** who may change its tags, where that is not who may change the object */
  readonly tagPolicy?: Rule
  /**
   * Neutron does not fetch with whom the object is shared when it is to be updated: who may see it only because it is
   * shared is told that it is not there
   */
  readonly hiddenFromUpdate?: boolean
}

/** The resource that a resource is a part of. */
export interface Parent {
  readonly resource: Resource
  /** name under which `core` is given the parent's id: an attribute of the part and a filter, neither shown nor asked for */
  readonly key: string
  /** to `core`, a part's id is `<parent>:<id>`, since it is unique in its parent only */
  readonly composed?: boolean
}

export interface CompiledAttribute extends Attribute {
  readonly name: string
  /** rules of keys inside the value */
  readonly keyRules: Readonly<Record<'create' | 'update', readonly (readonly [string, Rule])[]>>
}

/** `create_network`: as policy.yaml and refusals name a verb's rule. */
export function ruleName(verb: string, { name, ruleName = name }: Pick<Resource, 'name' | 'ruleName'>): string {
  return `${verb}_${ruleName}`
}

function keyRulesOf({ keys = {}, updateKeys = keys }: AttributePolicy = {}): CompiledAttribute['keyRules'] {
  return { create: Object.entries(keys), update: Object.entries(updateKeys) }
}

export interface Compiled {
  readonly resource: Resource
  readonly attributes: ReadonlyMap<string, CompiledAttribute>
  readonly settableOnPost: readonly CompiledAttribute[]
  readonly shown: readonly { readonly name: string; readonly read: Rule | null }[]
  readonly filters: ReadonlySet<string>
  readonly sortKeys: ReadonlySet<string>
}

export function compile(resource: Resource): Compiled {
  const attributes = new Map(
    Object.entries(resource.attributes).map(([name, attribute]) => [
      name,
      { ...attribute, name, keyRules: keyRulesOf(attribute.policy) },
    ]),
  )
  const all = [...attributes.values()]
  return {
    resource,
    attributes,
    settableOnPost: all.filter((attribute) => attribute.post),
    shown: all.filter((a) => !a.writeOnly).map(({ name, policy }) => ({ name, read: policy?.read ?? null })),
    filters: new Set([
      ...all.filter((attribute) => attribute.filter).map(({ name }) => name),
      ...(resource.extraFilters ?? []),
      ...(resource.taggable ? ['tags', 'tags-any', 'not-tags', 'not-tags-any'] : []),
      ...(attributes.has('updated_at') ? ['changed_since'] : []),
    ]),
    sortKeys: new Set(all.filter((attribute) => attribute.sort).map(({ name }) => name)),
  }
}
