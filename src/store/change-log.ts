import { sql } from 'kysely'
import type { Change, CloudKind, CloudObject } from '../model/cloud.js'
import { runCompiled } from './compiled.js'
import type { Schema } from './schema.js'
import { chunks, type Db } from './table.js'

/** On whose behalf something changes; goes into the change log. */
export interface Actor {
  readonly requestId: string
  readonly userId: string
  readonly projectId: string
}

/** An object's value to be recorded; null = deleted. */
export interface NewChange {
  readonly kind: CloudKind
  readonly id: string
  readonly value: CloudObject | null
  /** whether it is known to have no recorded value */
  readonly isNew: boolean
}

/**
 * Records the values that differ from the last recorded ones, each under the next revision; resolves to these.
 * Taking the revision updates the one row of `revisions`: on a database with several writers that row orders them.
 */
export async function appendChanges(
  db: Db,
  actor: Actor,
  time: string,
  changes: readonly NewChange[],
): Promise<Change[]> {
  const before = await lastValues(
    db,
    changes.filter(({ isNew }) => !isNew),
  )
  const real = changes
    .map((change) => ({ ...change, json: change.value === null ? null : JSON.stringify(change.value) }))
    .filter(({ kind, id, json }) => json !== (before.get(`${kind}/${id}`) ?? null))
  if (real.length === 0) return []
  const last = await takeRevisions(db, real.length)
  const first = last - real.length + 1
  for (const [i, { kind, id, value, json }] of real.entries()) {
    const revision = first + i
    const owner = value ?? (JSON.parse(before.get(`${kind}/${id}`)!) as CloudObject)
    const project = 'projectId' in owner ? owner.projectId : ''
    await record(db, [revision, time, actor.requestId, actor.userId, kind, id, project, json])
    await remember(db, kind, id, revision, json)
  }
  return real.map(({ kind, id, value }, i) => ({ revision: first + i, kind, id, value }))
}

async function record(db: Db, row: readonly unknown[]): Promise<void> {
  await runCompiled(
    db,
    'change_log record',
    row,
    () => sql`insert into change_log (revision, time, request_id, actor, kind, object_id, project_id, value)
      values (${sql.join(row)})`,
  )
}

async function lastValues(db: Db, changes: readonly NewChange[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const part of chunks(changes)) {
    const pairs = () => sql.join(part.map(({ kind, id }) => sql`(${kind}, ${id})`))
    const { rows } = await runCompiled<{ kind: string; object_id: string; value: string }, Schema>(
      db,
      `cloud_objects last ${part.length}`,
      part.flatMap(({ kind, id }) => [kind, id]),
      () => sql`select kind, object_id, value from cloud_objects where (kind, object_id) in (values ${pairs()})`,
    )
    for (const { kind, object_id, value } of rows) found.set(`${kind}/${object_id}`, value)
  }
  return found
}

async function takeRevisions(db: Db, count: number): Promise<number> {
  const { rows } = await runCompiled<{ revision: number | string }, Schema>(
    db,
    'revisions take',
    [count],
    () => sql`update revisions set revision = revision + ${count} where id = 1 returning revision`,
  )
  return Number(rows[0]!.revision)
}

async function remember(db: Db, kind: string, id: string, revision: number, value: string | null): Promise<void> {
  if (value === null) {
    const make = () => sql`delete from cloud_objects where kind = ${kind} and object_id = ${id}`
    await runCompiled(db, 'cloud_objects forget', [kind, id], make)
    return
  }
  await runCompiled(
    db,
    'cloud_objects remember',
    [kind, id, revision, value],
    () => sql`insert into cloud_objects (kind, object_id, revision, value)
      values (${kind}, ${id}, ${revision}, ${value})
      on conflict (kind, object_id) do update set revision = excluded.revision, value = excluded.value`,
  )
}

export async function lastRevision(db: Db): Promise<number> {
  return Number(
    (await db.selectFrom('revisions').select('revision').where('id', '=', 1).executeTakeFirstOrThrow()).revision,
  )
}

export async function currentObjects(db: Db): Promise<CloudObject[]> {
  const rows = await db.selectFrom('cloud_objects').select('value').execute()
  return rows.map(({ value }) => JSON.parse(value) as CloudObject)
}

export async function changesSince(db: Db, revision: number): Promise<Change[]> {
  const rows = await db
    .selectFrom('change_log')
    .select(['revision', 'kind', 'object_id', 'value'])
    .where('revision', '>', revision)
    .orderBy('revision')
    .execute()
  return rows.map((row) => ({
    revision: Number(row.revision),
    kind: row.kind as CloudKind,
    id: row.object_id,
    value: row.value === null ? null : (JSON.parse(row.value) as CloudObject),
  }))
}
