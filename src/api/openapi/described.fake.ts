/** Holds an application of a test to its own description: every body it takes and every answer it gives. */
import assert from 'node:assert/strict'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { toJson } from '../wire/json.js'
import type { Json } from './document.js'
import { problems } from './validate.fake.js'

/** Call it before `ready`; what it returns throws when a request since the last call was not as described. */
export function holdToDescription(app: FastifyInstance): () => void {
  const found: string[] = []
  let document: Json | undefined
  const described = async () => {
    document ??= (await app.inject({ method: 'GET', url: '/v2.0/openapi.json' })).json() as Json
    return document
  }
  app.addHook('preSerialization', async (request, reply, payload) => {
    if (reply.statusCode >= 300 || request.routeOptions.url === '/v2.0/openapi') return payload
    const reasons = mismatches(await described(), request, reply.statusCode, payload)
    if (reasons.length > 0) found.push(`${request.method} ${request.url}: ${reasons.join('; ')}`)
    return payload
  })
  return () => assert.deepEqual(found.splice(0), [], 'not as the API’s description says')
}

function mismatches(document: Json, request: FastifyRequest, status: number, payload: unknown): string[] {
  const path = request.routeOptions.url!.replace(/:(\w+)/g, '{$1}')
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase()
  const operation = at(document, 'paths', path, method)
  if (!operation) return ['there is no such operation']
  const sent = at(operation, 'requestBody', 'content', 'application/json', 'schema')
  const answer = at(operation, 'responses', String(status))
  const given = answer && at(answer, 'content', 'application/json', 'schema')
  const plain = JSON.parse(toJson(payload)) as unknown
  return [
    ...(sent ? problems(sent, request.body, document).map((each) => `body ${each}`) : []),
    ...(answer ? [] : [`status ${status}`]),
    ...(given ? problems(given, plain, document).map((each) => `answer ${each}`) : []),
  ]
}

function at(object: Json, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], object) as Json | undefined
}
