from cloud import EXTERNAL, PROJECT, Case, ids, name
from openstack import exceptions


class Routers(Case):
    def setUp(self):
        self.net = self.network()
        self.sub = self.subnet(self.net)
        self.external = self.member.find_network(EXTERNAL)

    def joined(self, **attributes):
        router = self.router(**attributes)
        self.member.add_interface_to_router(router, subnet_id=self.sub.id)
        self.addCleanup(self.member.remove_interface_from_router, router, subnet_id=self.sub.id)
        return router

    def test_made_shown_changed_deleted(self):
        made = self.router(description='r')
        self.shows(made, status='ACTIVE', is_admin_state_up=True, description='r', routes=[], project_id=PROJECT,
                   external_gateway_info=None, availability_zone_hints=[])
        self.found(self.member.find_router, made)
        self.assertIs(self.admin.get_router(made.id).is_distributed, True)
        self.assertEqual(ids(self.reader.routers(name=made.name)), {made.id})
        self.shows(self.member.update_router(made, is_admin_state_up=False, name='off'), is_admin_state_up=False,
                   name='off')
        self.forbidden('create_router:distributed', self.member.create_router,
                     is_distributed=False)
        self.assertIs(self.router(self.admin, is_distributed=False).is_distributed, False)

    def test_interfaces(self):
        router = self.router()
        added = self.member.add_interface_to_router(router, subnet_id=self.sub.id)
        self.assertEqual((added['id'], added['subnet_id'], added['network_id']), (router.id, self.sub.id, self.net.id))
        self.assertEqual(self.member.get_port(added['port_id']).device_owner, 'network:router_interface_distributed')
        self.refused(exceptions.BadRequestException, 'Router already has a port on subnet',
                     self.member.add_interface_to_router, router, subnet_id=self.sub.id)
        self.refused(exceptions.ConflictException, 'still has ports', self.member.delete_router, router)
        removed = self.member.remove_interface_from_router(router, port_id=added['port_id'])
        self.assertEqual(removed['port_id'], added['port_id'])
        port = self.port(self.net, fixed_ips=[{'ip_address': '10.10.0.77'}])
        again = self.member.add_interface_to_router(router, port_id=port.id)
        self.assertEqual((again['port_id'], again['subnet_id']), (port.id, self.sub.id))
        self.member.remove_interface_from_router(router, port_id=port.id)
        self.refused(exceptions.NotFoundException, 'interface', self.member.remove_interface_from_router, router,
                     subnet_id=self.sub.id)

    def test_gateway(self):
        router = self.router(external_gateway_info={'network_id': self.external.id})
        info = router.external_gateway_info
        self.assertEqual((info['network_id'], info['enable_snat']), (self.external.id, True))
        self.assertTrue(info['external_fixed_ips'][0]['ip_address'].startswith('203.0.113.1'))
        self.forbidden('external_gateway_info:enable_snat', self.member.update_router,
                     router, external_gateway_info={'network_id': self.external.id, 'enable_snat': False})
        changed = self.admin.update_router(
            router.id, external_gateway_info={'network_id': self.external.id, 'enable_snat': False})
        self.assertIs(changed.external_gateway_info['enable_snat'], False)
        self.assertIsNone(self.member.update_router(router.id, external_gateway_info={}).external_gateway_info)

    def test_extra_routes_replaced_and_one_by_one(self):
        router = self.joined()
        self.addCleanup(self.member.update_router, router.id, routes=[])
        first = {'destination': '10.81.0.0/24', 'nexthop': '10.10.0.81'}
        second = {'destination': '10.82.0.0/24', 'nexthop': '10.10.0.82'}
        self.assertEqual(self.member.update_router(router.id, routes=[first]).routes, [first])
        added = self.member.add_extra_routes_to_router(router.id, {'router': {'routes': [second, first]}})
        self.assertEqual(sorted(r['nexthop'] for r in added.routes), ['10.10.0.81', '10.10.0.82'])
        left = self.member.remove_extra_routes_from_router(router.id, {'router': {'routes': [first]}})
        self.assertEqual(left.routes, [second])
        self.refused(exceptions.BadRequestException, 'the nexthop is not connected with router',
                     self.member.add_extra_routes_to_router, router.id,
                     {'router': {'routes': [{'destination': '10.83.0.0/24', 'nexthop': '172.16.0.1'}]}})
        self.forbidden('', self.reader.add_extra_routes_to_router, router.id,
                     {'router': {'routes': [first]}})

    def test_highly_available_is_the_administrators_choice(self):
        self.assertIs(self.admin.get_router(self.router().id).is_ha, False)
        self.forbidden('create_router:ha', self.member.create_router, is_ha=True)

    def test_conntrack_helpers(self):
        router = self.router()
        made = self.member.create_conntrack_helper(router, protocol='udp', port=69, helper='tftp')
        self.shows(made, protocol='udp', port=69, helper='tftp')
        self.assertEqual(self.member.get_conntrack_helper(made, router).port, 69)
        self.assertEqual(ids(self.member.conntrack_helpers(router)), {made.id})
        self.assertEqual(self.member.update_conntrack_helper(made.id, router, port=70).port, 70)
        self.refused(exceptions.BadRequestException, '', self.member.create_conntrack_helper, router,
                     protocol='udp', port=1, helper='nonsense')
        self.member.delete_conntrack_helper(made.id, router, ignore_missing=False)
        self.assertEqual(list(self.member.conntrack_helpers(router)), [])

    def test_floating_ips(self):
        router = self.joined(external_gateway_info={'network_id': self.external.id})
        port = self.port(self.net)
        free = self.keep(self.member.delete_ip,
                         self.member.create_ip(floating_network_id=self.external.id, description='front'))
        self.shows(free, status='DOWN', port_id=None, fixed_ip_address=None, router_id=None, description='front')
        self.assertEqual(self.member.find_ip(free.floating_ip_address).id, free.id)
        self.assertEqual(self.member.find_available_ip().id, free.id)
        self.assertIsNone(self.member.find_ip('203.0.113.9'))
        taken = self.member.update_ip(free.id, port_id=port.id)
        self.shows(taken, port_id=port.id, router_id=router.id, fixed_ip_address=port.fixed_ips[0]['ip_address'])
        self.assertEqual(taken.port_details['mac_address'], port.mac_address)
        self.assertEqual(ids(self.reader.ips(port_id=port.id)), {free.id})
        self.assertIsNone(self.member.find_available_ip())
        self.refused(exceptions.ConflictException, 'already has a floating IP', self.member.create_ip,
                     floating_network_id=self.external.id, port_id=port.id)
        self.refused(exceptions.ConflictException, 'floating', self.member.remove_interface_from_router, router,
                     subnet_id=self.sub.id)
        self.shows(self.member.update_ip(free.id, port_id=None), port_id=None, router_id=None)

    def test_floating_ip_wants_an_external_network_and_a_router(self):
        self.refused(exceptions.BadRequestException, 'is not a valid external network', self.member.create_ip,
                     floating_network_id=self.net.id)
        port = self.port(self.net)
        self.refused(exceptions.NotFoundException, 'is not reachable from subnet', self.member.create_ip,
                     floating_network_id=self.external.id, port_id=port.id)

    def test_port_forwardings(self):
        self.joined(external_gateway_info={'network_id': self.external.id})
        port = self.port(self.net)
        address = port.fixed_ips[0]['ip_address']
        fip = self.keep(self.member.delete_ip, self.member.create_ip(floating_network_id=self.external.id))
        made = self.member.create_floating_ip_port_forwarding(
            fip, internal_port_id=port.id, internal_ip_address=address, internal_port=80, external_port=8080,
            protocol='tcp', description='web')
        self.shows(made, internal_port=80, external_port=8080, protocol='tcp', internal_ip_address=address,
                   internal_port_id=port.id, description='web')
        self.assertEqual(self.member.get_floating_ip_port_forwarding(fip, made.id).external_port, 8080)
        self.assertEqual(self.member.find_floating_ip_port_forwarding(fip, made.id).id, made.id)
        self.assertEqual(ids(self.member.floating_ip_port_forwardings(fip, protocol='tcp')), {made.id})
        changed = self.member.update_floating_ip_port_forwarding(fip, made.id, external_port=8081)
        self.assertEqual(changed.external_port, 8081)
        self.refused(exceptions.BadRequestException, '', self.member.create_floating_ip_port_forwarding, fip,
                     internal_port_id=port.id, internal_ip_address=address, internal_port=81, external_port=8081,
                     protocol='tcp')
        self.member.delete_floating_ip_port_forwarding(fip, made.id, ignore_missing=False)
        self.assertEqual(list(self.member.floating_ip_port_forwardings(fip)), [])
