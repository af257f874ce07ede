/** A query string as ordered values by key: repeated keys matter (`sort_key=a&sort_key=b`). */
export type Query = ReadonlyMap<string, readonly string[]>

export function parseQuery(url: string): Query {
  const at = url.indexOf('?')
  const query = new Map<string, string[]>()
  if (at < 0) return query
  for (const [key, value] of new URLSearchParams(url.slice(at + 1))) {
    const values = query.get(key)
    if (values) values.push(value)
    else query.set(key, [value])
  }
  return query
}

export function formatQuery(query: Query): string {
  const params = new URLSearchParams()
  for (const [key, values] of query) for (const value of values) params.append(key, value)
  return params.toString()
}
