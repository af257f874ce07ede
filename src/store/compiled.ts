import { CompiledQuery, type Kysely, type QueryResult, type RawBuilder } from 'kysely'
import { execute } from './session.js'

/** Statements without their parameters by key, of one database adapter: each writes parameters in its own way. */
const texts = new WeakMap<object, Map<string, CompiledQuery>>()

/**
 * Runs a statement whose text depends on `key` alone. The text is made once; making it again for each run costs more
 * than the database needs to answer. `parameters` must be those that `make` puts into its statement, in the same order.
 */
export function runCompiled<R, S>(
  db: Kysely<S>,
  key: string,
  parameters: readonly unknown[],
  make: () => RawBuilder<unknown>,
): Promise<QueryResult<R>> {
  const { adapter } = db.getExecutor()
  let known = texts.get(adapter)
  if (!known) {
    known = new Map()
    texts.set(adapter, known)
  }
  let query = known.get(key)
  if (query === undefined) {
    query = CompiledQuery.raw(make().compile(db).sql)
    known.set(key, query)
  }
  return execute<R>(db, { ...query, parameters })
}
