import { openSqlite, type Sqlite } from '../../base/sqlite.js'
import type { Instance, Migration } from './instance.js'
import { Quotas } from './quotas.js'
import type { Used } from './usage.js'

export interface KeyPair {
  readonly name: string
  readonly user_id: string
  readonly public_key: string
  readonly fingerprint: string
  readonly type: string
  readonly created_at: string
}

/** What somebody asked for an instance. */
export interface InstanceAction {
  readonly action: string
  readonly instance_uuid: string
  readonly request_id: string
  readonly user_id: string
  readonly project_id: string
  readonly start_time: string
}

/** A migration as it is listed, also when its instance is gone. */
export interface MigrationRecord extends Migration {
  readonly number: number
  readonly instanceId: string
  readonly projectId: string
  readonly userId: string
  readonly flavorId: string
  readonly status: string
  readonly updated: string
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS instance (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ended_instance (id TEXT PRIMARY KEY, ended TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ended_instance_ended ON ended_instance (ended);
CREATE TABLE IF NOT EXISTS instance_action (
  request_id TEXT NOT NULL, instance_id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (instance_id, request_id));
CREATE TABLE IF NOT EXISTS keypair (
  user_id TEXT NOT NULL, name TEXT NOT NULL, public_key TEXT NOT NULL, fingerprint TEXT NOT NULL, type TEXT NOT NULL,
  created_at TEXT NOT NULL, PRIMARY KEY (user_id, name));
CREATE TABLE IF NOT EXISTS migration (
  id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS compute_host (
  id TEXT PRIMARY KEY, host TEXT NOT NULL UNIQUE, enabled INTEGER NOT NULL DEFAULT 1, reason TEXT, facts TEXT NOT NULL, seen TEXT NOT NULL);
`

/** What nova-api remembers. Instances are held in memory too; this process is the only writer. */
export class NovaStore {
  readonly quotas: Quotas
  readonly #database: Sqlite
  readonly #instances: Map<string, Instance>

  constructor(connection: string) {
    this.#database = openSqlite(connection)
    this.#database.exec(SCHEMA)
    this.quotas = new Quotas(this.#database)
    const rows = this.#database.all<{ body: string }>('SELECT body FROM instance')
    const instances = rows.map((row) => JSON.parse(row.body) as Instance)
    this.#instances = new Map(instances.map((instance) => [instance.id, instance]))
  }

  get database(): Sqlite {
    return this.#database
  }

  /** newest first, as the API lists them */
  instances(): Instance[] {
    return [...this.#instances.values()].sort((a, b) =>
      a.created < b.created ? 1 : a.created > b.created ? -1 : a.id < b.id ? -1 : 1,
    )
  }

  instance(id: string): Instance | undefined {
    return this.#instances.get(id)
  }

  add(instance: Instance): void {
    this.#write(instance)
  }

  /** New value of an instance; undefined when it is gone. */
  change(id: string, changes: Partial<Instance>): Instance | undefined {
    const old = this.#instances.get(id)
    if (!old) return undefined
    const changed = { ...old, ...changes, updated: new Date().toISOString() }
    this.#write(changed)
    return changed
  }

  /** An instance is gone; what it used stays on record. */
  remove(id: string): void {
    const ended = new Date().toISOString()
    const used = usedBy(this.#instances.get(id), ended)
    if (used)
      this.#database.run('INSERT OR REPLACE INTO ended_instance VALUES (?, ?, ?)', id, ended, JSON.stringify(used))
    this.#database.run('DELETE FROM instance_action WHERE instance_id = ?', id)
    this.#database.run('DELETE FROM instance WHERE id = ?', id)
    this.#instances.delete(id)
  }

  /** what runs, and what ran later than `since` (milliseconds) */
  used(since: number): Used[] {
    const from = new Date(since).toISOString()
    const rows = this.#database.all<{ body: string }>('SELECT body FROM ended_instance WHERE ended > ?', from)
    const running = this.instances().flatMap((instance) => usedBy(instance, null) ?? [])
    return [...running, ...rows.map(({ body }) => JSON.parse(body) as Used)]
  }

  noteAction(action: InstanceAction): void {
    const { request_id, instance_uuid } = action
    const body = JSON.stringify(action)
    this.#database.run('INSERT OR REPLACE INTO instance_action VALUES (?, ?, ?)', request_id, instance_uuid, body)
  }

  /** newest first */
  actions(instanceId: string): InstanceAction[] {
    return this.#database
      .all<{ body: string }>('SELECT body FROM instance_action WHERE instance_id = ? ORDER BY rowid DESC', instanceId)
      .map(({ body }) => JSON.parse(body) as InstanceAction)
  }

  /** Notes how far a migration is. */
  recordMigration(migration: Migration, instance: Instance, status: string): void {
    const { id: instanceId, projectId, userId, flavorId } = instance
    const body = { ...migration, instanceId, projectId, userId, flavorId, status, updated: new Date().toISOString() }
    this.#database.run(
      'INSERT INTO migration (uuid, body) VALUES (?, ?) ON CONFLICT (uuid) DO UPDATE SET body = excluded.body',
      migration.id,
      JSON.stringify(body),
    )
  }

  /** newest first */
  migrations(): MigrationRecord[] {
    const rows = this.#database.all<{ id: number; body: string }>('SELECT id, body FROM migration ORDER BY id DESC')
    return rows.map(({ id, body }) => ({ ...(JSON.parse(body) as Omit<MigrationRecord, 'number'>), number: id }))
  }

  keypairs(userId: string): KeyPair[] {
    return this.#database.all('SELECT * FROM keypair WHERE user_id = ? ORDER BY name', userId)
  }

  /** false when the name is taken */
  addKeypair(pair: KeyPair): boolean {
    const { user_id, name, public_key, fingerprint, type, created_at } = pair
    return (
      this.#database.run(
        'INSERT OR IGNORE INTO keypair VALUES (?, ?, ?, ?, ?, ?)',
        user_id,
        name,
        public_key,
        fingerprint,
        type,
        created_at,
      ) > 0
    )
  }

  removeKeypair(userId: string, name: string): boolean {
    return this.#database.run('DELETE FROM keypair WHERE user_id = ? AND name = ?', userId, name) > 0
  }

  close(): void {
    this.#database.close()
  }

  #write(instance: Instance): void {
    this.#database.run('INSERT OR REPLACE INTO instance VALUES (?, ?)', instance.id, JSON.stringify(instance))
    this.#instances.set(instance.id, instance)
  }
}

/** Null: it never ran. */
function usedBy(instance: Instance | undefined, ended: string | null): Used | null {
  if (!instance?.launched) return null
  const { id, name, projectId, flavorId, vmState, launched } = instance
  return { id, name, projectId, flavorId, vmState, launched, ended }
}
