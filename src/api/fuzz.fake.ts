import fc from 'fast-check'
import type { Compiled } from './resources/definition.js'

/** A request that nobody would write by hand. */
export interface FuzzedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string | undefined
}

export interface FuzzedRoute {
  readonly path: string
  readonly method: string
  /** of the collection that the path is about, if it is about one */
  readonly compiled: Compiled | null
  /** what the collection takes as a new object; null when unknown */
  readonly template: Readonly<Record<string, unknown>> | null
}

const STRANGE_TEXTS = [
  '',
  ' ',
  '0',
  'null',
  'true',
  '-1',
  '..',
  '../../etc/passwd',
  '%00',
  "' or 1=1 --",
  '\u0000',
  '\ud800',
  '💥'.repeat(30),
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  '{{7*7}}',
  '192.168.1.0/24',
  '192.168.1.5',
  '10.0.0.0/33',
  '::/0',
  'fd00::/64',
  'fe80::1',
  '999.1.1.1',
  'fa:16:3e:00:00:01',
  'fa:16:3e:zz:00:01',
  '2026-01-01T00:00:00Z',
  'ingress',
  'tcp',
  'vxlan',
  'ACTIVE',
  'network:router_interface',
  'compute:nova',
] as const

/** Any JSON, from plausible to absurd; `ids` are those of objects that exist. */
function anyValue(ids: readonly string[]): fc.Arbitrary<unknown> {
  const text = fc.oneof(fc.constantFrom(...STRANGE_TEXTS), fc.constantFrom(...ids), fc.uuid(), fc.string())
  const number = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.constantFrom(0, -1, 1, 22, 65_536, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308),
  )
  const plain = fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 2, arbitrary: number },
    { weight: 2, arbitrary: fc.boolean() },
    fc.constant(null),
  )
  const key = fc.constantFrom(
    'id',
    'subnet_id',
    'ip_address',
    'mac_address',
    'network_id',
    'start',
    'end',
    'destination',
    'nexthop',
    'opt_name',
    'opt_value',
    'ip_version',
    'enable_snat',
    'external_fixed_ips',
    '__proto__',
    'x',
  )
  const object = fc.dictionary(key, plain, { maxKeys: 4 })
  return fc.oneof(
    { weight: 5, arbitrary: plain },
    { weight: 2, arbitrary: fc.array(plain, { maxLength: 4 }) },
    { weight: 2, arbitrary: fc.array(object, { maxLength: 3 }) },
    { weight: 1, arbitrary: object },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  )
}

function anyBody(
  { compiled, template, method }: FuzzedRoute,
  ids: readonly string[],
): fc.Arbitrary<string | undefined> {
  const value = anyValue(ids)
  const names = compiled
    ? [...compiled.attributes.keys(), 'nonsense', '__proto__']
    : ['id', 'network_id', 'subnet_id', 'port_id', 'routes', 'x']
  const item = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 8 })
  const { name, plural } = compiled?.resource ?? { name: 'x', plural: 'xs' }
  const shaped = fc.oneof(
    { weight: 6, arbitrary: item.map((one) => ({ [name]: one })) },
    { weight: 2, arbitrary: fc.array(item, { maxLength: 3 }).map((all) => ({ [plural]: all })) },
    { weight: 3, arbitrary: item as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: value },
  )
  // nearly right: what is checked last is reached only by these
  const settable = compiled
    ? [...compiled.attributes.values()].filter((one) => (method === 'POST' ? one.post : one.put)).map((one) => one.name)
    : names
  const few = fc.dictionary(fc.constantFrom(...settable, 'nonsense'), value, { minKeys: 0, maxKeys: 2 })
  const start = method === 'POST' ? template : {}
  const nearly = few.map((changed) => JSON.stringify({ [name]: { ...start, ...changed } }))
  return fc.oneof(
    { weight: compiled ? 15 : 0, arbitrary: nearly },
    { weight: 12, arbitrary: shaped.map((body) => JSON.stringify(body)) },
    { weight: 1, arbitrary: fc.string() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(undefined, '', '{', '[]', 'null', '"x"', `${'['.repeat(2000)}${']'.repeat(2000)}`),
    },
  )
}

function anyQuery(compiled: Compiled | null, ids: readonly string[]): fc.Arbitrary<string> {
  const known = [
    'limit',
    'marker',
    'sort_key',
    'sort_dir',
    'fields',
    'page_reverse',
    'tags',
    'not-tags-any',
    'changed_since',
    'nonsense',
  ]
  const names = [...known, ...(compiled ? [...compiled.filters, ...compiled.attributes.keys()] : [])]
  const value = fc.oneof(
    fc.constantFrom(...STRANGE_TEXTS),
    fc.constantFrom(...ids),
    fc.constantFrom(...names),
    fc.string(),
  )
  const pair = fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `${name}=${encoded(text)}`)
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 3, arbitrary: fc.array(pair, { minLength: 1, maxLength: 4 }).map((pairs) => `?${pairs.join('&')}`) },
    { weight: 1, arbitrary: fc.constantFrom('?', '?%', '?a=%zz', '?&&&', '?limit', '?fields=id&fields=id') },
  )
}

function anyHeaders(): fc.Arbitrary<Readonly<Record<string, string>>> {
  const value = fc.constantFrom(
    'revision_number=0',
    'revision_number=99',
    'x',
    '',
    '*',
    'application/json',
    'text/xml',
    '-1',
    'a'.repeat(3000),
  )
  const name = fc.constantFrom(
    'if-match',
    'content-type',
    'accept',
    'x-forwarded-for',
    'x-openstack-request-id',
    'content-encoding',
  )
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(name, value, { maxKeys: 2 }) },
  )
}

/** What a URL can carry of a text. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
}

/** Requests for any of the routes. Each request's parts go together (attributes and filters of its resource) or do not. */
export function fuzzedRequests(routes: readonly FuzzedRoute[], ids: readonly string[]): fc.Arbitrary<FuzzedRequest> {
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ids) },
    { weight: 1, arbitrary: fc.constantFrom(...STRANGE_TEXTS) },
    { weight: 1, arbitrary: fc.uuid() },
  )
  return fc.constantFrom(...routes).chain((route) => {
    const { path, method, compiled } = route
    return fc
      .tuple(fc.array(id, { minLength: 3, maxLength: 3 }), anyQuery(compiled, ids), anyHeaders(), anyBody(route, ids))
      .map(([params, query, headers, body]) => {
        let next = 0
        const url = path.replace(/:\w+/g, () => encoded(params[next++ % params.length]!)) + query
        return { method, url, headers, payload: method === 'GET' ? undefined : body }
      })
  })
}
