import type { Sqlite } from '../base/sqlite.js'
import { Assignments } from './assignments.js'
import { tokenKey } from './database.js'
import { PasswordVerifier } from './passwords.js'
import { Resources } from './resources.js'

/** The parts of the identity service that its routes work with. */
export interface Identity {
  readonly database: Sqlite
  readonly resources: Resources
  readonly assignments: Assignments
  readonly passwords: PasswordVerifier
  readonly tokenKey: Buffer
  /** life of a token in milliseconds */
  readonly tokenLife: number
}

export function createIdentity(database: Sqlite, options: { expirationSeconds: number }): Identity {
  return {
    database,
    resources: new Resources(database),
    assignments: new Assignments(database),
    passwords: new PasswordVerifier(),
    tokenKey: tokenKey(database),
    tokenLife: options.expirationSeconds * 1000,
  }
}
