import type { CoreServices } from '../../core/service.js'

/** As `GET /v2.0/extensions` shows it. */
export interface Extension {
  readonly alias: string
  readonly description: string
  readonly links: readonly []
  readonly name: string
  readonly updated: string
}

/**
 * What works, by alias: clients switch features on by these, so a row stands here only when all of the extension is
 * there. Columns: alias, the collection it needs, updated, name, description. To add one, add a row.
 */
const TABLE: readonly (readonly [alias: string, needs: string, updated: string, name: string, description: string])[] =
  [
    [
      'address-scope',
      'address_scopes',
      '2015-07-26T10:00:00-00:00',
      'Address scope',
      'Subnet pools whose addresses do not repeat.',
    ],
    ['agent', 'agents', '2013-02-03T10:00:00-00:00', 'agent', 'Agents of the hosts and their state.'],
    [
      'allowed-address-pairs',
      'ports',
      '2013-07-23T10:00:00-00:00',
      'Allowed Address Pairs',
      'Further addresses a port may use.',
    ],
    [
      'auto-allocated-topology',
      'auto_allocated_topologies',
      '2016-01-01T00:00:00-00:00',
      'Auto Allocated Topology Services',
      'A network with a way outside, made when it is asked for.',
    ],
    [
      'availability_zone',
      'availability_zones',
      '2015-01-01T10:00:00-00:00',
      'Availability Zone',
      'Zones that agents belong to.',
    ],
    [
      'availability_zone_filter',
      'availability_zones',
      '2018-06-22T10:00:00-00:00',
      'Availability Zone Filter Extension',
      'Filters on availability zones.',
    ],
    ['binding', 'ports', '2014-02-03T10:00:00-00:00', 'Port Binding', 'The host a port is bound to, and how.'],
    [
      'default-subnetpools',
      'subnetpools',
      '2016-02-18T18:00:00-00:00',
      'Default Subnetpools',
      'A pool from which subnets come by default.',
    ],
    [
      'dhcp_agent_scheduler',
      'agents',
      '2013-02-07T10:00:00-00:00',
      'DHCP Agent Scheduler',
      'Which DHCP agents serve a network.',
    ],
    [
      'dns-integration',
      'ports',
      '2015-08-15T18:00:00-00:00',
      'DNS Integration',
      'Names of ports and domains of networks.',
    ],
    ['dvr', 'routers', '2014-06-1T10:00:00-00:00', 'Distributed Virtual Router', 'Distributed routers.'],
    [
      'empty-string-filtering',
      'networks',
      '2018-05-01T10:00:00-00:00',
      'Empty String Filtering Extension',
      'An empty filter value matches empty attributes.',
    ],
    [
      'ext-gw-mode',
      'routers',
      '2013-03-28T10:00:00-00:00',
      'Neutron L3 Configurable external gateway mode',
      'Source NAT on the external gateway can be switched off.',
    ],
    [
      'external-net',
      'networks',
      '2013-01-14T10:00:00-00:00',
      'Neutron external network',
      'Networks that lead outside.',
    ],
    ['extra_dhcp_opt', 'ports', '2013-03-17T12:00:00-00:00', 'Neutron Extra DHCP options', 'DHCP options of a port.'],
    ['extraroute', 'routers', '2013-02-01T10:00:00-00:00', 'Neutron Extra Route', 'Static routes of a router.'],
    [
      'extraroute-atomic',
      'routers',
      '2019-07-10T00:00:00+00:00',
      'Atomically add/remove extra routes',
      'Adds and removes single routes of a router.',
    ],
    [
      'filter-validation',
      'networks',
      '2018-07-04T10:00:00-00:00',
      'Filter parameters validation',
      'Unknown filters are refused.',
    ],
    [
      'fip-port-details',
      'floatingips',
      '2018-04-09T10:00:00-00:00',
      'Floating IP Port Details Extension',
      'The port of a floating IP, in short.',
    ],
    [
      'ip-substring-filtering',
      'ports',
      '2017-11-28T09:00:00-00:00',
      'IP address substring filtering',
      'Ports by a part of an address.',
    ],
    ['ip_allocation', 'ports', '2016-06-10T23:00:00-00:00', 'IP Allocation', 'When a port gets its addresses.'],
    [
      'l3_agent_scheduler',
      'agents',
      '2013-02-07T10:00:00-00:00',
      'L3 Agent Scheduler',
      'Which L3 agents serve a router.',
    ],
    [
      'multi-provider',
      'networks',
      '2013-06-27T10:00:00-00:00',
      'Multi Provider Network',
      'Networks of several segments.',
    ],
    ['net-mtu', 'networks', '2015-03-25T10:00:00-00:00', 'Network MTU', 'The MTU of a network.'],
    [
      'net-mtu-writable',
      'networks',
      '2017-07-12T00:00:00-00:00',
      'Network MTU (writable)',
      'The MTU of a network can be set.',
    ],
    [
      'network-ip-availability',
      'network_ip_availabilities',
      '2015-09-24T00:00:00-00:00',
      'Network IP Availability',
      'Addresses of networks and how many are taken.',
    ],
    [
      'network_availability_zone',
      'networks',
      '2015-01-01T10:00:00-00:00',
      'Network Availability Zone',
      'Zones of a network.',
    ],
    ['pagination', 'networks', '2016-06-12T00:00:00-00:00', 'Pagination support', 'Lists in pages.'],
    [
      'port-mac-address-regenerate',
      'ports',
      '2018-05-03T10:00:00-00:00',
      'Neutron Port MAC address regenerate',
      'A MAC address of null asks for a new one.',
    ],
    [
      'port-security',
      'ports',
      '2012-07-23T10:00:00-00:00',
      'Port Security',
      'Address filters of a port can be switched off.',
    ],
    [
      'port-security-groups-filtering',
      'ports',
      '2018-01-09T09:00:00-00:00',
      'Port filtering on security groups',
      'Ports by security group.',
    ],
    ['project-id', 'networks', '2016-09-09T09:09:09-09:09', 'project_id field enabled', 'project_id beside tenant_id.'],
    ['provider', 'networks', '2012-09-07T10:00:00-00:00', 'Provider Network', 'How a network is realised.'],
    [
      'quota_details',
      'quotas',
      '2017-02-10T10:00:00-00:00',
      'Quota details management support',
      'Limits of a project with what is used of them.',
    ],
    ['quotas', 'quotas', '2012-07-29T10:00:00-00:00', 'Quota management support', 'Limits of a project.'],
    [
      'rbac-address-scope',
      'rbac_policies',
      '2020-02-12T00:00:00-00:00',
      'Add address_scope type to RBAC',
      'Address scopes can be shared with single projects.',
    ],
    [
      'rbac-policies',
      'rbac_policies',
      '2015-06-17T12:15:12-00:00',
      'RBAC Policies',
      'Objects can be shared with single projects.',
    ],
    [
      'rbac-security-groups',
      'rbac_policies',
      '2019-02-14T00:00:00-00:00',
      'Add security_group type to network RBAC',
      'Security groups can be shared with single projects.',
    ],
    [
      'rbac-subnetpool',
      'rbac_policies',
      '2020-02-05T00:00:00-00:00',
      'Add subnetpool type to RBAC',
      'Subnet pools can be shared with single projects.',
    ],
    [
      'revision-if-match',
      'networks',
      '2016-12-11T00:00:00-00:00',
      'If-Match constraints based on revision_number',
      'If-Match with a revision number.',
    ],
    [
      'router',
      'routers',
      '2012-07-20T10:00:00-00:00',
      'Neutron L3 Router',
      'Routers between networks, gateways and floating IPs.',
    ],
    [
      'router-admin-state-down-before-update',
      'routers',
      '2019-07-02T15:56:00',
      "Enforce Router's Admin State Down Before Update Extension",
      'A router must be down before it becomes distributed or central.',
    ],
    [
      'router_availability_zone',
      'routers',
      '2015-01-01T10:00:00-00:00',
      'Router Availability Zone',
      'Zones of a router.',
    ],
    ['security-group', 'security_groups', '2012-10-05T10:00:00-00:00', 'security-group', 'Filters of ports.'],
    [
      'security-groups-normalized-cidr',
      'security_group_rules',
      '2020-07-28T10:00:00-00:00',
      'Normalized CIDR field for security group rules',
      'The canonical form of remote_ip_prefix.',
    ],
    [
      'security-groups-shared-filtering',
      'security_groups',
      '2021-10-05T09:00:00-00:00',
      'Security group filtering on the shared field',
      'Security groups by whether they are shared.',
    ],
    [
      'service-type',
      'routers',
      '2013-01-20T00:00:00-00:00',
      'Neutron Service Type Management',
      'How services can be realised.',
    ],
    ['sorting', 'networks', '2016-06-12T00:00:00-00:00', 'Sorting support', 'Sorted lists.'],
    [
      'standard-attr-description',
      'networks',
      '2016-02-10T10:00:00-00:00',
      'standard-attr-description',
      'A description of every object.',
    ],
    [
      'standard-attr-revisions',
      'networks',
      '2016-04-11T10:00:00-00:00',
      'Resource revision numbers',
      'A revision number of every object.',
    ],
    [
      'standard-attr-tag',
      'networks',
      '2017-01-01T00:00:00-00:00',
      'Tag support for resources with standard attribute: port, subnet, network, security_group, router, floatingip',
      'Tags of objects.',
    ],
    [
      'standard-attr-timestamp',
      'networks',
      '2016-09-12T10:00:00-00:00',
      'Resource timestamps',
      'Times of creation and last change of every object.',
    ],
    [
      'stateful-security-group',
      'security_groups',
      '2019-11-26T09:00:00-00:00',
      'Stateful security group',
      'Groups that do not track connections.',
    ],
    [
      'subnet_allocation',
      'subnetpools',
      '2015-03-30T10:00:00-00:00',
      'Subnet Allocation',
      'Subnets take their prefix from a pool.',
    ],
    [
      'tag-ports-during-bulk-creation',
      'ports',
      '2019-12-29T19:00:00-00:00',
      'Tag Ports During Bulk Creation',
      'Tags can be given when ports are created.',
    ],
  ]

/** Extensions whose collection `core` has. */
export function workingExtensions(services: CoreServices): Extension[] {
  const present = new Set([...Object.keys(services.collections), 'quotas'])
  if (services.autoAllocation) present.add('auto_allocated_topologies')
  return TABLE.filter(([, needs]) => present.has(needs)).map(([alias, , updated, name, description]) => ({
    alias,
    description,
    links: [],
    name,
    updated,
  }))
}
