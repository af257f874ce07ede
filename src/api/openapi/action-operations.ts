/** What is sent with the actions of routers, pools, groups of addresses and trunks, and what they answer. */
import { checkAddresses, toAddresses } from '../resources/address-group.js'
import { extraRoutesBody } from '../resources/router.js'
import { checkSubportIds, checkSubports, toSubports } from '../resources/trunk.js'
import { cidr, listOf, orNull, uuid } from '../wire/checks.js'
import { takenBy } from '../wire/convert.js'
import { ANY, arrayOf, objectOf, objectWith, type Schema, TEXT } from '../wire/schema.js'
import { type Operation, wrapped } from './operation.js'
import { refTo } from './resource-schemas.js'

const schemaOf = (check: { readonly schema?: Schema }) => check.schema ?? ANY
/** Both ways of sending it: as it is, and inside the resource's name. */
const alsoInside = (name: string, schema: Schema): Schema => ({ anyOf: [schema, objectWith({ [name]: schema })] })

const id = schemaOf(orNull(uuid))
const INTERFACE = objectOf({ subnet_id: id, port_id: id })
const JOINED = objectWith({ id: TEXT, port_id: TEXT, subnet_id: TEXT, subnet_ids: arrayOf(TEXT), network_id: TEXT }, [])
const ROUTES: Operation = {
  summary: '',
  body: wrapped('router', schemaOf(extraRoutesBody)),
  reply: wrapped('router', refTo('router')),
}

export const ROUTER = {
  join: { summary: 'Join a router to a subnet', body: INTERFACE, reply: JOINED },
  part: { summary: 'Part a router from a subnet', body: INTERFACE, reply: JOINED },
  addRoutes: { ...ROUTES, summary: 'Add extra routes, leaving the others as they are' },
  removeRoutes: { ...ROUTES, summary: 'Remove extra routes, leaving the others as they are' },
} satisfies Record<string, Operation>

const PREFIXES = alsoInside('subnetpool', objectWith({ prefixes: schemaOf(listOf(cidr)) }))
const LEFT = objectWith({ prefixes: arrayOf(TEXT) })
const NETWORK = alsoInside('subnetpool', objectWith({ network_id: schemaOf(uuid) }))

export const POOL = {
  add: { summary: 'Add prefixes to a subnet pool', body: PREFIXES, reply: LEFT },
  remove: { summary: 'Take prefixes from a subnet pool', body: PREFIXES, reply: LEFT },
  onboard: { summary: 'Count the subnets of a network to a subnet pool', body: NETWORK, reply: LEFT },
} satisfies Record<string, Operation>

const addresses = takenBy(toAddresses, schemaOf(checkAddresses))
const MEMBERS = alsoInside('address_group', objectWith({ addresses }))
const GROUP = wrapped('address_group', refTo('address_group'))

export const ADDRESSES = {
  add: { summary: 'Add addresses to a group', body: MEMBERS, reply: GROUP },
  remove: { summary: 'Take addresses from a group', body: MEMBERS, reply: GROUP },
} satisfies Record<string, Operation>

const subports = (check: { readonly schema?: Schema }) =>
  objectWith({ sub_ports: takenBy(toSubports, schemaOf(check)) })

export const SUBPORTS = {
  add: { summary: 'Add ports to a trunk', body: subports(checkSubports), reply: refTo('trunk') },
  remove: { summary: 'Take ports from a trunk', body: subports(checkSubportIds), reply: refTo('trunk') },
  list: { summary: 'List the ports of a trunk', reply: objectWith({ sub_ports: arrayOf({ type: 'object' }) }) },
} satisfies Record<string, Operation>
