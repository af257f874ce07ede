import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openDatabase } from './index.js'
import { retryAfter } from './postgresql-errors.js'
import { clientConfig } from './postgresql-url.js'

describe('[database] connection', () => {
  it("takes SQLAlchemy's URLs apart", () => {
    assert.deepEqual(clientConfig('postgresql://neutron:NEUTRON_DBPASS@controller/neutron'), {
      user: 'neutron',
      password: 'NEUTRON_DBPASS',
      host: 'controller',
      database: 'neutron',
    })
    assert.deepEqual(clientConfig('postgresql+psycopg2://n%40b:a%2Fb%3A#c@[fd00::1]:5433/net?connect_timeout=3'), {
      user: 'n@b',
      password: 'a/b:#c',
      host: 'fd00::1',
      port: 5433,
      database: 'net',
      connectionTimeoutMillis: 3000,
    })
    assert.deepEqual(clientConfig('postgresql+psycopg2://neutron@/neutron?host=/run/postgresql&sslmode=prefer'), {
      user: 'neutron',
      host: '/run/postgresql',
      database: 'neutron',
      ssl: false,
    })
  })

  it("protects the connection as libpq's sslmode says", () => {
    const ssl = (mode: string) => clientConfig(`postgresql://db/neutron?sslmode=${mode}`).ssl as Record<string, unknown>
    assert.equal(ssl('require').rejectUnauthorized, false)
    assert.equal(ssl('verify-ca').rejectUnauthorized, true)
    assert.ok(ssl('verify-ca').checkServerIdentity)
    assert.equal(ssl('verify-full').checkServerIdentity, undefined)
    assert.throws(() => ssl('sometimes'), /sslmode 'sometimes' is not known/)
  })

  it('refuses what it does not understand, without telling the password', async () => {
    const refused = (url: string, reason: RegExp) =>
      assert.throws(
        () => clientConfig(url),
        (error: Error) => reason.test(error.message) && !error.message.includes('SECRET'),
      )
    refused('postgresql://u:SECRET@db/neutron?gssencmode=require', /'gssencmode' is not supported/)
    refused('postgresql://u:SECRET@db:port/neutron', /not of the form/)
    refused('postgresql://u:SECRET%@db/neutron', /%25/)
    const options = { poolSize: 1, log: null }
    await assert.rejects(openDatabase('mysql+pymysql://u:SECRET@db/neutron', options), /'mysql' is not supported/)
  })
})

describe('PostgreSQL errors', () => {
  const failed = (code: string, message = '') => Object.assign(new Error(message), { code })

  it('are met with another run when the database has rolled back, at most a few times', () => {
    for (const code of ['40001', '40P01', '23505']) {
      assert.deepEqual(
        [1, 3, 4].map((attempt) => retryAfter(failed(code), attempt, false)),
        [0, 0, null],
      )
      // told at the commit, it is rolled back just as well
      assert.equal(retryAfter(failed(code), 1, true), 0)
    }
    assert.equal(retryAfter(failed('23503'), 1, false), null)
    assert.equal(retryAfter(new Error('a fault of core'), 1, false), null)
  })

  it('that say the server is away are waited out, but not when the commit may have happened', () => {
    const away = [
      failed('57P01'),
      failed('57P03'),
      failed('ECONNREFUSED'),
      failed('ENOENT'),
      new Error('Connection terminated unexpectedly'),
      new Error('Client has encountered a connection error and is not queryable'),
    ]
    for (const error of away) {
      assert.ok(retryAfter(error, 1, false)! > 0, error.message)
      assert.equal(retryAfter(error, 1, true), null)
      assert.equal(retryAfter(error, 20, false), null)
    }
  })
})
