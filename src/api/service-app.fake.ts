import { after, afterEach, before, beforeEach } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { TestCloud } from '../core/l3/test-cloud.fake.js'
import type { CoreServices } from '../core/service.js'
import type { Answer } from './app.fake.js'
import { buildApp } from './app.js'
import { noAuth } from './auth/noauth.js'
import { holdToDescription } from './openapi/described.fake.js'
import { Policy } from './policy/policy.js'

/** The whole service behind its API: policy, wire format and the `core` of a test's cloud. */
export class ServiceApp {
  readonly #app: FastifyInstance
  readonly #asDescribed: () => void

  constructor(services: CoreServices, policy = new Policy()) {
    const log = pino({ level: 'silent' })
    this.#app = buildApp({ services, auth: noAuth(), log, revisions: null, paginationMaxLimit: null, policy })
    this.#asDescribed = holdToDescription(this.#app)
  }

  /** `path`: what follows `/v2.0/`. */
  ask = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<Answer> => {
    const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
    const reply = await this.#app.inject({ method, url: `/v2.0/${path}`, headers, ...payload } as InjectOptions)
    this.#asDescribed()
    return { status: reply.statusCode, body: reply.body === '' ? {} : reply.json(), headers: reply.headers }
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}

export interface OpenService {
  readonly cloud: TestCloud
  readonly ask: ServiceApp['ask']
}

/**
 * The whole service behind its API, on a database in memory: opened before the suite's tests, or before each of them, and
 * closed after them.
 */
export function withService(
  opened: (service: OpenService) => void | Promise<void>,
  when: 'once' | 'for each test' = 'once',
): void {
  const [first, last] = when === 'once' ? [before, after] : [beforeEach, afterEach]
  let close = async () => {}
  first(async () => {
    const cloud = await TestCloud.scenario()
    const app = new ServiceApp(cloud.services)
    close = async () => {
      await app.close()
      await cloud.close()
    }
    await opened({ cloud, ask: app.ask })
  })
  last(() => close())
}

/** Status and type of a refusal. */
export const faultOf = (reply: Answer) => [reply.status, reply.body.NeutronError?.type]
