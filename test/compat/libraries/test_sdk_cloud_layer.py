from cloud import EXTERNAL, MEMBER, ADMIN, Case, name
from openstack import exceptions


class CloudLayer(Case):
    """`conn.create_network` and its like, and a server with a floating IP as scripts boot one."""

    def test_networks_subnets_ports(self):
        network = MEMBER.create_network(name(), mtu_size=1400)
        self.addCleanup(MEMBER.delete_network, network.id)
        self.assertEqual(network.mtu, 1400)
        subnet = MEMBER.create_subnet(network.id, cidr='10.90.0.0/24', subnet_name=name(), enable_dhcp=False)
        self.assertEqual(MEMBER.get_subnet(subnet.name).id, subnet.id)
        self.assertEqual(MEMBER.update_subnet(subnet.id, disable_gateway_ip=True).gateway_ip, None)
        port = MEMBER.create_port(network.id, name=name(), fixed_ips=[{'ip_address': '10.90.0.9'}])
        self.assertEqual([p.id for p in MEMBER.search_ports(filters={'network_id': network.id})], [port.id])
        self.assertEqual(MEMBER.update_port(port.id, name='renamed').name, 'renamed')
        self.assertTrue(MEMBER.delete_port(port.id))
        self.assertTrue(MEMBER.delete_subnet(subnet.id))
        self.assertFalse(MEMBER.delete_subnet(subnet.id))
        self.assertEqual(MEMBER.update_network(network.id, name='again').name, 'again')

    def test_routers_and_quotas(self):
        network = self.network()
        subnet = self.subnet(network)
        external = MEMBER.get_network(EXTERNAL)
        router = MEMBER.create_router(name=name(), ext_gateway_net_id=external.id)
        MEMBER.add_router_interface(router, subnet_id=subnet.id)
        self.assertEqual(len(MEMBER.list_router_interfaces(router, 'internal')), 1)
        MEMBER.remove_router_interface(router, subnet_id=subnet.id)
        self.assertEqual(MEMBER.update_router(router.id, name='renamed').name, 'renamed')
        self.assertTrue(MEMBER.delete_router(router.id))
        self.assertEqual(ADMIN.get_network_quotas('demo').networks, 100)
        ADMIN.set_network_quotas('demo', networks=50)
        self.assertEqual(ADMIN.get_network_quotas('demo').networks, 50)
        ADMIN.delete_network_quotas('demo')

    def test_security_groups(self):
        group = MEMBER.create_security_group(name(), 'guarded')
        rule = MEMBER.create_security_group_rule(group.id, 22, 22, 'tcp', '10.0.0.0/8')
        self.assertEqual((rule.port_range_min, rule.remote_ip_prefix), (22, '10.0.0.0/8'))
        self.assertTrue(MEMBER.delete_security_group_rule(rule.id))
        self.assertEqual(MEMBER.update_security_group(group.id, description='new').description, 'new')
        self.assertTrue(MEMBER.delete_security_group(group.id))

    def test_qos(self):
        policy = ADMIN.create_qos_policy(name=name(), shared=True)
        rule = ADMIN.create_qos_bandwidth_limit_rule(policy.id, 500, max_burst_kbps=50, direction='ingress')
        self.assertEqual((rule.max_kbps, rule.direction), (500, 'ingress'))
        mark = ADMIN.create_qos_dscp_marking_rule(policy.id, 10)
        self.assertEqual(mark.dscp_mark, 10)
        self.assertEqual(len(ADMIN.list_qos_bandwidth_limit_rules(policy.id)), 1)
        self.assertTrue(ADMIN.get_qos_rule_type_details('dscp_marking'))
        self.assertTrue(ADMIN.delete_qos_policy(policy.id))

    def test_a_server_with_a_floating_ip(self):
        network = self.network()
        subnet = self.subnet(network)
        router = self.router(external_gateway_info={'network_id': MEMBER.get_network(EXTERNAL).id})
        self.member.add_interface_to_router(router, subnet_id=subnet.id)
        self.addCleanup(self.member.remove_interface_from_router, router, subnet_id=subnet.id)
        server = MEMBER.create_server(
            name(), image='cirros', flavor='m1.tiny', network=network.id, wait=True, auto_ip=False, timeout=60)
        self.addCleanup(MEMBER.delete_server, server.id, wait=True, timeout=60)
        self.assertEqual(server.status, 'ACTIVE')
        port = next(self.member.ports(device_id=server.id))
        self.shows(port, status='ACTIVE', device_owner='compute:nova')
        address = MEMBER.available_floating_ip(EXTERNAL)
        self.addCleanup(MEMBER.delete_floating_ip, address.id)
        server = MEMBER.add_ip_list(server, [address.floating_ip_address], wait=True, timeout=60)
        self.assertEqual(server.public_v4 or server.interface_ip, address.floating_ip_address)
        attached = MEMBER.get_floating_ip(address.id)
        self.assertEqual(attached.fixed_ip_address, port.fixed_ips[0]['ip_address'])
        self.assertTrue(MEMBER.detach_ip_from_server(server.id, address.id))
        self.assertIsNone(MEMBER.get_floating_ip(address.id).port_id)
        self.assertEqual(MEMBER.available_floating_ip(EXTERNAL).id, address.id)

    def test_cleaning_a_project_up(self):
        network = self.member.create_network(name='sdk-clean')
        subnet = self.subnet(network)
        router = self.member.create_router(name='sdk-clean')
        self.member.add_interface_to_router(router, subnet_id=subnet.id)
        from queue import Queue
        status = Queue()
        self.member._service_cleanup(dry_run=False, client_status_queue=status, identified_resources={},
                                     filters=None, resource_evaluation_fn=None)
        self.assertIsNone(self.member.find_network('sdk-clean'))
        self.assertIsNone(self.member.find_router('sdk-clean'))
