import { int, Table, text } from './table.js'

/** Limits that differ from the configured defaults. */
export const quotas = new Table('quotas', {
  projectId: text('project_id'),
  resource: text('resource'),
  max: int('max'),
})
