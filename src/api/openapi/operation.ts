/** What the description says of one method of one path; written where the route is. */
import { ANY, arrayOf, objectWith, type Schema, TEXT } from '../wire/schema.js'

export interface QueryParameter {
  readonly name: string
  readonly description?: string
  readonly schema: Schema
}

export interface Operation {
  /** unique name, for those who generate code */
  readonly id?: string
  readonly summary: string
  readonly query?: readonly (QueryParameter | SharedParameter)[]
  /** what is sent; absent: nothing */
  readonly body?: Schema
  /** what is answered; absent: nothing */
  readonly reply?: Schema
  /** absent: 201 of POST, 204 without an answer, otherwise 200 */
  readonly status?: number
  /** `If-Match: revision_number=N` is heeded */
  readonly ifMatch?: boolean
  /** the answer is no JSON */
  readonly text?: boolean
}

/** Query parameters that many lists share, by their names in the description's components. */
export type SharedParameter = 'fields' | 'limit' | 'marker' | 'page_reverse' | 'sort_dir'

const several = (name: string, description: string, items: Schema): QueryParameter => ({
  name,
  description,
  schema: arrayOf(items),
})

export const SHARED: Readonly<Record<SharedParameter, QueryParameter>> = {
  fields: several('fields', 'attributes to show; all when not given', TEXT),
  limit: { name: 'limit', description: 'the most objects in one answer', schema: { type: 'integer', minimum: 0 } },
  marker: { name: 'marker', description: 'id of the last object of the page before', schema: TEXT },
  page_reverse: { name: 'page_reverse', description: 'pages backwards', schema: { type: 'boolean' } },
  sort_dir: several('sort_dir', 'one for each sort_key', { enum: ['asc', 'desc'] }),
}

/** A query parameter that may be repeated: one of the values is enough. */
export const repeatable = (name: string, items: Schema = TEXT): QueryParameter => ({ name, schema: arrayOf(items) })

/** `{name: …}`, as most bodies are. */
export const wrapped = (name: string, schema: Schema = ANY): Schema => objectWith({ [name]: schema })
