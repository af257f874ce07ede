/** What is asked and answered about limits per project. */
import { range } from '../wire/checks.js'
import { takenBy, toBoolean, toInt } from '../wire/convert.js'
import { ANY, arrayOf, objectOf, objectWith, orNullSchema, type Schema, TEXT } from '../wire/schema.js'
import type { Operation } from './operation.js'

/** −1 is unlimited. */
export const limit = range(-1, 2 ** 31 - 1)

const NUMBER: Schema = { type: 'integer' }
const LIMITS: Schema = { type: 'object', additionalProperties: NUMBER }
const USED: Schema = {
  type: 'object',
  additionalProperties: objectOf({ limit: NUMBER, used: NUMBER, reserved: NUMBER }, ['limit', 'used', 'reserved']),
}
const flag = orNullSchema(takenBy(toBoolean, ANY))
const CHANGES: Schema = {
  type: 'object',
  properties: { tenant_id: ANY, project_id: ANY, force: flag, check_limit: flag },
  additionalProperties: takenBy(toInt, limit.schema!),
}
const OWNED: Schema = {
  type: 'object',
  properties: { tenant_id: TEXT, project_id: TEXT },
  additionalProperties: NUMBER,
}

const quota = (schema: Schema) => objectWith({ quota: schema })

export const QUOTA = {
  list: {
    id: 'list_quotas',
    summary: 'List the limits of projects that have their own',
    reply: objectWith({ quotas: arrayOf(OWNED) }),
  },
  show: { id: 'show_quota', summary: 'Show the limits of a project', reply: quota(LIMITS) },
  defaults: { id: 'show_default_quota', summary: 'Show the limits of a project without its own', reply: quota(LIMITS) },
  details: { id: 'show_quota_details', summary: 'Show limits beside what is used', reply: quota(USED) },
  update: { id: 'update_quota', summary: 'Change the limits of a project', body: quota(CHANGES), reply: quota(LIMITS) },
  reset: { id: 'delete_quota', summary: 'Give a project the default limits again' },
} satisfies Record<string, Operation>

/** Whose limits the caller's are, under a name that old or new clients know. */
export const ownProject = (name: string): Operation => ({
  summary: 'Tell whose limits the caller’s are',
  reply: objectWith({ [name]: objectOf({ tenant_id: TEXT, project_id: TEXT }) }),
})
