/** From a list's query string to the checked request of `core` (reference: API, list options). */
import type { ListQuery } from '../../core/service.js'
import { badRequest } from '../faults.js'
import type { Compiled } from '../resources/definition.js'
import { toBoolean } from './convert.js'
import { parseFilters } from './filters.js'
import type { Query } from './query-string.js'
import { quoted } from './text.js'

export interface ListRequest extends ListQuery {
  /** attributes asked for; null: all */
  readonly fields: ReadonlySet<string> | null
}

/** `maxLimit`: pagination_max_limit, null for none. */
export function parseList(compiled: Compiled, query: Query, maxLimit: number | null): ListRequest {
  const limit = parseLimit(query.get('limit')?.[0])
  return {
    filters: parseFilters(compiled, query),
    fields: parseFields(query),
    sort: parseSort(compiled, query),
    limit: maxLimit === null ? limit : Math.min(limit ?? maxLimit, maxLimit),
    marker: query.get('marker')?.[0] || null,
    reverse: toReverse(query.get('page_reverse')?.[0]),
  }
}

/** `fields` of a show or list. Either name of the project brings both. */
export function parseFields(query: Query): ReadonlySet<string> | null {
  const fields = (query.get('fields') ?? []).filter((field) => field !== '')
  return fields.length === 0 ? null : new Set(fields)
}

function parseSort(compiled: Compiled, query: Query): ListQuery['sort'] {
  const keys = query.get('sort_key') ?? []
  const dirs = query.get('sort_dir') ?? []
  if (keys.length !== dirs.length) throw badRequest('The number of sort_keys and sort_dirs must be same')
  const unknown = keys.filter((key) => !compiled.sortKeys.has(key))
  if (unknown.length > 0) throw badRequest(`${quoted(unknown)} is invalid attribute for sort_keys`)
  const wrong = dirs.filter((dir) => dir !== 'asc' && dir !== 'desc')
  if (wrong.length > 0) {
    throw badRequest(`${quoted(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`)
  }
  return keys.map((key, index) => ({
    key: key === 'tenant_id' ? 'project_id' : key,
    dir: dirs[index] === 'desc' ? 'desc' : 'asc',
  }))
}

/** 0 is the same as no limit. */
function parseLimit(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  if (!/^\d+$/.test(text)) throw badRequest(`Limit must be an integer 0 or greater and not '${text}'`)
  return Number(text) || null
}

function toReverse(text: string | undefined): boolean {
  return text === undefined || text === '' ? false : toBoolean(text)
}
