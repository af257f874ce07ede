from cloud import EXTERNAL, PROJECT, Case, ids, name
from openstack import exceptions


class Networks(Case):
    def test_made_shown_changed_deleted(self):
        made = self.member.create_network(name=name(), description='first', mtu=1400, is_admin_state_up=False)
        self.shows(made, description='first', mtu=1400, is_admin_state_up=False, status='ACTIVE', project_id=PROJECT,
                   is_router_external=False, is_shared=False, subnet_ids=[], is_port_security_enabled=True)
        self.assertIsNone(made.provider_segmentation_id)
        self.assertIn(self.admin.get_network(made.id).provider_network_type, ['vlan', 'vxlan'])
        self.found(self.member.find_network, made)
        changed = self.member.update_network(made, name='renamed', is_admin_state_up=True, mtu=1350)
        self.shows(changed, name='renamed', is_admin_state_up=True, mtu=1350)
        self.assertGreater(changed.revision_number, 0)
        self.assertGreaterEqual(changed.updated_at, made.created_at)
        self.assertEqual(self.reader.get_network(made.id).name, 'renamed')
        self.member.delete_network(made, ignore_missing=False)
        self.gone(self.member.get_network, made.id)
        self.assertIsNone(self.member.delete_network(made.id))
        self.assertRaises(exceptions.ResourceNotFound, self.member.delete_network, made.id, ignore_missing=False)

    def test_provider_attributes_are_the_administrators(self):
        made = self.network(self.admin, provider_network_type='vxlan', provider_segmentation_id=777)
        self.shows(made, provider_network_type='vxlan', provider_segmentation_id=777)
        self.assertEqual([made.id], [n.id for n in self.admin.networks(provider_segmentation_id=777)])
        self.forbidden('create_network:provider:network_type',
                     self.member.create_network, provider_network_type='vxlan')
        self.refused(exceptions.ConflictException, 'Unable to create the network. The tunnel ID 777 is in use.',
                     self.admin.create_network, provider_network_type='vxlan', provider_segmentation_id=777)

    def test_external_networks_are_seen_by_everybody(self):
        shown = self.reader.find_network(EXTERNAL, ignore_missing=False)
        self.shows(shown, is_router_external=True, provider_physical_network=None)
        self.assertIn(shown.id, ids(self.member.networks(is_router_external=True)))
        self.assertNotIn(shown.id, ids(self.member.networks(is_router_external=False)))

    def test_a_reader_only_looks(self):
        made = self.network()
        self.assertEqual(self.reader.get_network(made.id).id, made.id)
        for call in (lambda: self.reader.create_network(name='no'),
                     lambda: self.reader.update_network(made.id, name='no'),
                     lambda: self.reader.delete_network(made.id, ignore_missing=False)):
            self.forbidden('disallowed by policy', call)

    def test_revisions_guard_changes(self):
        made = self.network()
        changed = self.member.update_network(made.id, if_revision=made.revision_number, description='one')
        self.assertGreater(changed.revision_number, made.revision_number)
        self.refused(exceptions.PreconditionFailedException, 'Constrained to', self.member.update_network, made.id,
                     if_revision=made.revision_number, description='two')
        self.refused(exceptions.PreconditionFailedException, 'Constrained to', self.member.delete_network, made.id,
                     if_revision=made.revision_number)

    def test_addresses_available(self):
        made = self.network()
        self.subnet(made, '10.20.0.0/29')
        self.port(made)
        shown = self.admin.get_network_ip_availability(made.id)
        self.shows(shown, network_name=made.name, total_ips=5, used_ips=2, project_id=PROJECT)
        self.assertEqual(shown.subnet_ip_availability[0]['cidr'], '10.20.0.0/29')
        self.assertEqual(self.admin.find_network_ip_availability(made.id).used_ips, 2)
        listed = list(self.admin.network_ip_availabilities(network_name=made.name, ip_version=4))
        self.assertEqual([each.network_id for each in listed], [made.id])

    def test_auto_allocated_topology(self):
        self.refused(exceptions.ConflictException, 'Deployment error', self.member.get_auto_allocated_topology)
        pool = self.keep(self.admin.delete_subnet_pool, self.admin.create_subnet_pool(
            name=name(), prefixes=['10.99.0.0/16'], default_prefix_length=24, is_default=True, is_shared=True))
        external = self.admin.find_network(EXTERNAL)
        self.admin.update_network(external, is_default=True)
        self.addCleanup(self.admin.update_network, external, is_default=False)
        self.assertEqual(self.member.validate_auto_allocated_topology(PROJECT).id, 'dry-run=pass')
        made = self.member.get_auto_allocated_topology()
        network = self.member.get_network(made.id)
        self.assertEqual(network.project_id, PROJECT)
        subnet = self.member.get_subnet(network.subnet_ids[0])
        self.assertEqual(subnet.subnet_pool_id, pool.id)
        self.assertEqual(self.member.get_auto_allocated_topology().id, made.id)
        self.member.delete_auto_allocated_topology(PROJECT)
        self.gone(self.member.get_network, made.id)


