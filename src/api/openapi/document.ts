/** The OpenAPI 3.1 description of the API: of every path that is served, made from what serves it. */
import type { Compiled } from '../resources/definition.js'
import type { RouteEntry } from '../routes/routes.js'
import { objectOf, objectWith, type Schema, TEXT } from '../wire/schema.js'
import { type Operation, type QueryParameter, SHARED, type SharedParameter } from './operation.js'
import { resourceSchemas } from './resource-schemas.js'

export type Json = Readonly<Record<string, unknown>>

/** `open`: paths that need no token. */
export function describeApi(
  routes: readonly RouteEntry[],
  resources: Iterable<Compiled>,
  version: string,
  open: ReadonlySet<string>,
): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationObject(route, open.has(route.path)) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'OpenStack Networking', version, description: 'The Networking API v2.0 as Eastwest serves it' },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
      parameters: Object.fromEntries(Object.entries(SHARED).map(([name, one]) => [name, queryParameter(one)])),
      schemas: { ...FAULTS, ...Object.assign({}, ...[...resources].map(resourceSchemas)) },
      responses: RESPONSES,
    },
  }
}

const FAULTS: Readonly<Record<string, Schema>> = {
  Fault: objectWith({
    NeutronError: objectOf({ type: TEXT, message: TEXT, detail: TEXT }, ['type', 'message', 'detail']),
  }),
  Unauthorized: objectWith({ error: objectWith({ code: { type: 'integer' }, title: TEXT, message: TEXT }) }),
}

const json = (schema: Schema) => ({ 'application/json': { schema } })

const RESPONSES = {
  Fault: { description: 'refused, for a reason', content: json({ $ref: '#/components/schemas/Fault' }) },
  Unauthorized: { description: 'no valid token', content: json({ $ref: '#/components/schemas/Unauthorized' }) },
}

function operationObject({ method, path, operation }: RouteEntry, open: boolean): Json {
  const { summary, body, query = [], ifMatch } = operation
  const parameters = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: TEXT })),
    ...query.map(parameterOf),
    ...(ifMatch ? [IF_MATCH] : []),
  ]
  return {
    operationId: operation.id ?? idOf(method, path),
    summary: summary || `${method} ${path}`,
    tags: [path.split('/')[2] ?? 'versions'],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: responsesOf(method, operation, open),
    ...(open && { security: [] }),
  }
}

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  description: 'only if the object is as it was: `revision_number=N`',
  schema: { type: 'string', pattern: '^revision_number=\\d+$' },
}

function parameterOf(one: QueryParameter | SharedParameter): Json {
  return typeof one === 'string' ? { $ref: `#/components/parameters/${one}` } : queryParameter(one)
}

const queryParameter = (one: QueryParameter): Json => ({ ...one, in: 'query' })

function responsesOf(method: string, operation: Operation, open: boolean): Json {
  const { reply, text } = operation
  const content = text ? { 'text/plain': { schema: TEXT } } : reply && json(reply)
  return {
    [statusOf(method, operation)]: {
      description: content ? 'done' : 'done; nothing is answered',
      ...(content && { content }),
    },
    ...(!open && { 401: { $ref: '#/components/responses/Unauthorized' } }),
    default: { $ref: '#/components/responses/Fault' },
  }
}

export function statusOf(method: string, { status, reply, text }: Operation): number {
  return status ?? (method === 'POST' ? 201 : reply || text ? 200 : 204)
}

/** `put_routers_id_add_router_interface`: the method and the words of the path. */
function idOf(method: string, path: string): string {
  const words = path.replace('/v2.0', '').match(/\w+/g) ?? ['root']
  return [method.toLowerCase(), ...words].join('_')
}
