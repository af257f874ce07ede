import { sql } from 'kysely'
import type { Change, CloudKind, CloudObject } from '../model/cloud.js'
import { runCompiled } from './compiled.js'
import type { Schema } from './schema.js'
import { chunks, type Db, evenChunks, tuples } from './table.js'

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

/** A change to be recorded, with what is recorded of it beside the revision. */
interface Entry extends Omit<NewChange, 'isNew'> {
  readonly time: string
  readonly actor: Actor
  readonly projectId: string
  readonly json: string | null
}

/** What a transaction will record: all at once, right before its commit. */
export class ChangeBook {
  readonly #entries: Entry[] = []
  /** last values, by kind and id, of what is in the book */
  readonly #last = new Map<string, string | null>()

  /** Enters the values that differ from the last recorded ones, in their order. */
  async add(db: Db, actor: Actor, time: string, changes: readonly NewChange[]): Promise<void> {
    const before = await lastValues(
      db,
      changes.filter((change) => !change.isNew && !this.#last.has(keyOf(change))),
    )
    for (const { kind, id, value } of changes) {
      const key = keyOf({ kind, id })
      const last = this.#last.get(key) ?? before.get(key) ?? null
      const json = value === null ? null : JSON.stringify(value)
      if (json === last) continue
      const owner = value ?? (JSON.parse(last!) as CloudObject)
      const projectId = 'projectId' in owner ? owner.projectId : ''
      this.#entries.push({ kind, id, value, time, actor, projectId, json })
      this.#last.set(key, json)
    }
  }

  /**
   * Records everything, each entry under the next revision; resolves to these. Taking revisions updates the one row of
   * `revisions`: on a database with several writers that row orders them.
   */
  async write(db: Db): Promise<Change[]> {
    const count = this.#entries.length
    if (count === 0) return []
    const first = (await takeRevisions(db, count)) - count + 1
    const entries = this.#entries.map((entry, i) => ({ ...entry, revision: first + i }))
    await record(db, entries)
    await remember(db, [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()])
    return entries.map(({ revision, kind, id, value }) => ({ revision, kind, id, value }))
  }
}

const keyOf = ({ kind, id }: Pick<NewChange, 'kind' | 'id'>) => `${kind}/${id}`

type Recorded = Entry & { readonly revision: number }

async function record(db: Db, entries: readonly Recorded[]): Promise<void> {
  for (const part of evenChunks(entries)) {
    const rows = part.map(({ revision, time, actor, kind, id, projectId, json }) => [
      ...[revision, time, actor.requestId, actor.userId],
      ...[kind, id, projectId, json],
    ])
    await runCompiled(
      db,
      `change_log record ${part.length}`,
      rows.flat(),
      () => sql`insert into change_log (revision, time, request_id, actor, kind, object_id, project_id, value)
        values ${tuples(rows)}`,
    )
  }
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

/** `entries`: one for each object. */
async function remember(db: Db, entries: readonly Recorded[]): Promise<void> {
  for (const { kind, id } of entries.filter(({ json }) => json === null)) {
    const make = () => sql`delete from cloud_objects where kind = ${kind} and object_id = ${id}`
    await runCompiled(db, 'cloud_objects forget', [kind, id], make)
  }
  for (const part of evenChunks(entries.filter(({ json }) => json !== null))) {
    const rows = part.map(({ kind, id, revision, json }) => [kind, id, revision, json])
    await runCompiled(
      db,
      `cloud_objects remember ${part.length}`,
      rows.flat(),
      () => sql`insert into cloud_objects (kind, object_id, revision, value) values ${tuples(rows)}
        on conflict (kind, object_id) do update set revision = excluded.revision, value = excluded.value`,
    )
  }
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
