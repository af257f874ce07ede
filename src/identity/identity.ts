import type { Sqlite } from '../base/sqlite.js'
import { ApplicationCredentials } from './application-credentials.js'
import { Assignments } from './assignments.js'
import { tokenKey } from './database.js'
import { type Lockout, LoginFailures } from './login-failures.js'
import { PasswordVerifier, type ScryptCost } from './passwords.js'
import { Resources } from './resources.js'

/** The parts of the identity service that its routes work with. */
export interface Identity {
  readonly database: Sqlite
  readonly resources: Resources
  readonly assignments: Assignments
  readonly credentials: ApplicationCredentials
  readonly passwords: PasswordVerifier
  readonly failures: LoginFailures
  readonly tokenKey: Buffer
  /** life of a token in milliseconds */
  readonly tokenLife: number
}

export interface IdentityOptions {
  readonly expirationSeconds: number
  readonly cost?: ScryptCost
  readonly lockout?: Lockout
}

export function createIdentity(database: Sqlite, options: IdentityOptions): Identity {
  return {
    database,
    resources: new Resources(database),
    assignments: new Assignments(database),
    credentials: new ApplicationCredentials(database),
    passwords: new PasswordVerifier(options.cost),
    failures: new LoginFailures(database, options.lockout ?? { attempts: 0, milliseconds: 0 }),
    tokenKey: tokenKey(database),
    tokenLife: options.expirationSeconds * 1000,
  }
}
