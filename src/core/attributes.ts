/** Reading request attributes, which `api` has checked for form. An absent attribute is `undefined`. */
import type { Attributes } from './service.js'

export function textOf(attributes: Attributes, name: string, fallback = ''): string {
  const value = attributes[name]
  return value === undefined || value === null ? fallback : String(value)
}

export function flagOf(attributes: Attributes, name: string, fallback: boolean): boolean {
  const value = attributes[name]
  return value === undefined || value === null ? fallback : value === true
}

export function numberOf(attributes: Attributes, name: string): number | null {
  const value = attributes[name]
  return value === undefined || value === null ? null : Number(value)
}

export function listOf<T>(attributes: Attributes, name: string): readonly T[] {
  return (attributes[name] as readonly T[] | null | undefined) ?? []
}

/** Project of a new object: the attribute under either of its names, else the caller's. */
export function projectOf(attributes: Attributes, fallback: string): string {
  return String(attributes.project_id ?? attributes.tenant_id ?? fallback)
}

/**
 * A patch from the changes a request makes: `map` names, per attribute, the record's field and how its value is
 * read. Attributes that are not in `changes` are not in the patch.
 */
export function patchOf<T>(
  changes: Attributes,
  map: Readonly<Record<string, (value: never) => Partial<T>>>,
): Partial<T> {
  let patch: Partial<T> = {}
  for (const [name, read] of Object.entries(map)) {
    if (changes[name] !== undefined) patch = { ...patch, ...read(changes[name] as never) }
  }
  return patch
}

/** Fields every resource lets a client change. */
export const standardChanges = {
  name: (name: string) => ({ name }),
  description: (description: string | null) => ({ description: description ?? '' }),
  tags: (tags: readonly string[]) => ({ tags: [...new Set(tags)] }),
}

/** The tail of every shown object. */
export function standardTail(record: {
  readonly description: string
  readonly tags: readonly string[]
  readonly createdAt: string
  readonly updatedAt: string
  readonly revisionNumber: number
  readonly projectId: string
}) {
  return {
    description: record.description,
    tags: record.tags,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    revision_number: record.revisionNumber,
    project_id: record.projectId,
  }
}
