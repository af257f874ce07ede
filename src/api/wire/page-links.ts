import type { ListQuery } from '../../core/service.js'
import { formatQuery, type Query } from './query-string.js'

export interface Link {
  readonly rel: 'next' | 'previous'
  readonly href: string
}

/**
 * `<collection>_links` of a list that was asked for with a limit. A short page has no `next`; read backwards, it has
 * no `previous`. From behind the end an empty page leads back to the last objects, the other way to the first ones. `url` is
 * the collection's address without query.
 */
export function pageLinks(url: string, query: Query, list: ListQuery, ids: readonly string[]): Link[] {
  if (list.limit === null) return []
  const short = ids.length < list.limit
  const next: Link = { rel: 'next', href: href(url, query, ids.at(-1), false) }
  const previous: Link = { rel: 'previous', href: href(url, query, ids[0], true) }
  return [...(short && !list.reverse ? [] : [next]), ...(short && list.reverse ? [] : [previous])]
}

function href(url: string, query: Query, marker: string | undefined, reverse: boolean): string {
  const paged = new Map([...query].filter(([key]) => key !== 'marker' && key !== 'page_reverse'))
  if (marker !== undefined) paged.set('marker', [marker])
  if (reverse) paged.set('page_reverse', ['True'])
  return `${url}?${formatQuery(paged)}`
}
