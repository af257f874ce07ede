import type { Rule } from '../policy/rules.js'
import { addressPairs, dhcpOptions, fixedIps } from '../wire/address-checks.js'
import * as check from '../wire/checks.js'
import {
  chain,
  inside,
  nullToEmptyDict,
  nullToEmptyList,
  nullToEmptyText,
  toBoolean,
  toIntOrNull,
  toIp,
  toMac,
} from '../wire/convert.js'
import { dnsName } from '../wire/dns-checks.js'
import * as common from './common.js'
import { type Attribute, type Resource, UNSET } from './definition.js'

const NETWORK_OWNER: Rule = ['network-owner']
const NETWORK_OWNER_OR_SERVICE: Rule = ['service', 'network-owner']
const NETWORK_USER: Rule = ['service', 'network-owner', 'network-shared']
const PORT_OWNER: Rule = ['service', 'owner']

export const VNIC_TYPES = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
  'vdpa',
]

function words(max: number, extra: Partial<Attribute> = {}): Attribute {
  return {
    post: true,
    put: true,
    fallback: '',
    convert: nullToEmptyText,
    check: check.text(max),
    filter: true,
    sort: true,
    ...extra,
  }
}

export const port: Resource = {
  name: 'port',
  plural: 'ports',
  path: 'ports',
  taggable: true,
  policy: {
    create: NETWORK_USER,
    get: common.READER,
    update: PORT_OWNER,
    delete: ['service', 'owner', 'network-owner'],
  },
  attributes: {
    id: common.id,
    name: common.name,
    network_id: { post: true, check: check.uuid, filter: true, sort: true },
    tenant_id: common.project,
    mac_address: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: toMac,
      /** null on update: a new generated address (extension port-mac-address-regenerate) */
      check: check.orNull(check.mac),
      filter: true,
      sort: true,
      policy: { create: NETWORK_OWNER_OR_SERVICE, update: common.SERVICE },
    },
    admin_state_up: common.adminStateUp,
    status: common.status,
    device_id: words(255),
    device_owner: words(255, {
      policy: {
        create: ['not-network-device', 'service', 'network-owner'],
        update: ['not-network-device', 'service', 'network-owner'],
      },
    }),
    fixed_ips: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: chain(nullToEmptyList, inside({ ip_address: toIp })),
      check: fixedIps,
      filter: true,
      policy: {
        create: NETWORK_USER,
        update: NETWORK_USER,
        keys: { ip_address: NETWORK_OWNER_OR_SERVICE, subnet_id: NETWORK_USER },
      },
    },
    allowed_address_pairs: {
      post: true,
      put: true,
      fallback: [],
      convert: chain(nullToEmptyList, inside({ mac_address: toMac })),
      check: addressPairs,
      policy: { create: NETWORK_OWNER, update: NETWORK_OWNER },
    },
    extra_dhcp_opts: {
      post: true,
      put: true,
      fallback: [],
      convert: chain(nullToEmptyList, inside({ ip_version: toIntOrNull })),
      check: dhcpOptions,
    },
    security_groups: {
      post: true,
      put: true,
      fallback: UNSET,
      convert: nullToEmptyList,
      check: check.uuids,
      filter: true,
    },
    description: common.description,
    'binding:vnic_type': {
      post: true,
      put: true,
      fallback: 'normal',
      check: check.oneOf(VNIC_TYPES),
      filter: true,
      policy: { create: PORT_OWNER, update: PORT_OWNER },
    },
    'binding:profile': {
      post: true,
      put: true,
      fallback: {},
      convert: nullToEmptyDict,
      check: check.dict,
      policy: { read: common.SERVICE, create: common.SERVICE, update: common.SERVICE },
    },
    'binding:host_id': words(255, {
      sort: false,
      policy: { read: common.SERVICE, create: common.SERVICE, update: common.SERVICE },
    }),
    'binding:vif_type': { filter: true, policy: { read: common.SERVICE } },
    'binding:vif_details': { policy: { read: common.SERVICE } },
    port_security_enabled: common.flag(UNSET, {
      policy: { create: NETWORK_OWNER_OR_SERVICE, update: NETWORK_OWNER_OR_SERVICE },
    }),
    qos_policy_id: { post: true, put: true, fallback: null, check: check.orNull(check.uuid), filter: true, sort: true },
    qos_network_policy_id: common.shownOnly,
    dns_name: words(255, { sort: false, check: dnsName }),
    dns_assignment: common.shownOnly,
    dns_domain: words(255),
    propagate_uplink_status: { post: true, fallback: true, convert: toBoolean },
    /** these two are for the compute service alone, which places the instance by them */
    numa_affinity_policy: {
      post: true,
      put: true,
      fallback: null,
      check: check.orNull(check.oneOf(['required', 'preferred', 'legacy'])),
      filter: true,
      policy: { read: common.SERVICE, create: common.SERVICE, update: common.SERVICE },
    },
    device_profile: {
      post: true,
      fallback: null,
      check: check.orNull(check.text(255)),
      filter: true,
      policy: { create: common.SERVICE },
    },
    /** of a trunk's parent only */
    trunk_details: common.shownOnly,
    resource_request: { policy: { read: common.ADMIN } },
    ip_allocation: { filter: true },
    ...common.standardTail,
    tags: common.tagsOnCreate,
  },
}
