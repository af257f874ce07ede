import type { Sqlite } from '../base/sqlite.js'

export type TargetType = 'project' | 'domain'
export type ActorType = 'user' | 'group'

export interface RoleRef {
  readonly id: string
  readonly name: string
}

export interface Assignment {
  readonly actor_type: ActorType
  readonly actor_id: string
  readonly target_type: TargetType
  readonly target_id: string
  readonly role_id: string
}

/** Where the roles of users and of groups are kept. */
const TABLE = {
  user: { name: 'assignment', key: 'user_id' },
  group: { name: 'group_assignment', key: 'group_id' },
} as const

/** What a user has of its own and by its groups; two parameters, user and kind of target. */
const HELD = `SELECT role_id, target_id FROM (
    SELECT user_id, target_type, target_id, role_id FROM assignment
    UNION SELECT user_id, target_type, target_id, role_id FROM group_assignment JOIN membership USING (group_id))
  WHERE user_id = ? AND target_type = ?`

/** Who has which role where. */
export class Assignments {
  readonly #database: Sqlite

  constructor(database: Sqlite) {
    this.#database = database
  }

  grant(actor: ActorType, actorId: string, type: TargetType, targetId: string, roleId: string): void {
    this.#database.run(
      `INSERT OR IGNORE INTO ${TABLE[actor].name} VALUES (?, ?, ?, ?)`,
      actorId,
      type,
      targetId,
      roleId,
    )
  }

  /** false when there was none */
  revoke(actor: ActorType, actorId: string, type: TargetType, targetId: string, roleId: string): boolean {
    const { name, key } = TABLE[actor]
    const sql = `DELETE FROM ${name} WHERE ${key} = ? AND target_type = ? AND target_id = ? AND role_id = ?`
    return this.#database.run(sql, actorId, type, targetId, roleId) > 0
  }

  revokeTarget(type: TargetType, targetId: string): void {
    for (const { name } of Object.values(TABLE))
      this.#database.run(`DELETE FROM ${name} WHERE target_type = ? AND target_id = ?`, type, targetId)
  }

  all(): Assignment[] {
    return (Object.keys(TABLE) as ActorType[]).flatMap((actor) => {
      const { name, key } = TABLE[actor]
      return this.#database.all<Assignment>(
        `SELECT '${actor}' AS actor_type, ${key} AS actor_id, target_type, target_id, role_id FROM ${name}
         ORDER BY ${key}, target_id, role_id`,
      )
    })
  }

  /** roles granted to this very user or group */
  direct(actor: ActorType, actorId: string, type: TargetType, targetId: string): RoleRef[] {
    const { name, key } = TABLE[actor]
    return this.#database.all(
      `SELECT role.id, role.name FROM ${name} JOIN role ON role.id = role_id
       WHERE ${key} = ? AND target_type = ? AND target_id = ? ORDER BY role.name`,
      actorId,
      type,
      targetId,
    )
  }

  /** roles a user's token carries: those granted to the user or one of its groups, and those they imply */
  effective(userId: string, type: TargetType, targetId: string): RoleRef[] {
    return this.#database.all(closure(`SELECT role_id FROM (${HELD}) WHERE target_id = ?`), userId, type, targetId)
  }

  /** roles of an application credential, and those they imply */
  ofCredential(credentialId: string): RoleRef[] {
    const own = 'SELECT role_id FROM application_credential_role WHERE credential_id = ?'
    return this.#database.all(closure(own), credentialId)
  }

  /** ids of the projects or domains where the user has a role, of its own or by a group */
  targets(userId: string, type: TargetType): string[] {
    const sql = `SELECT DISTINCT target_id FROM (${HELD})`
    return this.#database.all<{ target_id: string }>(sql, userId, type).map((row) => row.target_id)
  }

  imply(priorId: string, impliedId: string): void {
    this.#database.run('INSERT OR IGNORE INTO implied_role VALUES (?, ?)', priorId, impliedId)
  }

  /** false when it was not implied */
  implyNoMore(priorId: string, impliedId: string): boolean {
    return this.#database.run('DELETE FROM implied_role WHERE prior_id = ? AND implied_id = ?', priorId, impliedId) > 0
  }

  implications(): { prior_id: string; implied_id: string }[] {
    return this.#database.all('SELECT * FROM implied_role ORDER BY prior_id')
  }
}

/** The roles that a statement gives the ids of, with all that they imply; those of a domain mean only what they imply. */
function closure(roleIds: string): string {
  return `WITH RECURSIVE held(id) AS (
      SELECT * FROM (${roleIds})
      UNION SELECT implied_id FROM implied_role JOIN held ON prior_id = held.id)
    SELECT role.id, role.name FROM held JOIN role ON role.id = held.id WHERE role.domain_id IS NULL ORDER BY role.name`
}
