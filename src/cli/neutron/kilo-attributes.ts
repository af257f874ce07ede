/**
 * The attributes a Kilo server returned, per resource: what tables show unless more is asked for. Everything else a
 * current server returns appears with `-c`, `--all-attributes` and in `-f json|yaml|shell`.
 */
export const KILO_ATTRIBUTES: Readonly<Record<string, ReadonlySet<string>>> = {
  network: words(
    'admin_state_up id name provider:network_type provider:physical_network provider:segmentation_id router:external',
    'shared status subnets tenant_id',
  ),
  subnet: words(
    'allocation_pools cidr dns_nameservers enable_dhcp gateway_ip host_routes id ip_version ipv6_address_mode',
    'ipv6_ra_mode name network_id tenant_id',
  ),
  port: words(
    'admin_state_up allowed_address_pairs binding:host_id binding:profile binding:vif_details binding:vif_type',
    'binding:vnic_type device_id device_owner extra_dhcp_opts fixed_ips id mac_address name network_id',
    'security_groups status tenant_id',
  ),
  router: words('admin_state_up distributed external_gateway_info ha id name routes status tenant_id'),
  floatingip: words('fixed_ip_address floating_ip_address floating_network_id id port_id router_id status tenant_id'),
  security_group: words('description id name security_group_rules tenant_id'),
  security_group_rule: words(
    'direction ethertype id port_range_max port_range_min protocol remote_group_id remote_ip_prefix security_group_id',
    'tenant_id',
  ),
  agent: words(
    'admin_state_up agent_type alive binary configurations created_at description heartbeat_timestamp host id',
    'started_at topic',
  ),
  subnetpool: words(
    'default_prefixlen default_quota id ip_version max_prefixlen min_prefixlen name prefixes shared tenant_id',
  ),
  extension: words('alias description links name namespace updated'),
}

/** Records inside other records, by attribute. */
export const NESTED: Readonly<Record<string, ReadonlySet<string>>> = {
  security_group_rules: KILO_ATTRIBUTES.security_group_rule!,
  external_gateway_info: words('network_id external_fixed_ips enable_snat'),
}

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '))
}
