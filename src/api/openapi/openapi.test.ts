import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { registerL3 } from '../../core/l3/register.js'
import { TestCloud } from '../../core/testing/cloud.js'
import { ADMIN, type Ask, fakeApp } from '../app.fake.js'
import { noAuth } from '../auth/noauth.js'
import { Policy } from '../policy/policy.js'
import { compileResources } from '../resources/index.js'
import { allRoutes } from '../routes/index.js'
import { ServiceApp } from '../service-app.fake.js'
import type { Json } from './document.js'
import { problems, resolve } from './validate.fake.js'
import { anyOfSchema } from './values.fake.js'

/** FUZZ_SEED and FUZZ_CASES repeat a run, or make a longer one. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122)
const CASES = Number(process.env.FUZZ_CASES ?? 30)
const ANONYMOUS = {}

const UNLIMITED = `[quotas]\n${['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule', 'rbac_policy'].map((name) => `quota_${name} = -1\n`).join('')}`

const MAIN = [
  'networks',
  'subnets',
  'ports',
  'routers',
  'floatingips',
  'security_groups',
  'security_group_rules',
  'subnetpools',
  'address_groups',
  'policies',
]

/** What Neutron and we say of attributes that are not known and of values of another type. */
const WRONG_TYPE =
  /Unrecognized attribute|not allowed in POST|is not a valid string|is not a list|is not a dictionary|cannot be converted to boolean|is not an integer|is not a valid boolean|Invalid data format|Unexpected keys|Expected keys|Unable to find|invalid data|Resources required/

