/** OVSDB's JSON notation for values (RFC 7047, section 5.1) to and from plain ones. */

export type Uuid = readonly ['uuid', string]
export type NamedUuid = readonly ['named-uuid', string]
export type Atom = string | number | boolean | Uuid | NamedUuid
export type OvsdbValue = Atom | readonly ['set', readonly Atom[]] | readonly ['map', readonly (readonly [Atom, Atom])[]]
export type Row = Readonly<Record<string, OvsdbValue>>

/** One step of a `transact` request. */
export type Operation = Readonly<Record<string, unknown>> & { readonly op: string; readonly table?: string }

export const uuid = (id: string): Uuid => ['uuid', id]

export function setOf(atoms: readonly Atom[]): OvsdbValue {
  return ['set', atoms]
}

export function mapOf(record: Readonly<Record<string, string>>): OvsdbValue {
  return ['map', Object.entries(record)]
}

/** Atoms of a set; a set of one is written as the bare atom. References come out as their uuid. */
export function atoms(value: OvsdbValue | undefined): (string | number | boolean)[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [value as string | number | boolean]
  const [tag, content] = value as readonly [string, unknown]
  if (tag === 'uuid') return [content as string]
  return (content as Atom[]).map((atom) => (Array.isArray(atom) ? atom[1] : atom)) as (string | number | boolean)[]
}

export function strings(value: OvsdbValue | undefined): string[] {
  return atoms(value).map(String)
}

export function optional<T extends string | number>(value: OvsdbValue | undefined): T | null {
  return (atoms(value)[0] as T | undefined) ?? null
}

export function record(value: OvsdbValue | undefined): Record<string, string> {
  if (!Array.isArray(value) || value[0] !== 'map') return {}
  return Object.fromEntries(
    (value[1] as readonly (readonly [string, string])[]).map(([k, v]) => [String(k), String(v)]),
  )
}

/** Same keys with same values. */
export function sameRecord(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

/** Every key of `part` is in `whole` with the same value. */
export function containsRecord(
  whole: Readonly<Record<string, string>>,
  part: Readonly<Record<string, string>>,
): boolean {
  return Object.keys(part).every((key) => whole[key] === part[key])
}

/** The rows that a map leads to. */
export function references(value: OvsdbValue | undefined): string[] {
  if (!Array.isArray(value) || value[0] !== 'map') return []
  return (value[1] as readonly (readonly [Atom, Atom])[]).flatMap(([, to]) =>
    Array.isArray(to) ? [String(to[1])] : [],
  )
}
