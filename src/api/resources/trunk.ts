import { isDict, uuid } from '../wire/checks.js'
import { type Convert, chain, inside, nullToEmptyList, toIntOrNull } from '../wire/convert.js'
import { arrayOf, checking, objectWith, TEXT } from '../wire/schema.js'
import { shown } from '../wire/text.js'
import * as common from './common.js'
import type { Check, Resource } from './definition.js'

export const toSubports: Convert = chain(nullToEmptyList, inside({ segmentation_id: toIntOrNull }))

const PORT = objectWith({ port_id: uuid.schema! })
const SUBPORTS = arrayOf(
  objectWith({ ...PORT.properties, segmentation_id: { type: 'integer' }, segmentation_type: TEXT }, ['port_id']),
)

/** Ports by id, each with tag and kind of tag unless it takes those of its network; neither port nor tag twice. */
export const checkSubports: Check = checking(SUBPORTS, (value) => {
  if (!Array.isArray(value)) return `Invalid data format for subports: '${shown(value)}' is not a list`
  const ports = new Set<unknown>()
  const segments = new Set<string>()
  for (const item of value) {
    const reason = checkPort(item) ?? checkSegment(item)
    if (reason !== null) return reason
    const { port_id: port, segmentation_type: type, segmentation_id: id } = item
    if (ports.has(port)) return `Non unique UUID for subport: '${port}'`
    ports.add(port)
    const segment = `${type} ${id}`
    if (type !== INHERIT && segments.has(segment)) return `Segmentation ID '${id}' for '${port}' is not unique`
    segments.add(segment)
  }
  return null
})

/** The same for subports that are to go: what else is said of them does not matter. */
export const checkSubportIds: Check = checking(arrayOf(PORT), (value) => {
  if (!Array.isArray(value)) return `Invalid data format for subports: '${shown(value)}' is not a list`
  for (const item of value) {
    const reason = checkPort(item)
    if (reason !== null) return reason
  }
  return null
})

const INHERIT = 'inherit'

const checkPort: Check = (item) => {
  if (!isDict(item)) return `Invalid data format for subport: '${shown(item)}' is not a dict`
  if (!('port_id' in item)) return 'A valid port UUID must be specified'
  return uuid(item.port_id) === null ? null : `Invalid UUID for subport: '${shown(item.port_id)}'`
}

const checkSegment: Check = (item) => {
  const { segmentation_type: type, segmentation_id: id } = item as Readonly<Record<string, unknown>>
  if (type === INHERIT || (type && id)) return null
  return `Invalid subport details '${shown(item)}': missing segmentation information. Must specify both segmentation_id and segmentation_type`
}

/** A port that carries further ports behind VLAN tags. */
export const trunk: Resource = {
  name: 'trunk',
  plural: 'trunks',
  path: 'trunks',
  taggable: true,
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    name: common.name,
    tenant_id: common.project,
    port_id: { post: true, check: uuid, filter: true, sort: true },
    admin_state_up: common.adminStateUp,
    status: common.status,
    sub_ports: { post: true, fallback: [], convert: toSubports, check: checkSubports },
    description: common.description,
    ...common.standardTail,
  },
}
