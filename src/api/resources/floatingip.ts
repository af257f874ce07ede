import * as check from '../wire/checks.js'
import { nullToEmptyText, toIp, toIpOrUnset } from '../wire/convert.js'
import { dnsDomain, relativeDnsName } from '../wire/dns-checks.js'
import { checking } from '../wire/schema.js'
import * as common from './common.js'
import { type Attribute, type Check, type Resource, UNSET } from './definition.js'

const dnsWord = (check: Check): Attribute => ({
  post: true,
  fallback: '',
  convert: nullToEmptyText,
  check,
  filter: true,
})

export const floatingip: Resource = {
  name: 'floatingip',
  plural: 'floatingips',
  path: 'floatingips',
  taggable: true,
  policy: { create: common.OWNER, get: common.READER, update: common.OWNER, delete: common.OWNER },
  attributes: {
    id: common.id,
    tenant_id: common.project,
    floating_ip_address: {
      post: true,
      fallback: UNSET,
      convert: toIpOrUnset,
      check: checking(check.ip.schema!, (value) => (value === UNSET ? null : check.ip(value))),
      filter: true,
      sort: true,
      policy: { create: ['manager'] },
    },
    subnet_id: { post: true, fallback: null, check: check.orNull(check.uuid), writeOnly: true },
    floating_network_id: { post: true, check: check.uuid, filter: true, sort: true },
    router_id: { filter: true, sort: true },
    port_id: { post: true, put: true, fallback: null, check: check.orNull(check.uuid), filter: true, sort: true },
    fixed_ip_address: {
      post: true,
      put: true,
      fallback: null,
      convert: toIp,
      check: check.orNull(check.ip),
      filter: true,
      sort: true,
    },
    status: common.status,
    description: common.description,
    qos_policy_id: {
      post: true,
      put: true,
      fallback: null,
      check: check.orNull(check.uuid),
      filter: true,
      sort: true,
    },
    qos_network_policy_id: common.shownOnly,
    port_details: common.shownOnly,
    dns_domain: dnsWord(dnsDomain),
    dns_name: dnsWord(relativeDnsName),
    port_forwardings: common.shownOnly,
    ...common.standardTail,
  },
}
