import { randomBytes } from 'node:crypto'
import { openSqlite, type Sqlite } from '../base/sqlite.js'

export const DEFAULT_DOMAIN = 'default'

const ROLE_COLUMNS = `id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, domain_id TEXT REFERENCES domain(id) ON DELETE CASCADE,
  extra TEXT NOT NULL DEFAULT '{}'`

/** `extra`: JSON object of further attributes that clients stored (e-mail address and the like). */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS domain (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT '',
  enabled INTEGER NOT NULL DEFAULT 1, extra TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS project (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain_id TEXT NOT NULL REFERENCES domain(id), parent_id TEXT,
  description TEXT NOT NULL DEFAULT '', enabled INTEGER NOT NULL DEFAULT 1, is_domain INTEGER NOT NULL DEFAULT 0,
  extra TEXT NOT NULL DEFAULT '{}', UNIQUE (domain_id, name));
CREATE TABLE IF NOT EXISTS user (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain_id TEXT NOT NULL REFERENCES domain(id), default_project_id TEXT,
  description TEXT, enabled INTEGER NOT NULL DEFAULT 1, password_hash TEXT,
  tokens_valid_after INTEGER NOT NULL DEFAULT 0, extra TEXT NOT NULL DEFAULT '{}', UNIQUE (domain_id, name));
CREATE TABLE IF NOT EXISTS role (
  ${ROLE_COLUMNS});
CREATE TABLE IF NOT EXISTS implied_role (
  prior_id TEXT NOT NULL REFERENCES role(id) ON DELETE CASCADE, implied_id TEXT NOT NULL REFERENCES role(id) ON DELETE CASCADE,
  PRIMARY KEY (prior_id, implied_id));
CREATE TABLE IF NOT EXISTS assignment (
  user_id TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE, target_type TEXT NOT NULL, target_id TEXT NOT NULL,
  role_id TEXT NOT NULL REFERENCES role(id) ON DELETE CASCADE, PRIMARY KEY (user_id, target_type, target_id, role_id));
CREATE TABLE IF NOT EXISTS region (
  id TEXT PRIMARY KEY, description TEXT NOT NULL DEFAULT '', parent_region_id TEXT, extra TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS service (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, name TEXT, description TEXT, enabled INTEGER NOT NULL DEFAULT 1,
  extra TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS endpoint (
  id TEXT PRIMARY KEY, service_id TEXT NOT NULL REFERENCES service(id) ON DELETE CASCADE, interface TEXT NOT NULL,
  url TEXT NOT NULL, region_id TEXT REFERENCES region(id), enabled INTEGER NOT NULL DEFAULT 1, extra TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS user_group (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, domain_id TEXT NOT NULL REFERENCES domain(id), description TEXT NOT NULL DEFAULT '',
  extra TEXT NOT NULL DEFAULT '{}', UNIQUE (domain_id, name));
CREATE TABLE IF NOT EXISTS membership (
  user_id TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE, group_id TEXT NOT NULL REFERENCES user_group(id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, group_id));
CREATE TABLE IF NOT EXISTS group_assignment (
  group_id TEXT NOT NULL REFERENCES user_group(id) ON DELETE CASCADE, target_type TEXT NOT NULL, target_id TEXT NOT NULL,
  role_id TEXT NOT NULL REFERENCES role(id) ON DELETE CASCADE, PRIMARY KEY (group_id, target_type, target_id, role_id));
CREATE TABLE IF NOT EXISTS application_credential (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES user(id) ON DELETE CASCADE,
  project_id TEXT NOT NULL REFERENCES project(id) ON DELETE CASCADE, description TEXT, secret_hash TEXT NOT NULL,
  expires INTEGER, unrestricted INTEGER NOT NULL DEFAULT 0, UNIQUE (user_id, name));
CREATE TABLE IF NOT EXISTS application_credential_role (
  credential_id TEXT NOT NULL REFERENCES application_credential(id) ON DELETE CASCADE,
  role_id TEXT NOT NULL REFERENCES role(id) ON DELETE CASCADE, PRIMARY KEY (credential_id, role_id));
CREATE TABLE IF NOT EXISTS failed_login (
  user_id TEXT PRIMARY KEY REFERENCES user(id) ON DELETE CASCADE, times INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS revoked_token (audit_id TEXT PRIMARY KEY, expires INTEGER NOT NULL);
`

/** Opens the identity database, makes its tables, the default domain and the key that tokens are signed with. */
export function openIdentityDatabase(connection: string): Sqlite {
  const database = openSqlite(connection)
  database.exec(SCHEMA)
  letDomainsHaveRoles(database)
  database.transaction(() => {
    database.run('INSERT OR IGNORE INTO meta VALUES (?, ?)', 'token_key', randomBytes(32).toString('base64'))
    database.run(
      'INSERT OR IGNORE INTO domain (id, name, description) VALUES (?, ?, ?)',
      DEFAULT_DOMAIN,
      'Default',
      'The default domain',
    )
  })
  return database
}

/** In databases of before, names of roles were unique among all domains, and the column was without use. */
function letDomainsHaveRoles(database: Sqlite): void {
  const table = database.get<{ sql: string }>("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'role'")
  if (/name TEXT NOT NULL UNIQUE/.test(table!.sql)) {
    // what refers to a role must not go with the old table
    database.exec(`PRAGMA foreign_keys = OFF;
      BEGIN;
      CREATE TABLE new_role (${ROLE_COLUMNS});
      INSERT INTO new_role SELECT id, name, description, domain_id, extra FROM role;
      DROP TABLE role;
      ALTER TABLE new_role RENAME TO role;
      COMMIT;
      PRAGMA foreign_keys = ON`)
  }
  database.exec("CREATE UNIQUE INDEX IF NOT EXISTS role_name ON role (name, ifnull(domain_id, ''))")
}

/** Key of the token signatures; shared by all servers on the database. */
export function tokenKey(database: Sqlite): Buffer {
  return Buffer.from(
    database.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', 'token_key')!.value,
    'base64',
  )
}
