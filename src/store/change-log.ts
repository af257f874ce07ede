import { sql } from 'kysely'
import type { Change, CloudKind, CloudObject } from '../model/cloud.js'
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
}

/**
 * Records the values that differ from the last recorded ones, each under the next revision. Taking the revision
 * updates the one row of `revisions`: on a database with several writers that row orders them.
 */
export async function appendChanges(
  db: Db,
  actor: Actor,
  time: string,
  changes: readonly NewChange[],
): Promise<number> {
  const before = await lastValues(db, changes)
  const real = changes
    .map((change) => ({ ...change, json: change.value === null ? null : JSON.stringify(change.value) }))
    .filter(({ kind, id, json }) => json !== (before.get(`${kind}/${id}`) ?? null))
  if (real.length === 0) return 0
  let revision = (await takeRevisions(db, real.length)) - real.length
  for (const { kind, id, value, json } of real) {
    revision += 1
    const owner = value ?? (JSON.parse(before.get(`${kind}/${id}`)!) as CloudObject)
    await db
      .insertInto('change_log')
      .values({
        revision,
        time,
        request_id: actor.requestId,
        actor: actor.userId,
        kind,
        object_id: id,
        project_id: 'projectId' in owner ? owner.projectId : '',
        value: json,
      })
      .execute()
    await remember(db, kind, id, revision, json)
  }
  return real.length
}

async function lastValues(db: Db, changes: readonly NewChange[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const part of chunks(changes)) {
    const pairs = part.map(({ kind, id }) => sql`(${kind}, ${id})`)
    const rows = await db
      .selectFrom('cloud_objects')
      .select(['kind', 'object_id', 'value'])
      .where(sql<boolean>`(kind, object_id) in (values ${sql.join(pairs)})`)
      .execute()
    for (const { kind, object_id, value } of rows) found.set(`${kind}/${object_id}`, value)
  }
  return found
}

async function takeRevisions(db: Db, count: number): Promise<number> {
  const row = await db
    .updateTable('revisions')
    .set((eb) => ({ revision: eb('revision', '+', count) }))
    .where('id', '=', 1)
    .returning('revision')
    .executeTakeFirstOrThrow()
  return Number(row.revision)
}

async function remember(db: Db, kind: string, id: string, revision: number, value: string | null): Promise<void> {
  if (value === null) {
    await db.deleteFrom('cloud_objects').where('kind', '=', kind).where('object_id', '=', id).execute()
    return
  }
  await db
    .insertInto('cloud_objects')
    .values({ kind, object_id: id, revision, value })
    .onConflict((conflict) => conflict.columns(['kind', 'object_id']).doUpdateSet({ revision, value }))
    .execute()
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
