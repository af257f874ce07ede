import { randomUUID } from 'node:crypto'
import { type Db, int, json, text } from './table.js'

/** Columns that every API resource has, for a `Table`. */
export const standardColumns = {
  id: text('id'),
  projectId: text('project_id'),
  description: text('description'),
  tags: json<readonly string[]>('tags'),
  createdAt: text('created_at'),
  updatedAt: text('updated_at'),
  revisionNumber: int('revision_number'),
}

export interface StandardFields {
  readonly id: string
  readonly projectId: string
  readonly description: string
  readonly tags: readonly string[]
  readonly createdAt: string
  readonly updatedAt: string
  readonly revisionNumber: number
}

/** `2026-11-22T06:12:51Z`: seconds, as the API shows times. */
export function apiTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

/** Standard fields of a new object. `first` is its first revision number. */
export function newStandard(
  now: string,
  given: { id?: string; projectId: string; description?: string; tags?: readonly string[] },
  first = 1,
): StandardFields {
  return {
    id: given.id ?? randomUUID(),
    projectId: given.projectId,
    description: given.description ?? '',
    tags: given.tags ?? [],
    createdAt: now,
    updatedAt: now,
    revisionNumber: first,
  }
}

/** A table of objects that have revisions; `Row`: what can be written of them. */
interface Revised<Row> {
  update(db: Db, where: { readonly id: string }, patch: Partial<Row>): Promise<void>
}

/** Writes `patch`, or that something which belongs to the object changed, as one more revision of it; what it wrote. */
export async function revise<Row>(
  tx: { readonly db: Db; readonly now: string },
  table: Revised<Row>,
  { id, revisionNumber }: Pick<StandardFields, 'id' | 'revisionNumber'>,
  patch: Partial<NoInfer<Row>> = {},
): Promise<Partial<Row>> {
  const written = { ...patch, revisionNumber: revisionNumber + 1, updatedAt: tx.now }
  await table.update(tx.db, { id }, written)
  return written
}
