import { PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Effect } from '../memory.js'
import type { Database, DatabaseOptions, Sharing } from './database.js'
import { retryAfter } from './postgresql-errors.js'
import { Follower } from './postgresql-follow.js'
import { withPlannedStatements } from './postgresql-statements.js'
import { Turns } from './postgresql-turns.js'
import { clientConfig } from './postgresql-url.js'

/**
 * A server that stands still inside a transaction would stop all others: after this time the database ends its
 * connection. Nobody waits longer than that for the right to change something.
 */
const STUCK_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000

/** PostgreSQL by pg: a pool of connections, one more that hears what other servers commit. */
export function openPostgresql(url: string, { poolSize, log }: DatabaseOptions): Database {
  const config: pg.ClientConfig = {
    application_name: 'neutron-server',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    idle_in_transaction_session_timeout: STUCK_MS,
    lock_timeout: STUCK_MS,
    types: { getTypeParser },
    ...clientConfig(url),
  }
  const pool = new pg.Pool({ ...config, max: poolSize })
  // a connection that dies while nobody uses it is replaced when the next one is needed
  pool.on('error', (err) => log?.warn({ reason: err.message }, 'lost a connection to the database'))
  // while it is used, the statement under way fails: that is where it is dealt with
  pool.on('connect', (client) => client.on('error', () => {}))
  const turns = new Turns()
  // it may be another server's, which has taken over and knows less
  pool.on('connect', () => turns.forget())
  let told: (effect: Effect) => void = () => {}
  return {
    dialect: new PostgresDialect({ pool: withPlannedStatements(pool, (effect) => told(effect)) }),
    retryAfter,
    sharing: sharingOf(config, log, turns),
    changedByOthers: () => true,
    observe(ran) {
      told = ran
    },
  }
}

/** int8 (sums, counts) as a number, as other databases give it: nothing here comes near 2^53. */
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (oid, format) =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')

/**
 * Changes take turns across all servers. `core` decides from what it reads (quotas, overlapping subnets, the last
 * floating IP of a host), which needs that; and the one that has the turn takes the next revisions, so that they are
 * without gaps and in the order of commits. The lock ends with the transaction, behind the point where it is visible.
 */
function sharingOf(config: pg.ClientConfig, log: DatabaseOptions['log'], turns: Turns): Sharing {
  return {
    exclude: (db) => turns.take(db),
    follow: (heard) => Follower.start(config, heard, log),
  }
}
