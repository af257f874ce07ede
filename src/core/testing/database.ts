import { randomBytes } from 'node:crypto'
import { openStore } from '../../store/open.js'
import type { Store } from '../../store/store.js'

/** Databases of this process that are empty again. */
const spare: string[] = []

/**
 * A fresh, empty store: in memory, or, when `EASTWEST_TEST_POSTGRESQL` is the URL of a database, in one of its own on
 * the same server. That one is emptied when the store is closed, and used again.
 */
export async function openTestStore(): Promise<Store> {
  const server = process.env.EASTWEST_TEST_POSTGRESQL
  if (!server) return openStore('sqlite://')
  const url = spare.pop() ?? (await createDatabase(server))
  const store = await openStore(url)
  const close = store.close.bind(store)
  store.close = async () => {
    await close()
    await onServer(url, EMPTY)
    spare.push(url)
  }
  return store
}

/** No migration fills a table but `revisions`. Without foreign keys' triggers the order does not matter. */
const EMPTY = `do $$ declare name text; begin
  set local session_replication_role = replica;
  for name in select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%' loop
    if name <> 'revisions' then execute format('delete from %I', name); end if;
  end loop;
  update revisions set revision = 0;
end $$`

/** A new database beside the one that `server` names; returns its URL. */
export async function createDatabase(server: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(server, `create database ${name}`)
  return server.replace(/^([^/]*\/\/[^/]*)\/[^?]*/, `$1/${name}`)
}

async function onServer(url: string, statement: string): Promise<void> {
  const [{ default: pg }, { clientConfig }] = await Promise.all([
    import('pg'),
    import('../../store/dialect/postgresql-url.js'),
  ])
  const client = new pg.Client(clientConfig(url))
  await client.connect()
  await client.query(statement)
  await client.end()
}
