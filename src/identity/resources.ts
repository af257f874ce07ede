import type { Sqlite, SqlValue } from '../base/sqlite.js'
import { DEFAULT_DOMAIN } from './database.js'
import { badRequest, conflict, notFound } from './faults.js'
import { newId } from './ids.js'
import { type Condition, inexactFilter } from './name-filters.js'
import { checkedTags, tagFilter } from './tags.js'

export type Json = Record<string, unknown>

interface Column {
  readonly type: 'text' | 'bool'
  readonly required?: boolean
  readonly fallback?: SqlValue
  /** may not be given nor changed by clients: only its fallback is accepted */
  readonly readOnly?: boolean
  /** may be given at creation only */
  readonly fixed?: boolean
  /** kept in the database, never shown */
  readonly hidden?: boolean
}

/** What the Identity API says about one kind of object: its attributes, what a list can be filtered by. */
export interface ResourceType {
  readonly singular: string
  readonly plural: string
  /** name of the table where it is not that of the kind */
  readonly table?: string
  readonly columns: Readonly<Record<string, Column>>
  readonly filters: readonly string[]
  /** clients choose the id (regions) */
  readonly ownId?: boolean
  /** clients may tag its objects */
  readonly tagged?: boolean
  /** attributes of every object that are not stored */
  readonly constant?: Json
}

const text = (extra: Partial<Column> = {}): Column => ({ type: 'text', fallback: null, ...extra })
const name = text({ required: true })
const description = text({ fallback: '' })
const enabled: Column = { type: 'bool', fallback: 1 }
const domainId = text({ fallback: DEFAULT_DOMAIN, fixed: true })

export const RESOURCES = {
  domain: {
    singular: 'domain',
    plural: 'domains',
    columns: { name, description, enabled },
    filters: ['name', 'enabled'],
    constant: { tags: [], options: {} },
  },
  project: {
    singular: 'project',
    plural: 'projects',
    columns: {
      name,
      domain_id: domainId,
      parent_id: text({ fixed: true }),
      description,
      enabled,
      is_domain: { type: 'bool', fallback: 0, readOnly: true },
    },
    filters: ['name', 'domain_id', 'enabled', 'parent_id', 'is_domain'],
    tagged: true,
    constant: { options: {} },
  },
  user: {
    singular: 'user',
    plural: 'users',
    columns: {
      name,
      domain_id: domainId,
      default_project_id: text(),
      description: text(),
      enabled,
      password_hash: text({ hidden: true }),
      tokens_valid_after: text({ hidden: true, fallback: 0 }),
    },
    filters: ['name', 'domain_id', 'enabled'],
    constant: { password_expires_at: null, options: {} },
  },
  group: {
    singular: 'group',
    plural: 'groups',
    table: 'user_group',
    columns: { name, domain_id: domainId, description },
    filters: ['name', 'domain_id'],
  },
  role: {
    singular: 'role',
    plural: 'roles',
    columns: { name, description: text(), domain_id: text({ fixed: true }) },
    filters: ['name', 'domain_id'],
    constant: { options: {} },
  },
  region: {
    singular: 'region',
    plural: 'regions',
    columns: { description, parent_region_id: text() },
    filters: ['parent_region_id'],
    ownId: true,
  },
  service: {
    singular: 'service',
    plural: 'services',
    columns: { type: name, name: text(), description: text(), enabled },
    filters: ['type', 'name'],
  },
  endpoint: {
    singular: 'endpoint',
    plural: 'endpoints',
    columns: { service_id: name, interface: name, url: name, region_id: text(), enabled },
    filters: ['service_id', 'interface', 'region_id', 'enabled'],
  },
} as const satisfies Record<string, ResourceType>

export type ResourceName = keyof typeof RESOURCES

export type Row = Record<string, SqlValue> & { id: string }

/** Reading and writing of the simple objects, by their description above. */
export class Resources {
  readonly #database: Sqlite

