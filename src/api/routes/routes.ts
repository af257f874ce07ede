import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestContext } from '../../core/service.js'
import { methodNotAllowed } from '../faults.js'
import type { Operation } from '../openapi/operation.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** who asks; absent only on paths that are open to everybody */
    ctx: RequestContext
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const

/** A method of a path, and what it does. */
export interface RouteEntry {
  readonly method: Method
  readonly path: string
  readonly operation: Operation
}

interface Served {
  readonly handler: Handler
  readonly operation: Operation
}

/** The table of paths. `mount` also answers 405 for methods that a known path does not have. */
export class Routes {
  readonly #paths = new Map<string, Map<Method, Served>>()

  /** `operation`: what the API's description says of it. */
  on(method: Method, path: string, handler: Handler, operation: Operation = { summary: '' }): void {
    const served = { handler, operation }
    const methods = this.#paths.get(path)
    if (methods) methods.set(method, served)
    else this.#paths.set(path, new Map([[method, served]]))
  }

  /** Every path with the methods it has. */
  list(): readonly { readonly path: string; readonly methods: readonly Method[] }[] {
    return [...this.#paths].map(([path, methods]) => ({ path, methods: [...methods.keys()] }))
  }

  entries(): readonly RouteEntry[] {
    return [...this.#paths].flatMap(([path, methods]) =>
      [...methods].map(([method, { operation }]) => ({ method, path, operation })),
    )
  }

  mount(app: FastifyInstance): void {
    for (const [url, methods] of this.#paths) {
      for (const [method, { handler }] of methods) app.route({ method, url, handler })
      const allow = [...methods.keys()].join(', ')
      app.route({
        method: METHODS.filter((method) => !methods.has(method as Method)),
        url,
        handler: async (request, reply) => {
          reply.header('Allow', allow)
          throw methodNotAllowed(request.method)
        },
      })
    }
  }
}

/** A parameter of the path. */
export function param(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name]!
}

/** `http://host:port` as the client addressed us. */
export function baseUrl(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`
}
