import type { Sqlite } from '../base/sqlite.js'
import { conflict, notFound } from './faults.js'
import { newId } from './ids.js'

export interface ApplicationCredential {
  readonly id: string
  readonly name: string
  readonly user_id: string
  readonly project_id: string
  readonly description: string | null
  readonly secret_hash: string
  /** milliseconds since the epoch; null: never */
  readonly expires: number | null
  /** 1: its tokens may make and delete application credentials */
  readonly unrestricted: number
}

export type NewApplicationCredential = Omit<ApplicationCredential, 'id'> & { readonly roleIds: readonly string[] }

/** Secrets with which programs sign in as a user, in one project, with some of the user's roles there. */
export class ApplicationCredentials {
  readonly #database: Sqlite

  constructor(database: Sqlite) {
    this.#database = database
  }

  ofUser(userId: string, name?: string): ApplicationCredential[] {
    const all = this.#database.all<ApplicationCredential>(
      'SELECT * FROM application_credential WHERE user_id = ? ORDER BY name',
      userId,
    )
    return all.filter((one) => name === undefined || one.name === name)
  }

  find(id: string): ApplicationCredential | undefined {
    return this.#database.get('SELECT * FROM application_credential WHERE id = ?', id)
  }

  /** 404 when it is not this user's */
  get(userId: string, id: string): ApplicationCredential {
    const found = this.find(id)
    if (found?.user_id !== userId) throw notFound('application credential', id)
    return found
  }

  create({ roleIds, ...row }: NewApplicationCredential): ApplicationCredential {
    if (this.ofUser(row.user_id, row.name).length > 0)
      throw conflict('application_credential', `Duplicate entry found with name ${row.name}`)
    const id = newId()
    this.#database.transaction(() => {
      this.#database.run(
        'INSERT INTO application_credential VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        id,
        row.name,
        row.user_id,
        row.project_id,
        row.description,
        row.secret_hash,
        row.expires,
        row.unrestricted,
      )
      for (const roleId of roleIds)
        this.#database.run('INSERT INTO application_credential_role VALUES (?, ?)', id, roleId)
    })
    return { id, ...row }
  }

  delete(userId: string, id: string): void {
    this.get(userId, id)
    this.#database.run('DELETE FROM application_credential WHERE id = ?', id)
  }

  roleIds(id: string): string[] {
    const sql = 'SELECT role_id FROM application_credential_role WHERE credential_id = ? ORDER BY role_id'
    return this.#database.all<{ role_id: string }>(sql, id).map(({ role_id }) => role_id)
  }
}
