from cloud import ADMIN, EXTERNAL, Case, ids, name
from openstack import exceptions


class NdpProxies(Case):
    def setUp(self):
        scope = self.keep(self.admin.delete_address_scope,
                          self.admin.create_address_scope(name=name(), ip_version=6, is_shared=True))
        pool = self.keep(self.admin.delete_subnet_pool, self.admin.create_subnet_pool(
            name=name(), prefixes=['2001:db8:100::/40'], default_prefix_length=64, address_scope_id=scope.id,
            is_shared=True))
        self.external = self.member.find_network(EXTERNAL)
        self.keep(self.admin.delete_subnet, self.admin.create_subnet(
            network_id=self.external.id, ip_version=6, subnet_pool_id=pool.id, is_dhcp_enabled=False))
        self.net = self.network()
        sub = self.keep(self.member.delete_subnet, self.member.create_subnet(
            network_id=self.net.id, ip_version=6, subnet_pool_id=pool.id, ipv6_ra_mode='slaac',
            ipv6_address_mode='slaac'))
        self.joined = self.router(external_gateway_info={'network_id': self.external.id})
        self.member.add_interface_to_router(self.joined, subnet_id=sub.id)
        self.addCleanup(self.member.remove_interface_from_router, self.joined, subnet_id=sub.id)

    def test_made_shown_changed_deleted(self):
        port = self.port(self.net)
        wish = dict(router_id=self.joined.id, port_id=port.id, name=name())
        self.refused(exceptions.ConflictException, 'enable_ndp_proxy parameter', self.member.create_ndp_proxy, **wish)
        self.assertIs(self.member.update_router(self.joined, enable_ndp_proxy=True).enable_ndp_proxy, True)
        made = self.keep(self.member.delete_ndp_proxy, self.member.create_ndp_proxy(**wish))
        self.shows(made, router_id=self.joined.id, port_id=port.id, ip_address=port.fixed_ips[0]['ip_address'],
                   description='', revision_number=1)
        self.assertEqual(self.member.find_ndp_proxy(made.name).id, made.id)
        self.assertEqual(self.reader.get_ndp_proxy(made.id).ip_address, made.ip_address)
        self.assertEqual(ids(self.reader.ndp_proxies(router_id=self.joined.id)), {made.id})
        self.shows(self.member.update_ndp_proxy(made.id, description='web'), description='web')
        self.refused(exceptions.ConflictException, 'duplicate', self.member.create_ndp_proxy, **wish)
        self.refused(exceptions.ConflictException, 'ndp proxies still in use', self.member.update_router, self.joined,
                     external_gateway_info={})
        self.forbidden('', self.reader.delete_ndp_proxy, made.id)


class LocalIps(Case):
    def setUp(self):
        self.net = self.network()
        self.sub = self.subnet(self.net)

    def test_made_shown_changed_deleted(self):
        made = self.keep(self.member.delete_local_ip, self.member.create_local_ip(
            network_id=self.net.id, local_ip_address='10.10.0.99', name=name()))
        self.shows(made, network_id=self.net.id, local_ip_address='10.10.0.99', ip_mode='translate')
        self.assertEqual(ADMIN.network.get_port(made.local_port_id).device_owner, 'network:local_ip')
        self.assertEqual(self.member.find_local_ip(made.name).id, made.id)
        self.assertEqual(ids(self.reader.local_ips(local_ip_address='10.10.0.99')), {made.id})
        self.shows(self.member.update_local_ip(made.id, description='cache'), description='cache')
        self.refused(exceptions.BadRequestException, 'Either Port ID or Network ID', self.member.create_local_ip)
        self.forbidden('', self.reader.delete_local_ip, made.id)

    def test_associations(self):
        local = self.keep(self.member.delete_local_ip, self.member.create_local_ip(network_id=self.net.id))
        port = self.port(self.net)
        made = self.member.create_local_ip_association(local, fixed_port_id=port.id)
        self.shows(made, fixed_port_id=port.id, fixed_ip=port.fixed_ips[0]['ip_address'], host='',
                   local_ip_address=local.local_ip_address)
        self.assertEqual(self.reader.get_local_ip_association(port.id, local).fixed_ip, made.fixed_ip)
        listed = self.reader.local_ip_associations(local, fixed_port_id=port.id)
        self.assertEqual([one.fixed_port_id for one in listed], [port.id])
        self.refused(exceptions.ConflictException, 'still associated', self.member.delete_local_ip, local,
                     ignore_missing=False)
        self.member.delete_local_ip_association(local, port.id, ignore_missing=False)
        self.assertEqual(list(self.member.local_ip_associations(local)), [])
