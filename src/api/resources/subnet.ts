import { Fault } from '../../core/faults.js'
import type { Rule } from '../policy/rules.js'
import { nameservers, pools, routes } from '../wire/address-checks.js'
import * as check from '../wire/checks.js'
import { chain, inside, nullToEmptyList, toBoolean, toIntOrNull, toIp } from '../wire/convert.js'
import { checking, orNullSchema } from '../wire/schema.js'
import { shown } from '../wire/text.js'
import * as common from './common.js'
import { type Attribute, type Check, type Resource, UNSET } from './definition.js'

const NETWORK_OWNER: Rule = ['network-owner']

const ipv6Mode: Attribute = {
  post: true,
  fallback: null,
  check: check.orNull(check.oneOf(['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac'])),
  filter: true,
  sort: true,
}

/** Neutron's name for "the prefix comes from an outside DHCPv6 server". */
const DELEGATION = 'prefix_delegation'

const subnetpool: Check = checking(orNullSchema(check.uuid.schema!), (value) =>
  value === DELEGATION ? 'IPv6 prefix delegation is not supported' : check.orNull(check.uuid)(value),
)

/**
 * How owners of ports begin that a subnet may be for. Neutron means the prefix `compute:` and takes each of its letters
 * (it adds the text to a list), so that `test:a` is an owner to it and to its clients, and `nova` is none.
 */
const OWNERS = ['network:', 'neutron:', 'baremetal:', ...'compute:']

/** Owners of the ports that a subnet is for. */
const serviceTypes: Check = checking(
  check.listOf(checking({ type: 'string', maxLength: 255, pattern: `^(${OWNERS.join('|')})` }, check.text(255)))
    .schema!,
  (value) => {
    for (const type of Array.isArray(value) ? value : [value]) {
      if (typeof type !== 'string') {
        throw new Fault('InvalidInputSubnetServiceType', 400, `Subnet service type ${shown(type)} is not a string.`)
      }
      if (!OWNERS.some((owner) => type.startsWith(owner))) {
        throw new Fault(
          'InvalidSubnetServiceType',
          400,
          `Subnet service type ${type} does not correspond to a valid device owner.`,
        )
      }
    }
    return check.listOf(check.text(255))(value)
  },
)

export const subnet: Resource = {
  name: 'subnet',
  plural: 'subnets',
  path: 'subnets',
  taggable: true,
  policy: { create: NETWORK_OWNER, get: common.READER, update: NETWORK_OWNER, delete: NETWORK_OWNER },
  extraFilters: ['shared'],
  attributes: {
    id: common.id,
    name: common.name,
    tenant_id: common.project,
    network_id: { post: true, check: check.uuid, filter: true, sort: true },
    ip_version: { post: true, convert: toIntOrNull, check: check.oneOf([4, 6]), filter: true, sort: true },
    subnetpool_id: { post: true, fallback: null, check: subnetpool, filter: true, sort: true },
    use_default_subnetpool: { post: true, fallback: false, convert: toBoolean, writeOnly: true },
    prefixlen: {
      post: true,
      fallback: UNSET,
      convert: toIntOrNull,
      check: check.orNull(check.range(0, 128)),
      writeOnly: true,
    },
    enable_dhcp: common.flag(true, { sort: true }),
    ipv6_ra_mode: ipv6Mode,
    ipv6_address_mode: ipv6Mode,
    gateway_ip: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: toIp,
      check: check.orNull(check.ip),
      filter: true,
      sort: true,
    },
    cidr: { post: true, fallback: UNSET, check: check.orNull(check.cidr), filter: true, sort: true },
    allocation_pools: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: inside({ start: toIp, end: toIp }),
      check: pools,
    },
    host_routes: {
      post: true,
      put: true,
      fallback: [],
      convert: chain(nullToEmptyList, inside({ nexthop: toIp })),
      check: routes,
    },
    dns_nameservers: { post: true, put: true, fallback: [], convert: nullToEmptyList, check: nameservers },
    description: common.description,
    service_types: { post: true, put: true, fallback: [], convert: nullToEmptyList, check: serviceTypes },
    segment_id: {
      post: true,
      put: true,
      fallback: null,
      check: check.orNull(check.uuid),
      filter: true,
      policy: { read: common.ADMIN, create: common.ADMIN, update: common.ADMIN },
    },
    ...common.standardTail,
  },
}
