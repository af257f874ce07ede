import type { ColumnDataType, CreateTableBuilder, Kysely } from 'kysely'

type Table = CreateTableBuilder<string, string>

/** `text`, `integer` (32 bits), `bigint`; a trailing `?` allows null. */
export type ColumnType = 'text' | 'text?' | 'integer' | 'integer?' | 'bigint?'

/** A new table with these columns (not null unless marked), for migrations. */
export function table(db: Kysely<unknown>, name: string, columns: Readonly<Record<string, ColumnType>>): Table {
  let builder = db.schema.createTable(name) as Table
  for (const [column, type] of Object.entries(columns)) {
    const optional = type.endsWith('?')
    const dataType = type.replace('?', '') as ColumnDataType
    builder = builder.addColumn(column, dataType, (col) => (optional ? col : col.notNull()))
  }
  return builder
}

/** Columns of `StandardColumns`. */
export const STANDARD: Readonly<Record<string, ColumnType>> = {
  id: 'text',
  project_id: 'text',
  description: 'text',
  tags: 'text',
  created_at: 'text',
  updated_at: 'text',
  revision_number: 'integer',
}

export async function index(db: Kysely<unknown>, name: string, columns: readonly string[]): Promise<void> {
  await db.schema
    .createIndex(`${name}_by_${columns.join('_')}`)
    .on(name)
    .columns([...columns])
    .execute()
}