describe('the API’s description', () => {
  let cloud: TestCloud
  let app: ServiceApp
  let document: Json
  before(async () => {
    cloud = await TestCloud.open(UNLIMITED, [registerL3])
    app = new ServiceApp(cloud.built.services)
    document = (await app.ask('GET', 'openapi.json', ANONYMOUS)).body
  })
  after(async () => {
    await app.close()
    await cloud.close()
  })

  const operations = () =>
    Object.entries(document.paths as Json).flatMap(([path, methods]) =>
      Object.entries(methods as Json).map(([method, operation]) => ({ path, method, operation: operation as Json })),
    )

  it('has every path and method that is served, and nothing else', () => {
    const { services } = cloud.built
    const env = { services, paginationMaxLimit: null, revisions: null, policy: new Policy() }
    const routes = allRoutes({ ...env, resources: compileResources(services) })
    const served = routes
      .list()
      .flatMap(({ path, methods }) =>
        methods.map((method) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`),
      )
    assert.deepEqual(
      operations()
        .map(({ path, method }) => `${method} ${path}`)
        .sort(),
      served.sort(),
    )
  })

  it('is OpenAPI 3.1', () => {
    assert.equal(document.openapi, '3.1.0')
    const { title, version } = document.info as Json
    assert.ok(title && version)
    const ids = operations().map(({ operation }) => operation.operationId)
    assert.equal(new Set(ids).size, ids.length)
    for (const { path, method, operation } of operations())
      checkOperation(document, `${method} ${path}`, path, operation)
    for (const schema of schemasIn(document)) checkSchema(document, schema)
  })

  it('says what each operation is for', () => {
    const silent = operations().filter(({ operation }) => /^[A-Z]+ \//.test(String(operation.summary)))
    assert.deepEqual(
      silent.map(({ path, method }) => `${method} ${path}`),
      [],
      'no summary where the route is',
    )
  })

  it('says of every attribute that can be set what it takes', () => {
    const { schemas } = document.components as { schemas: Record<string, { properties?: Json }> }
    const vague = Object.entries(schemas).flatMap(([name, { properties = {} }]) =>
      /(Create|Update)$/.test(name)
        ? Object.entries(properties).flatMap(([key, schema]) =>
            Object.keys(schema as Json).some((keyword) => keyword !== 'default') ? [] : [`${name}.${key}`],
          )
        : [],
    )
    assert.deepEqual(vague, [])
  })

  describe('and what is sent', () => {
    let templates: Readonly<Record<string, Json>>
    before(async () => {
      templates = await templatesOf(app)
    })

    /** A body that has what is required, and some attributes more. */
    const bodyOf = (plural: string, values: (schema: Json) => fc.Arbitrary<unknown>) => {
      const { name, schema } = creates(document, plural)
      const properties = schema.properties as Readonly<Record<string, Json>>
      const changed = fc
        .subarray(Object.keys(properties), { minLength: 1, maxLength: 3 })
        .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, values(properties[key]!)] as const))))
      return changed.map((changes) => ({ [name]: { ...templates[plural], ...changes } }))
    }

    for (const plural of MAIN) {
      it(`${plural}: what the description allows is never of a wrong type or unknown`, async () => {
        const body = bodyOf(plural, (schema) => anyOfSchema(document, schema))
        await fc.assert(
          fc.asyncProperty(body, async (sent) => {
            assert.deepEqual(problems(creates(document, plural).body, sent, document), [])
            const { status, body } = await app.ask('POST', pathOf(plural), ADMIN, sent)
            assert.notEqual(status, 500)
            assert.doesNotMatch(body.NeutronError?.message ?? '', WRONG_TYPE, JSON.stringify(sent))
          }),
          { numRuns: CASES, seed: SEED },
        )
      })

      it(`${plural}: what the description refuses the service refuses`, async () => {
        const body = bodyOf(plural, (schema) => fc.oneof(anyOfSchema(document, schema), fc.jsonValue({ maxDepth: 2 })))
        await fc.assert(
          fc.asyncProperty(body, async (sent) => {
            // a 2xx for what is not as described fails in `ask`
            const reasons = problems(creates(document, plural).body, sent, document)
            const { status } = await app.ask('POST', pathOf(plural), ADMIN, sent)
            if (reasons.length > 0) assert.ok(status >= 400 && status < 500, `${status}: ${JSON.stringify(sent)}`)
          }),
          { numRuns: CASES, seed: SEED },
        )
      })
    }
  })

  it('is there for anybody, also where requests need a token', async () => {
    const { ask }: { ask: Ask } = fakeApp({
      auth: { ...noAuth(), authenticate: async () => assert.fail('nobody is asked who it is') },
    })
    assert.equal((await ask('GET', '/v2.0/openapi.json', undefined, {})).status, 200)
    assert.equal((await ask('GET', '/v2.0/openapi', undefined, {})).status, 200)
  })
})

const pathOf = (plural: string) => (plural === 'policies' ? 'qos/policies' : plural.replaceAll('_', '-'))

function creates(document: Json, plural: string): { name: string; schema: Json; body: Json } {
  const { post } = (document.paths as Record<string, Record<string, Json>>)[`/v2.0/${pathOf(plural)}`]!
  const content = (post!.requestBody as { content: Record<string, { schema: Json }> }).content
  const body = content['application/json']!.schema
  const [single] = body.anyOf as readonly { properties: Record<string, { $ref: string }> }[]
  const [[name, { $ref }]] = Object.entries(single!.properties) as [[string, { $ref: string }]]
  return { name, schema: resolve(document, $ref), body }
}

async function templatesOf({ ask }: ServiceApp): Promise<Readonly<Record<string, Json>>> {
  const make = async (path: string, name: string, attributes: Json): Promise<Json & { id: string }> => {
    const { status, body } = await ask('POST', path, ADMIN, { [name]: attributes })
    assert.equal(status, 201, JSON.stringify(body))
    return body[name]
  }
  const flat = { 'provider:network_type': 'flat', 'provider:physical_network': 'external', 'router:external': true }
  const external = await make('networks', 'network', { name: 'external', ...flat })
  await make('subnets', 'subnet', { network_id: external.id, ip_version: 4, cidr: '203.0.0.0/16' })
  const { id: network_id } = await make('networks', 'network', { name: 'own' })
  await make('subnets', 'subnet', { network_id, ip_version: 4, cidr: '10.0.0.0/16' })
  const { id: security_group_id } = await make('security-groups', 'security_group', { name: 'group' })
  return {
    networks: {},
    subnets: { network_id, ip_version: 4, cidr: '172.16.0.0/24' },
    ports: { network_id },
    routers: {},
    floatingips: { floating_network_id: external.id },
    security_groups: {},
    security_group_rules: { security_group_id, direction: 'ingress' },
    subnetpools: { name: 'pool', prefixes: ['10.0.0.0/8'] },
    address_groups: {},
    policies: {},
  }
}

function checkOperation(document: Json, label: string, path: string, operation: Json): void {
  const parameters = ((operation.parameters ?? []) as readonly Json[]).map((one) =>
    typeof one.$ref === 'string' ? resolve(document, one.$ref) : one,
  )
  const inPath = parameters.filter((one) => one.in === 'path')
  assert.deepEqual(
    inPath.map(({ name }) => name),
    [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    label,
  )
  for (const one of parameters) {
    assert.ok(['path', 'query', 'header'].includes(String(one.in)) && one.name && one.schema, label)
    if (one.in === 'path') assert.equal(one.required, true, label)
  }
  const keys = parameters.map((one) => `${one.in} ${one.name}`)
  assert.equal(new Set(keys).size, keys.length, `${label}: a parameter twice`)
  const responses = Object.entries(operation.responses as Json)
  assert.ok(responses.some(([status]) => /^20[014]$/.test(status)) && 'default' in (operation.responses as Json), label)
  for (const [, response] of responses) {
    const { $ref } = response as Json
    assert.ok((typeof $ref === 'string' ? resolve(document, $ref) : (response as Json)).description, label)
  }
}

/** Every schema of the document, those inside others left to `checkSchema`. */
function schemasIn(value: unknown, key = ''): Json[] {
  if (Array.isArray(value)) return value.flatMap((one) => schemasIn(one))
  if (typeof value !== 'object' || value === null) return []
  if (key === 'schema') return [value as Json]
  if (key === 'schemas') return Object.values(value) as Json[]
  return Object.entries(value).flatMap(([inner, one]) => schemasIn(one, inner))
}

const SCHEMAS_WITHIN = ['items', 'additionalProperties']

/** Known keywords, references that lead somewhere, patterns that can be compiled. */
function checkSchema(document: Json, schema: Json): void {
  problems(schema, null, document)
  if (typeof schema.pattern === 'string') new RegExp(schema.pattern, 'u')
  for (const one of (schema.anyOf ?? []) as readonly Json[]) checkSchema(document, one)
  for (const one of Object.values((schema.properties ?? {}) as Json)) checkSchema(document, one as Json)
  for (const key of SCHEMAS_WITHIN) {
    const one = schema[key]
    if (typeof one === 'object' && one !== null) checkSchema(document, one as Json)
  }
}
