import { Cluster, postgresqlBinaries } from '../../src/lab/services/postgresql.js'
import { type Server, startServer } from './server.js'
import { workload } from './workload.js'

const CLIENTS = [1, 16]

/**
 * Operations per second and their times, at 1 and 16 clients, on SQLite and PostgreSQL; each on a new server with an empty
 * database, so that no run stands on what another left.
 */
export async function run(): Promise<unknown> {
  const only = process.argv.slice(3)
  const databases: Record<string, unknown> = {}
  if (only.length === 0 || only.includes('sqlite')) databases.sqlite = await measure('sqlite', () => null)
  if (only.length === 0 || only.includes('postgresql')) databases.postgresql = await onPostgresql()
  return { databases }
}

async function onPostgresql(): Promise<unknown> {
  if (!postgresqlBinaries()) return 'not measured: PostgreSQL is not installed'
  const cluster = await Cluster.start()
  try {
    return await measure('postgresql', () => cluster.url())
  } finally {
    await cluster.close()
  }
}

async function measure(name: string, connection: () => string | null): Promise<unknown> {
  const results: Record<string, unknown> = {}
  for (const clients of CLIENTS) {
    process.stderr.write(`${name}, ${clients} ${clients === 1 ? 'client' : 'clients'}\n`)
    const url = connection()
    const server = await startServer(url && (await emptyDatabase(url)))
    try {
      results[`${clients} clients`] = await withMemory(server, () => workload(server, clients))
    } finally {
      await server.close()
    }
  }
  return results
}

async function emptyDatabase(url: string): Promise<string> {
  const { createDatabase } = await import('../../src/core/testing/database.js')
  return createDatabase(url)
}

async function withMemory(server: Server, action: () => Promise<object>): Promise<unknown> {
  const before = server.residentMib()
  const operations = await action()
  return {
    start_to_first_answer_ms: server.startMs,
    resident_mib: { before, with_10000_ports: server.residentMib() },
    operations,
  }
}