class Subnets(Case):
    def test_made_shown_changed_deleted(self):
        network = self.network()
        made = self.subnet(
            network, '10.30.0.0/24', name=name(), gateway_ip='10.30.0.9', dns_nameservers=['8.8.8.8'],
            host_routes=[{'destination': '10.99.0.0/16', 'nexthop': '10.30.0.7'}],
            allocation_pools=[{'start': '10.30.0.20', 'end': '10.30.0.30'}], service_types=['compute:nova'])
        self.shows(made, cidr='10.30.0.0/24', gateway_ip='10.30.0.9', dns_nameservers=['8.8.8.8'], is_dhcp_enabled=True,
                   allocation_pools=[{'start': '10.30.0.20', 'end': '10.30.0.30'}], service_types=['compute:nova'],
                   host_routes=[{'destination': '10.99.0.0/16', 'nexthop': '10.30.0.7'}], ip_version=4)
        self.found(self.member.find_subnet, made)
        self.assertEqual(self.member.get_network(network.id).subnet_ids, [made.id])
        self.assertEqual(ids(self.reader.subnets(network_id=network.id, is_dhcp_enabled=True)), {made.id})
        changed = self.member.update_subnet(made, gateway_ip=None, dns_nameservers=[], is_dhcp_enabled=False)
        self.shows(changed, gateway_ip=None, dns_nameservers=[], is_dhcp_enabled=False)
        self.member.delete_subnet(made, ignore_missing=False)
        self.gone(self.member.get_subnet, made.id)

    def test_ipv6(self):
        network = self.network()
        made = self.member.create_subnet(network_id=network.id, ip_version=6, cidr='2001:db8:77::/64',
                                         ipv6_ra_mode='slaac', ipv6_address_mode='slaac')
        self.shows(made, ipv6_ra_mode='slaac', ipv6_address_mode='slaac', gateway_ip='2001:db8:77::1', ip_version=6)

    def test_refusals(self):
        network = self.network()
        made = self.subnet(network, '10.40.0.0/24')
        self.refused(exceptions.BadRequestException, 'overlaps with another subnet', self.subnet, network, '10.40.0.0/16')
        self.refused(exceptions.BadRequestException, 'is not a valid IP subnet', self.subnet, network, 'nothing')
        self.port(network)
        self.refused(exceptions.ConflictException, f'Unable to complete operation on subnet {made.id}',
                     self.member.delete_subnet, made)

    def test_from_a_pool(self):
        scope = self.keep(self.member.delete_address_scope,
                          self.member.create_address_scope(name=name(), ip_version=4))
        self.found(self.member.find_address_scope, scope)
        self.assertIn(scope.id, ids(self.reader.address_scopes(ip_version=4)))
        self.assertEqual(self.member.update_address_scope(scope, name='wider').name, 'wider')
        pool = self.keep(self.member.delete_subnet_pool, self.member.create_subnet_pool(
            name=name(), prefixes=['10.50.0.0/16'], default_prefix_length=24, minimum_prefix_length=20,
            address_scope_id=scope.id, default_quota=600))
        self.shows(pool, ip_version=4, default_prefix_length=24, minimum_prefix_length=20, is_shared=False,
                   default_quota=600, address_scope_id=scope.id, prefixes=['10.50.0.0/16'])
        self.found(self.member.find_subnet_pool, pool)
        self.assertEqual(ids(self.member.subnet_pools(address_scope_id=scope.id)), {pool.id})
        network = self.network()
        first = self.member.create_subnet(network_id=network.id, ip_version=4, subnet_pool_id=pool.id)
        second = self.member.create_subnet(network_id=network.id, ip_version=4, subnet_pool_id=pool.id, prefix_length=26)
        self.assertEqual([first.cidr, second.cidr], ['10.50.0.0/24', '10.50.1.0/26'])
        self.assertEqual(self.member.get_network(network.id).ipv4_address_scope_id, scope.id)
        self.refused(exceptions.ConflictException, 'quota', self.member.create_subnet, network_id=network.id,
                     ip_version=4, subnet_pool_id=pool.id, prefix_length=23)
        grown = self.member.update_subnet_pool(pool, prefixes=['10.50.0.0/16', '10.60.0.0/16'])
        self.assertEqual(sorted(grown.prefixes), ['10.50.0.0/16', '10.60.0.0/16'])
        self.refused(exceptions.BadRequestException, 'Subnet pool has existing allocations',
                     self.member.delete_subnet_pool, pool)


