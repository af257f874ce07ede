import type { ListQuery } from '../../core/service.js'
import { formatQuery, type Query } from './query-string.js'

export interface Link {
  readonly rel: 'next' | 'previous'
  readonly href: string
}

/**
 * `<collection>_links` of a list that was asked for with a limit. A short page has no `next`; read backwards, it has
 * no `previous`. `url` is the collection's address without query.
 */
export function pageLinks(url: string, query: Query, list: ListQuery, ids: readonly string[]): Link[] {
  if (list.limit === null) return []
  const short = ids.length < list.limit
  const first = ids[0] ?? list.marker
  const last = ids[ids.length - 1] ?? list.marker
  const links: Link[] = []
  if (last !== null && !(short && !list.reverse)) links.push({ rel: 'next', href: href(url, query, last, false) })
  if (first !== null && !(short && list.reverse)) links.push({ rel: 'previous', href: href(url, query, first, true) })
  return links
}

function href(url: string, query: Query, marker: string, reverse: boolean): string {
  const others = [...query].filter(([key]) => key !== 'marker' && key !== 'page_reverse')
  const paged = new Map([...others, ['marker', [marker]] as const])
  if (reverse) paged.set('page_reverse', ['True'])
  return `${url}?${formatQuery(paged)}`
}
