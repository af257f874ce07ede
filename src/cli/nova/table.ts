import type { ListResult, OneResult } from '../output/result.js'
import { renderTable } from '../output/table.js'
import { isRecord, plainText, spacedJson } from '../output/value.js'

/** The old compute client's cells: `-` for null, JSON for structures. */
function cell(value: unknown): string {
  if (Array.isArray(value) || isRecord(value)) return spacedJson(value)
  return plainText(value, '-')
}

/** Rows as the command ordered them; a list without rows keeps its header. */
export function novaList(result: ListResult): string {
  return renderTable(
    result.columns,
    result.rows.map((row) => row.map(cell)),
  )
}

/** Property and value, in the order of properties. */
export function novaOne(result: OneResult): string {
  const rows = result.fields.map(({ name, value }) => [name, cell(value)])
  return renderTable(['Property', 'Value'], rows)
}
