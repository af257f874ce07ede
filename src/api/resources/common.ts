/** Attributes that every resource shares. */

import type { Rule } from '../policy/rules.js'
import * as check from '../wire/checks.js'
import { nullToEmptyList, nullToEmptyText, toBoolean } from '../wire/convert.js'
import { arrayOf, orNullSchema, TEXT } from '../wire/schema.js'
import type { Attribute } from './definition.js'

export const ADMIN: Rule = ['admin']
export const SERVICE: Rule = ['service']
export const READER: Rule = ['reader']
export const OWNER: Rule = ['owner']

const NAME_LENGTH = 255
export const DESCRIPTION_LENGTH = 255
export const MAX_TAG_LENGTH = 255
export const MAX_TAGS = 50

export const id: Attribute = { filter: true, sort: true, shows: TEXT }

export const name: Attribute = {
  post: true,
  put: true,
  fallback: '',
  convert: nullToEmptyText,
  check: check.text(NAME_LENGTH),
  filter: true,
  sort: true,
}

/** `tenant_id` and `project_id`: synonyms, see wire/project.ts. */
export const project: Attribute = { post: true, fallback: '', check: check.text(255), filter: true, sort: true }

/** Of parts of another object: theirs by whose it is, and never shown. */
export const hiddenProject: Attribute = { ...project, writeOnly: true, filter: false, sort: false }

export const adminStateUp: Attribute = {
  post: true,
  put: true,
  fallback: true,
  convert: toBoolean,
  filter: true,
  sort: true,
}

export const status: Attribute = { filter: true, sort: true, shows: TEXT }

export const description: Attribute = {
  post: true,
  put: true,
  fallback: '',
  convert: nullToEmptyText,
  check: check.text(DESCRIPTION_LENGTH),
  filter: true,
  sort: true,
}

/** Set through /tags; the list is a filter of its own kind (see wire/filters.ts). */
const tags: Attribute = { shows: arrayOf(TEXT) }

const time: Attribute = { filter: true, sort: true, shows: orNullSchema({ type: 'string', format: 'date-time' }) }

/** Tags that may be given at once with the object (extension tag-ports-during-bulk-creation). */
export const tagsOnCreate: Attribute = {
  post: true,
  fallback: [],
  convert: nullToEmptyList,
  check: check.texts(MAX_TAG_LENGTH),
}

/** The tail of every object with standard attributes, in the order of replies. */
export const standardTail = {
  tags,
  created_at: time,
  updated_at: time,
  revision_number: { filter: true, sort: true, shows: { type: 'integer' } },
  project_id: project,
} satisfies Record<string, Attribute>

/** Read-only and no filter: shown when `core` has it. */
export const shownOnly: Attribute = {}

export const zoneHints: Attribute = {
  post: true,
  fallback: [],
  convert: nullToEmptyList,
  check: check.texts(255),
}

export function flag(fallback: unknown, extra: Partial<Attribute> = {}): Attribute {
  return { post: true, put: true, fallback, convert: toBoolean, filter: true, ...extra }
}
