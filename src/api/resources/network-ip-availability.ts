import * as common from './common.js'
import type { Attribute, Resource } from './definition.js'

const filter: Attribute = { filter: true }

/** Addresses of a network's pools, and how many are taken; computed, not stored. */
export const networkIpAvailability: Resource = {
  name: 'network_ip_availability',
  plural: 'network_ip_availabilities',
  path: 'network-ip-availabilities',
  policy: { get: common.ADMIN },
  extraFilters: ['ip_version'],
  attributes: {
    network_id: filter,
    network_name: filter,
    tenant_id: filter,
    project_id: filter,
    total_ips: common.shownOnly,
    used_ips: common.shownOnly,
    subnet_ip_availability: common.shownOnly,
  },
}
