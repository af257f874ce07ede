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
import { shown } from './text.js'

/** `check` for each item of a list; `what` names the list in the message for something else. */
function items(what: string, check: Check, repeated: (item: unknown) => string): Check {
  return (value) => {
    if (!Array.isArray(value)) return `Invalid data format for ${what}: '${shown(value)}'`
    const reason = firstReason(value, check)
    if (reason !== null) return reason
    const twice = firstRepeated(value)
    return twice === undefined ? null : repeated(twice)
  }
}

const hasKeys = (value: unknown, keys: readonly string[]) =>
  isDict(value) && Object.keys(value).length === keys.length && keys.every((key) => key in value)

/** `[{start, end}]` */
export const pools = items(
  'IP pool',
  (pool) =>
    hasKeys(pool, ['start', 'end'])
      ? firstReason(Object.values(pool as object), ip)
      : `Invalid data format for IP pool: '${shown(pool)}'`,
  (pool) => `Duplicate items in the list: '${shown(pool)}'`,
)

/** `[{subnet_id, ip_address}]`, either or both. */
export const fixedIps: Check = (value) => {
  if (!Array.isArray(value)) return `Invalid data format for fixed IP: '${shown(value)}'`
  const reason = firstReason(value, shape({ subnet_id: uuid, ip_address: ip }))
  if (reason !== null) return reason
  const repeated = firstRepeated(value.map((item) => item.ip_address).filter((address) => address !== undefined))
  return repeated === undefined ? null : `Duplicate IP address '${shown(repeated)}'`
}

export const nameservers = items(
  'nameserver',
  (server) => (typeof server === 'string' && ipVersion(server) ? null : `'${shown(server)}' is not a valid nameserver`),
  (server) => `Duplicate nameserver '${shown(server)}'`,
)

/** `[{destination, nexthop}]` */
export const routes = items(
  'hostroute',
  (route) =>
    hasKeys(route, ['destination', 'nexthop'])
      ? (cidr((route as { destination: unknown }).destination) ?? ip((route as { nexthop: unknown }).nexthop))
      : `Invalid data format for hostroute: '${shown(route)}'`,
  (route) => `Duplicate hostroute '${shown(route)}'`,
)

export const addressPairs = items(
  'allowed address pairs',
  (pair) => {
    if (!isDict(pair) || !('ip_address' in pair)) return 'AllowedAddressPair must contain ip_address'
    return shape({ ip_address: ipOrCidr, mac_address: mac })(pair)
  },
  (pair) => `Request contains duplicate address pair: ${shown(pair)}`,
)

/** `opt_value` null deletes an option on update. */
export const dhcpOptions = items(
  'extra DHCP options',
  shape(
    {
      opt_name: (value) => (value === '' ? "'' Blank strings are not permitted" : text(64)(value)),
      opt_value: orNull((value) => (value === '' ? "'' Blank strings are not permitted" : text(255)(value))),
      ip_version: oneOf([4, 6]),
    },
    ['opt_name', 'opt_value'],
  ),
  (option) => `Duplicate items in the list: '${shown(option)}'`,
)
