import type { Dialect } from 'kysely'
import { isBusy, isUniqueViolation, sqliteDialect } from './sqlite.js'

/** What the store must know of a database beside its SQL. */
export interface DatabaseKind {
  readonly dialect: (url: string) => Dialect
  /** whether the transaction that met this error should be run again */
  readonly isRetryable: (error: unknown) => boolean
  readonly isUniqueViolation: (error: unknown) => boolean
}

const KINDS: Readonly<Record<string, DatabaseKind>> = {
  sqlite: { dialect: sqliteDialect, isRetryable: isBusy, isUniqueViolation },
}

/** The kind that `[database] connection` names; throws when there is no such. */
export function databaseKind(connection: string): DatabaseKind {
  const scheme = connection.split(':')[0]!.split('+')[0]!
  const kind = KINDS[scheme]
  if (!kind) throw new Error(`[database] connection: '${scheme}' is not supported (${Object.keys(KINDS).join(', ')})`)
  return kind
}

export { isUniqueViolation }
