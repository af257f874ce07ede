/** The application with a fake cloud behind it, and short ways to ask it things. */
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { type ApiOptions, buildApp } from './app.js'
import { noAuth } from './auth/noauth.js'
import { type FakeCore, fakeCore } from './fake-core.fake.js'
import { holdToDescription } from './openapi/described.fake.js'

export const DEMO = 'cdef0071a0194d19ac6bb63802dc9bae'
export const OTHER = '54cd044c64d5408b83f843d63624e0d8'
export const ADMIN = { 'x-project-id': OTHER }
export const MEMBER = { 'x-project-id': DEMO, 'x-roles': 'member' }
export const READER = { 'x-project-id': DEMO, 'x-roles': 'reader' }
export const SERVICE = { 'x-project-id': OTHER, 'x-roles': 'service,member' }

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: replies are looked into freely by tests
  readonly body: any
  readonly headers: Readonly<Record<string, unknown>>
}

export type Ask = (method: string, url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** `ask` as an admin unless `headers` say otherwise. */
export function fakeApp(options: Partial<ApiOptions> = {}): { app: FastifyInstance; core: FakeCore; ask: Ask } {
  const core = fakeCore()
  const log = pino({ level: 'silent' })
  const app = buildApp({ services: core, auth: noAuth(), log, revisions: null, paginationMaxLimit: null, ...options })
  const asDescribed = holdToDescription(app)
  const ask: Ask = async (method, url, body, headers = ADMIN) => {
    const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
    const request = { method, url, headers: { 'content-type': 'application/json', ...headers }, ...payload }
    const reply = await app.inject(request as InjectOptions)
    asDescribed()
    const isJson = String(reply.headers['content-type']).includes('json')
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: isJson && reply.body !== '' ? reply.json() : reply.body,
    }
  }
  return { app, core, ask }
}
