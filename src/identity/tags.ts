import { badRequest } from './faults.js'
import type { Condition } from './name-filters.js'

const MOST = 80
const LONGEST = 255

/** The tags of a project as a client gave them, each once; 400 for what Keystone takes for none. */
export function checkedTags(value: unknown): string[] {
  if (!Array.isArray(value))
    throw badRequest(`Invalid input for field 'tags': ${JSON.stringify(value)} is not of type 'array'`)
  const tags = [...new Set(value.map(checkedTag))]
  if (tags.length > MOST) throw badRequest(`Invalid input for field 'tags': there are more than ${MOST}`)
  return tags
}

/** One tag: 1 to 255 characters, without the ones that separate tags in URLs. */
export function checkedTag(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST || /[/,]/.test(value))
    throw badRequest(`Invalid input for field 'tags': ${JSON.stringify(value)} is not a tag`)
  return value
}

const HAS = `EXISTS (SELECT 1 FROM json_each(extra, '$.tags') WHERE value = ?)`

/** Conditions on tags of lists: all of them, any of them, not all of them, none of them; each separated by commas. */
const FILTERS: Readonly<Record<string, (each: string[]) => string>> = {
  tags: (each) => each.join(' AND '),
  'tags-any': (each) => `(${each.join(' OR ')})`,
  'not-tags': (each) => `NOT (${each.join(' AND ')})`,
  'not-tags-any': (each) => `NOT (${each.join(' OR ')})`,
}

/** Null when `key` is no filter on tags. */
export function tagFilter(key: string, value: string): Condition | null {
  const combine = Object.hasOwn(FILTERS, key) ? FILTERS[key] : undefined
  if (!combine) return null
  const tags = value.split(',')
  return { text: combine(tags.map(() => HAS)), values: tags }
}