class Segments(Case):
    def test_of_a_network(self):
        network = self.network(self.admin, provider_network_type='vxlan', provider_segmentation_id=776)
        (first,) = self.admin.segments(network_id=network.id)
        self.shows(first, network_type='vxlan', segmentation_id=776, physical_network=None)
        made = self.admin.create_segment(network_id=network.id, network_type='vxlan', segmentation_id=775,
                                         name=name(), description='second')
        self.shows(made, network_type='vxlan', segmentation_id=775, description='second')
        self.found(self.admin.find_segment, made)
        self.assertEqual(self.admin.update_segment(made, name='renamed').name, 'renamed')
        self.assertEqual(ids(self.admin.segments(network_id=network.id)), {first.id, made.id})
        self.admin.delete_segment(made, ignore_missing=False)
        self.gone(self.admin.get_segment, made.id)
        self.forbidden('create_segment', self.member.create_segment, network_id=network.id, network_type='vxlan')

    def test_of_a_routed_network(self):
        network = self.network(self.admin)
        (segment,) = self.admin.segments(network_id=network.id)
        subnet = self.admin.create_subnet(network_id=network.id, ip_version=4, cidr='10.31.0.0/24')
        self.assertIsNone(subnet.segment_id)
        self.assertEqual(self.admin.update_subnet(subnet, segment_id=segment.id).segment_id, segment.id)
        self.refused(exceptions.BadRequestException, 'must either all be associated with segments',
                     self.admin.create_subnet, network_id=network.id, ip_version=4, cidr='10.32.0.0/24')
        self.refused(exceptions.ConflictException, 'still associated with subnet', self.admin.delete_segment, segment)
        port = self.admin.create_port(network_id=network.id)
        self.assertEqual((port.fixed_ips, port.ip_allocation), ([], 'deferred'))
        self.admin.delete_port(port)

    def test_ranges_of_ids(self):
        made = self.keep(self.admin.delete_network_segment_range, self.admin.create_network_segment_range(
            name=name(), network_type='vxlan', minimum=900000, maximum=900001, shared=True))
        self.shows(made, network_type='vxlan', minimum=900000, maximum=900001, available=[900000, 900001], used={})
        self.found(self.admin.find_network_segment_range, made)
        self.assertIn(made.id, ids(self.admin.network_segment_ranges(network_type='vxlan')))
        self.assertEqual(self.admin.update_network_segment_range(made, maximum=900002).maximum, 900002)


class Sharing(Case):
    def test_with_one_project(self):
        made = self.network(self.admin)
        self.gone(self.member.get_network, made.id)
        rule = self.keep(self.admin.delete_rbac_policy, self.admin.create_rbac_policy(
            object_type='network', object_id=made.id, action='access_as_shared', target_project_id=PROJECT))
        self.shows(rule, object_type='network', object_id=made.id, action='access_as_shared', target_project_id=PROJECT)
        self.assertTrue(self.member.get_network(made.id).is_shared)
        self.assertEqual(self.admin.get_rbac_policy(rule.id).object_id, made.id)
        self.assertEqual(self.admin.find_rbac_policy(rule.id).id, rule.id)
        self.assertEqual(ids(self.admin.rbac_policies(object_id=made.id)), {rule.id})
        changed = self.admin.update_rbac_policy(rule, target_project_id='*')
        self.assertEqual(changed.target_project_id, '*')
        self.assertTrue(self.admin.get_network(made.id).is_shared)

    def test_not_with_everybody(self):
        made = self.network()
        self.forbidden('create_rbac_policy:target_tenant', self.member.create_rbac_policy,
                     object_type='network', object_id=made.id, action='access_as_shared', target_project_id='*')