  constructor(database: Sqlite) {
    this.#database = database
  }

  /** raw row with hidden columns, or undefined */
  row(kind: ResourceName, id: string): Row | undefined {
    return this.#database.get<Row>(`SELECT * FROM ${tableOf(kind)} WHERE id = ?`, id)
  }

  /** `domainId` for kinds whose names are unique within a domain; of roles, one that belongs to no domain */
  rowByName(kind: ResourceName, wanted: string, domain?: string): Row | undefined {
    if (kind === 'role')
      return this.#database.get<Row>('SELECT * FROM role WHERE name = ? AND domain_id IS NULL', wanted)
    return domain === undefined
      ? this.#database.get<Row>(`SELECT * FROM ${tableOf(kind)} WHERE name = ?`, wanted)
      : this.#database.get<Row>(`SELECT * FROM ${tableOf(kind)} WHERE name = ? AND domain_id = ?`, wanted, domain)
  }

  get(kind: ResourceName, id: string): Json & { id: string } {
    const row = this.row(kind, id)
    if (!row) throw notFound(kind, id)
    return render(RESOURCES[kind], row)
  }

  list(kind: ResourceName, query: Readonly<Record<string, unknown>> = {}): (Json & { id: string })[] {
    const type: ResourceType = RESOURCES[kind]
    const conditions = Object.entries(query).flatMap(([key, value]) => conditionOf(type, key, String(value)) ?? [])
    // roles of a domain are only for those who ask for them
    if (kind === 'role' && query.domain_id === undefined) conditions.push({ text: 'domain_id IS NULL', values: [] })
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(({ text }) => text).join(' AND ')}`
    const values = conditions.flatMap((condition) => condition.values)
    return this.#database
      .all<Row>(`SELECT * FROM ${tableOf(kind)}${where} ORDER BY id`, ...values)
      .map((row) => render(type, row))
  }

  /** `internal`: values of columns that clients cannot set */
  create(kind: ResourceName, body: Json, internal: Record<string, SqlValue> = {}): Json & { id: string } {
    const type: ResourceType = RESOURCES[kind]
    const id = type.ownId && typeof body.id === 'string' && body.id !== '' ? body.id : newId()
    const values: Record<string, SqlValue> = { id }
    for (const [key, column] of Object.entries(type.columns)) {
      if (column.required && (typeof body[key] !== 'string' || body[key] === '')) {
        throw badRequest(`Invalid input for field '${key}': '${key}' is a required property`)
      }
      checkReadOnly(kind, key, column, body[key])
      const given = column.readOnly || column.hidden ? undefined : body[key]
      values[key] = internal[key] ?? (given === undefined ? (column.fallback ?? null) : toColumn(key, column, given))
    }
    if (kind === 'project' && values.parent_id === null) values.parent_id = values.domain_id ?? null
    values.extra = JSON.stringify(extraOf(type, body))
    const keys = Object.keys(values)
    this.#write(kind, () =>
      this.#database.run(
        `INSERT INTO ${tableOf(kind)} (${keys.join(', ')}) VALUES (${keys.map(() => '?').join(', ')})`,
        ...Object.values(values),
      ),
    )
    return this.get(kind, id)
  }

  update(kind: ResourceName, id: string, body: Json, internal: Record<string, SqlValue> = {}): Json & { id: string } {
    const type: ResourceType = RESOURCES[kind]
    const row = this.row(kind, id)
    if (!row) throw notFound(kind, id)
    const values: Record<string, SqlValue> = { ...internal }
    for (const [key, column] of Object.entries(type.columns)) {
      if (body[key] === undefined || column.hidden || column.readOnly) continue
      const value = toColumn(key, column, body[key])
      if (column.fixed && value !== row[key]) throw badRequest(`Cannot change ${key} of ${kind} ${id}`)
      values[key] = value
    }
    values.extra = JSON.stringify({ ...JSON.parse(String(row.extra)), ...extraOf(type, body) })
    const sets = Object.keys(values).map((key) => `${key} = ?`)
    this.#write(kind, () =>
      this.#database.run(`UPDATE ${tableOf(kind)} SET ${sets.join(', ')} WHERE id = ?`, ...Object.values(values), id),
    )
    return this.get(kind, id)
  }

  delete(kind: ResourceName, id: string): void {
    if (this.#write(kind, () => this.#database.run(`DELETE FROM ${tableOf(kind)} WHERE id = ?`, id)) === 0)
      throw notFound(kind, id)
  }

  #write(kind: ResourceName, write: () => number): number {
    try {
      return write()
    } catch (error) {
      const message = (error as Error).message
      if (/UNIQUE/.test(message))
        throw conflict(kind, `it is not permitted to have two ${RESOURCES[kind].plural} of the same name or id`)
      if (/FOREIGN KEY/.test(message))
        throw badRequest(`The ${kind} refers to, or is used by, another object that does not allow this.`)
      throw error
    }
  }
}

function tableOf(kind: ResourceName): string {
  const type: ResourceType = RESOURCES[kind]
  return type.table ?? kind
}

function render(type: ResourceType, row: Row): Json & { id: string } {
  const shown = Object.entries(type.columns)
    .filter(([, column]) => !column.hidden)
    .map(([key, column]) => [key, column.type === 'bool' ? row[key] === 1 : row[key]])
  const region = type.plural === 'endpoints' ? { region: row.region_id } : {}
  return {
    ...(type.tagged && { tags: [] }),
    ...(JSON.parse(String(row.extra)) as Json),
    ...type.constant,
    ...Object.fromEntries(shown),
    ...region,
    id: row.id,
    links: { self: `/v3/${type.plural}/${row.id}` },
  }
}

function toColumn(key: string, column: Column, value: unknown): SqlValue {
  if (column.type === 'bool') {
    if (typeof value !== 'boolean')
      throw badRequest(`Invalid input for field '${key}': ${JSON.stringify(value)} is not of type 'boolean'`)
    return value ? 1 : 0
  }
  if (value === null && !column.required) return null
  if (typeof value !== 'string')
    throw badRequest(`Invalid input for field '${key}': ${JSON.stringify(value)} is not of type 'string'`)
  return value
}

/** What this identity service does not offer is refused where it is asked for, not ignored. */
function checkReadOnly(kind: ResourceName, key: string, column: Column, given: unknown): void {
  if (!column.readOnly || given === undefined || given === null) return
  if ((column.type === 'bool' ? Number(given) : given) !== column.fallback)
    throw badRequest(`Invalid input for field '${key}': a ${kind} cannot have it here`)
}

/** The condition that a filter means; null for those that the kind does not know, which are ignored as in Keystone. */
function conditionOf(type: ResourceType, key: string, value: string): Condition | null {
  if (type.filters.includes(key)) return { text: `${key} IS ?`, values: [filterValue(type.columns[key]!, value)] }
  const texts = type.filters.filter((filter) => type.columns[filter]!.type === 'text')
  return inexactFilter(texts, key, value) ?? (type.tagged ? tagFilter(key, value) : null)
}

function filterValue(column: Column, value: string): SqlValue {
  if (column.type === 'bool') return ['0', 'false', 'False'].includes(value) ? 0 : 1
  return value
}

/** Attributes that Keystone has no column for are kept and shown again (`email`). */
function extraOf(type: ResourceType, body: Json): Json {
  const known = new Set([
    ...Object.keys(type.columns),
    ...Object.keys(type.constant ?? {}),
    'id',
    'links',
    'password',
    'original_password',
    'region',
    'extra',
  ])
  const { tags, ...others } = Object.fromEntries(Object.entries(body).filter(([key]) => !known.has(key)))
  return type.tagged && tags !== undefined ? { ...others, tags: checkedTags(tags) } : others
}
