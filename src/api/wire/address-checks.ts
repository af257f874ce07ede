/** Checks of the lists of addresses, routes and options that subnets, ports and routers carry. */
import { ipVersion } from '../../model/ip.js'
import type { Check } from '../resources/definition.js'
import {
  cidr,
  firstReason,
  firstRepeated,
  ip,
  ipOrCidr,
  isDict,
  mac,
  oneOf,
  orNull,
  shape,
  text,
  uuid,
} from './checks.js'
import { ANY, arrayOf, checking, objectOf, type Schema } from './schema.js'
import { shown } from './text.js'

/** `check` for each item of a list; `what` names the list in the message for something else. */
function items(what: string, check: Check, repeated: (item: unknown) => string): Check {
  return checking({ type: 'array', items: check.schema ?? ANY, uniqueItems: true }, (value) => {
    if (!Array.isArray(value)) return `Invalid data format for ${what}: '${shown(value)}'`
    const reason = firstReason(value, check)
    if (reason !== null) return reason
    const twice = firstRepeated(value)
    return twice === undefined ? null : repeated(twice)
  })
}

/** An object of exactly these keys. */
const exactly = (checks: Readonly<Record<string, Check>>): Schema =>
  objectOf(
    Object.fromEntries(Object.entries(checks).map(([key, check]) => [key, check.schema ?? ANY])),
    Object.keys(checks),
  )

const hasKeys = (value: unknown, keys: readonly string[]) =>
  isDict(value) && Object.keys(value).length === keys.length && keys.every((key) => key in value)

/** `[{start, end}]` */
export const pools = items(
  'IP pool',
  checking(exactly({ start: ip, end: ip }), (pool) =>
    hasKeys(pool, ['start', 'end'])
      ? firstReason(Object.values(pool as object), ip)
      : `Invalid data format for IP pool: '${shown(pool)}'`,
  ),
  (pool) => `Duplicate items in the list: '${shown(pool)}'`,
)

/** `[{subnet_id, ip_address}]`, either or both. */
const fixedIp = shape({ subnet_id: uuid, ip_address: ip })
export const fixedIps: Check = checking(arrayOf(fixedIp.schema!), (value) => {
  if (!Array.isArray(value)) return `Invalid data format for fixed IP: '${shown(value)}'`
  const reason = firstReason(value, fixedIp)
  if (reason !== null) return reason
  const repeated = firstRepeated(value.map((item) => item.ip_address).filter((address) => address !== undefined))
  return repeated === undefined ? null : `Duplicate IP address '${shown(repeated)}'`
})

export const nameservers = items(
  'nameserver',
  checking(ip.schema!, (server) =>
    typeof server === 'string' && ipVersion(server) ? null : `'${shown(server)}' is not a valid nameserver`,
  ),
  (server) => `Duplicate nameserver '${shown(server)}'`,
)

/** `[{destination, nexthop}]` */
export const routes = items(
  'hostroute',
  checking(exactly({ destination: cidr, nexthop: ip }), (route) =>
    hasKeys(route, ['destination', 'nexthop'])
      ? (cidr((route as { destination: unknown }).destination) ?? ip((route as { nexthop: unknown }).nexthop))
      : `Invalid data format for hostroute: '${shown(route)}'`,
  ),
  (route) => `Duplicate hostroute '${shown(route)}'`,
)

const addressPair = shape({ ip_address: ipOrCidr, mac_address: mac }, ['ip_address'])
export const addressPairs = items(
  'allowed address pairs',
  checking(addressPair.schema!, (pair) =>
    !isDict(pair) || !('ip_address' in pair) ? 'AllowedAddressPair must contain ip_address' : addressPair(pair),
  ),
  (pair) => `Request contains duplicate address pair: ${shown(pair)}`,
)

const CLIENT_ID = ['client-id', '61']

/** Options become lines of dnsmasq's files: a control character in one would make it another one (CVE-2021-40085). */
function optionWord(max: number): Check {
  return checking({ type: 'string', minLength: 1, maxLength: max }, (value) => {
    if (value === '') return "'' Blank strings are not permitted"
    if (typeof value === 'string' && /[\x00-\x1f\x7f]/.test(value)) return `'${shown(value)}' has a control character`
    return text(max)(value)
  })
}

/** It stands between the client's MAC and its address. */
function checkClientId(option: unknown): string | null {
  const { opt_name: name, opt_value: value } = option as { opt_name: string; opt_value: string | null }
  if (!CLIENT_ID.includes(name) || value === null || /^[^\s,]+$/.test(value)) return null
  return `'${shown(value)}' is no client id: it has a blank or a comma`
}

const optionShape = shape({ opt_name: optionWord(64), opt_value: orNull(optionWord(255)), ip_version: oneOf([4, 6]) }, [
  'opt_name',
  'opt_value',
])

/** `opt_value` null deletes an option on update. */
export const dhcpOptions = items(
  'extra DHCP options',
  checking(optionShape.schema!, (option) => optionShape(option) ?? checkClientId(option)),
  (option) => `Duplicate items in the list: '${shown(option)}'`,
)
