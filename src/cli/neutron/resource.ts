import { pluralKey } from '../../client/network.js'
import type { NetworkCollections } from '../../client/network-types.js'
import type { Context } from '../common/command.js'
import type { OutputOptions } from '../output/options.js'
import { fieldsOf, type OneResult } from '../output/result.js'
import { flatText, isRecord } from '../output/value.js'
import { KILO_ATTRIBUTES, NESTED } from './kilo-attributes.js'

export type Attributes = Readonly<Record<string, unknown>>

/** One of the API's resources as the old client names it. */
export interface Resource {
  /** JSON key of one; also the word in messages */
  readonly key: string
  /** JSON key of several */
  readonly plural: string
  /** last part of the path */
  readonly path: string
  /** may be named; otherwise only its id is understood */
  readonly named: boolean
  /** of the positional argument in help */
  readonly metavar: string
}

function resource(key: string, path: string, metavar: string, named = true): Resource {
  return { key, path, metavar, named, plural: pluralKey(path) }
}

export const NETWORK = resource('network', 'networks', 'NETWORK')
export const SUBNET = resource('subnet', 'subnets', 'SUBNET')
export const PORT = resource('port', 'ports', 'PORT')
export const ROUTER = resource('router', 'routers', 'ROUTER')
export const FLOATING_IP = resource('floatingip', 'floatingips', 'FLOATINGIP', false)
export const SECURITY_GROUP = resource('security_group', 'security-groups', 'SECURITY_GROUP')
export const SECURITY_GROUP_RULE = resource('security_group_rule', 'security-group-rules', 'RULE', false)
export const AGENT = resource('agent', 'agents', 'AGENT', false)
export const SUBNETPOOL = resource('subnetpool', 'subnetpools', 'SUBNETPOOL')
export const ADDRESS_SCOPE = resource('address_scope', 'address-scopes', 'ADDRESS_SCOPE')
export const METERING_LABEL = resource('metering_label', 'metering/metering-labels', 'LABEL')
export const METERING_LABEL_RULE = resource('metering_label_rule', 'metering/metering-label-rules', 'RULE', false)
export const EXTENSION = resource('extension', 'extensions', 'EXTENSION', false)
export const QUOTA = resource('quota', 'quotas', 'QUOTA', false)

/** Id of what the user typed: looked up where names are allowed. */
export async function idOf(context: Context, what: Resource, text: string): Promise<string> {
  return what.named ? context.session.network.findId(what.path as keyof NetworkCollections, text) : text
}

export function itemPath(what: Resource, id: string, action = ''): string {
  return `/v2.0/${what.path}/${encodeURIComponent(id)}${action && `/${action}`}`
}

/** A record as the old client prints it; `indent` makes records inside it several lines. */
export function presentOne(
  what: Resource,
  record: Attributes,
  output: OutputOptions,
  options: { readonly title?: string; readonly indent?: number } = {},
): OneResult {
  const everything = output.allAttributes || !['table', 'value'].includes(output.format)
  const shown = Object.entries(record).map(([name, value]) => {
    const inner = everything ? undefined : NESTED[name]
    return [name, flatText(inner ? trim(value, inner) : value, options.indent)] as const
  })
  return { kind: 'one', title: options.title, fields: fieldsOf(Object.fromEntries(shown), KILO_ATTRIBUTES[what.key]) }
}

function trim(value: unknown, keep: ReadonlySet<string>): unknown {
  const one = (item: unknown) =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).filter(([name]) => keep.has(name))) : item
  return Array.isArray(value) ? value.map(one) : one(value)
}
