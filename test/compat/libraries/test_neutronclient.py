from cloud import ADMIN, EXTERNAL, MEMBER, PROJECT, Case, name
from neutronclient.common import exceptions
from neutronclient.v2_0 import client


class NeutronClient(Case):
    """neutronclient's library: the bodies go as they are, exceptions come by the type of the fault."""

    admin_client = client.Client(session=ADMIN.session, region_name='RegionOne')
    client = client.Client(session=MEMBER.session, region_name='RegionOne')

    def setUp(self):
        self.net = self.client.create_network({'network': {'name': name()}})['network']
        self.addCleanup(self.client.delete_network, self.net['id'])
        self.sub = self.client.create_subnet(
            {'subnet': {'network_id': self.net['id'], 'ip_version': 4, 'cidr': '10.10.0.0/24'}})['subnet']
        self.external = self.client.list_networks(name=EXTERNAL)['networks'][0]

    def made_port(self, **attributes):
        port = self.client.create_port({'port': {'network_id': self.net['id'], **attributes}})['port']
        self.addCleanup(self.client.delete_port, port['id'])
        return port

    def made_router(self, **attributes):
        router = self.client.create_router({'router': {'name': name(), **attributes}})['router']
        self.addCleanup(self.client.delete_router, router['id'])
        self.client.add_interface_router(router['id'], {'subnet_id': self.sub['id']})
        self.addCleanup(self.client.remove_interface_router, router['id'], {'subnet_id': self.sub['id']})
        return router

    def test_networks_several_at_once_and_page_by_page(self):
        names = [name() for _ in range(3)]
        made = self.client.create_network({'networks': [{'name': each, 'description': names[0]} for each in names]})
        for network in made['networks']:
            self.addCleanup(self.client.delete_network, network['id'])
        pages = self.client.list_networks(retrieve_all=False, page_reverse=False, limit=2, description=names[0])
        self.assertEqual([len(page['networks']) for page in pages], [2, 1])
        sorted_ = self.client.list_networks(description=names[0], sort_key='name', sort_dir='desc', fields='name')
        self.assertEqual([each['name'] for each in sorted_['networks']], sorted(names, reverse=True))
        self.assertRaises(exceptions.BadRequest, self.client.list_networks, colour='red')

    def test_subnets_and_pools(self):
        self.assertEqual(self.client.update_subnet(self.sub['id'], {'subnet': {'name': 'n'}})['subnet']['name'], 'n')
        scope = self.client.create_address_scope({'address_scope': {'name': name(), 'ip_version': 4}})['address_scope']
        self.addCleanup(self.client.delete_address_scope, scope['id'])
        pool = self.client.create_subnetpool({'subnetpool': {
            'name': name(), 'prefixes': ['10.44.0.0/16'], 'address_scope_id': scope['id']}})['subnetpool']
        self.addCleanup(self.client.delete_subnetpool, pool['id'])
        self.assertEqual((pool['min_prefixlen'], pool['default_prefixlen']), ('8', '8'))
        self.assertEqual(self.client.show_subnetpool(pool['id'])['subnetpool']['ip_version'], 4)
        self.assertEqual(len(self.client.list_subnetpools(address_scope_id=scope['id'])['subnetpools']), 1)
        self.assertRaises(exceptions.BadRequest, self.client.create_subnet, {'subnet': {
            'network_id': self.net['id'], 'ip_version': 4, 'cidr': '10.10.0.0/25'}})

    def test_ports_and_their_bindings(self):
        port = self.made_port(device_owner='compute:nova')
        self.admin_client.update_port(port['id'], {'port': {'binding:host_id': 'compute1'}})
        made = self.admin_client.create_port_binding(port['id'], {'binding': {'host': 'compute2'}})['binding']
        self.assertEqual((made['host'], made['status'], made['vif_type']), ('compute2', 'INACTIVE', 'ovs'))
        (bindings,) = self.admin_client.list_port_bindings(port['id'], retrieve_all=False)
        self.assertEqual(len(bindings['bindings']), 2)
        self.admin_client.activate_port_binding(port['id'], 'compute2')
        self.assertEqual(self.admin_client.show_port_binding(port['id'], 'compute1')['binding']['status'], 'INACTIVE')
        self.admin_client.delete_port_binding(port['id'], 'compute1')
        self.assertRaises(exceptions.Forbidden, self.client.create_port_binding, port['id'],
                          {'binding': {'host': 'compute1'}})
        self.assertRaises(exceptions.IpAddressInUseClient, self.client.create_port, {'port': {
            'network_id': self.net['id'], 'fixed_ips': [{'ip_address': port['fixed_ips'][0]['ip_address']}]}})
        self.assertRaises(exceptions.PortNotFoundClient, self.client.show_port, PROJECT)

    def test_routers_routes_and_floating_ips(self):
        router = self.made_router()
        self.client.add_gateway_router(router['id'], {'network_id': self.external['id']})
        route = {'destination': '10.8.0.0/24', 'nexthop': '10.10.0.8'}
        added = self.client.add_extra_routes_to_router(router['id'], {'router': {'routes': [route]}})['router']
        self.assertEqual(added['routes'], [route])
        left = self.client.remove_extra_routes_from_router(router['id'], {'router': {'routes': [route]}})['router']
        self.assertEqual(left['routes'], [])
        port = self.made_port()
        fip = self.client.create_floatingip({'floatingip': {'floating_network_id': self.external['id']}})['floatingip']
        forwarding = {'internal_port': 22, 'external_port': 2222, 'protocol': 'tcp', 'internal_port_id': port['id'],
                      'internal_ip_address': port['fixed_ips'][0]['ip_address']}
        made = self.client.create_port_forwarding(fip['id'], {'port_forwarding': forwarding})['port_forwarding']
        self.assertEqual({key: made[key] for key in forwarding}, forwarding)
        self.client.update_port_forwarding(fip['id'], made['id'], {'port_forwarding': {'external_port': 2223}})
        self.assertEqual(self.client.show_port_forwarding(fip['id'], made['id'])['port_forwarding']['external_port'], 2223)
        self.assertEqual(len(self.client.list_port_forwardings(fip['id'])['port_forwardings']), 1)
        self.client.delete_port_forwarding(fip['id'], made['id'])
        taken = self.client.update_floatingip(fip['id'], {'floatingip': {'port_id': port['id']}})['floatingip']
        self.assertEqual(taken['router_id'], router['id'])
        self.assertRaises(exceptions.Conflict, self.client.remove_gateway_router, router['id'])
        self.client.delete_floatingip(fip['id'])
        self.client.remove_gateway_router(router['id'])
        self.assertIsNone(self.client.show_router(router['id'])['router']['external_gateway_info'])

    def test_security_groups_and_rbac(self):
        group = self.client.create_security_group({'security_group': {'name': name()}})['security_group']
        self.addCleanup(self.client.delete_security_group, group['id'])
        rule = {'security_group_rule': {'security_group_id': group['id'], 'direction': 'ingress', 'protocol': 'udp'}}
        made = self.client.create_security_group_rule(rule)['security_group_rule']
        self.assertRaises(exceptions.Conflict, self.client.create_security_group_rule, rule)
        self.assertEqual(len(self.client.list_security_group_rules(id=made['id'])['security_group_rules']), 1)
        share = self.client.create_rbac_policy({'rbac_policy': {
            'object_type': 'security_group', 'object_id': group['id'], 'action': 'access_as_shared',
            'target_tenant': ADMIN.current_project_id}})['rbac_policy']
        self.assertEqual(self.client.show_rbac_policy(share['id'])['rbac_policy']['object_id'], group['id'])
        self.client.delete_rbac_policy(share['id'])

    def test_agents_and_schedulers(self):
        (dhcp,) = self.admin_client.list_agents(binary='neutron-dhcp-agent')['agents']
        body = {'network_id': self.net['id']}
        self.admin_client.add_network_to_dhcp_agent(dhcp['id'], body)
        self.assertRaises(exceptions.Conflict, self.admin_client.add_network_to_dhcp_agent, dhcp['id'], body)
        served = self.admin_client.list_networks_on_dhcp_agent(dhcp['id'])['networks']
        self.assertIn(self.net['id'], [network['id'] for network in served])
        self.admin_client.remove_network_from_dhcp_agent(dhcp['id'], self.net['id'])
        self.assertEqual(self.admin_client.list_dhcp_agent_hosting_networks(self.net['id'])['agents'], [])
        router = self.made_router(external_gateway_info={'network_id': self.external['id']})
        hosting = self.admin_client.list_l3_agent_hosting_routers(router['id'])['agents']
        (central,) = [agent for agent in hosting if agent['host'] == 'network1']
        self.admin_client.remove_router_from_l3_agent(central['id'], router['id'])
        self.admin_client.add_router_to_l3_agent(central['id'], {'router_id': router['id']})
        self.assertIn(router['id'], [r['id'] for r in self.admin_client.list_routers_on_l3_agent(central['id'])['routers']])
        changed = self.admin_client.update_agent(central['id'], {'agent': {'description': 'd'}})['agent']
        self.assertEqual(changed['description'], 'd')

    def test_quotas(self):
        self.addCleanup(self.admin_client.delete_quota, PROJECT)
        self.assertEqual(self.admin_client.update_quota(PROJECT, {'quota': {'router': 3}})['quota']['router'], 3)
        self.assertEqual(self.client.show_quota(PROJECT)['quota']['router'], 3)
        self.assertEqual(self.client.show_quota_default(PROJECT)['quota']['router'], 10)
        self.assertEqual(self.client.show_quota_details(PROJECT)['quota']['network']['reserved'], 0)
        self.assertEqual(self.client.get_quotas_tenant()['tenant']['tenant_id'], PROJECT)
        self.assertRaises(exceptions.Forbidden, self.client.list_quotas)

    def test_qos_and_tags(self):
        policy = self.admin_client.create_qos_policy({'policy': {'name': name()}})['policy']
        self.addCleanup(self.admin_client.delete_qos_policy, policy['id'])
        limit = self.admin_client.create_bandwidth_limit_rule(
            policy['id'], {'bandwidth_limit_rule': {'max_kbps': 100}})['bandwidth_limit_rule']
        mark = self.admin_client.create_dscp_marking_rule(
            policy['id'], {'dscp_marking_rule': {'dscp_mark': 8}})['dscp_marking_rule']
        self.admin_client.update_dscp_marking_rule(mark['id'], policy['id'], {'dscp_marking_rule': {'dscp_mark': 10}})
        self.assertEqual(len(self.admin_client.list_bandwidth_limit_rules(policy['id'])['bandwidth_limit_rules']), 1)
        self.admin_client.delete_bandwidth_limit_rule(limit['id'], policy['id'])
        rules = self.admin_client.show_qos_policy(policy['id'])['policy']['rules']
        self.assertEqual([(rule['type'], rule['dscp_mark']) for rule in rules], [('dscp_marking', 10)])
        self.client.replace_tag('networks', self.net['id'], {'tags': ['a', 'b']})
        self.client.add_tag('networks', self.net['id'], 'c')
        self.client.remove_tag('networks', self.net['id'], 'a')
        self.assertEqual(sorted(self.client.show_network(self.net['id'])['network']['tags']), ['b', 'c'])
        self.client.remove_tag_all('networks', self.net['id'])
        self.admin_client.replace_tag('policies', policy['id'], {'tags': ['p']})
        self.assertEqual(len(self.admin_client.list_qos_policies(tags='p')['policies']), 1)

    def test_packet_rates(self):
        policy = self.admin_client.create_qos_policy({'policy': {'name': name()}})['policy']
        self.addCleanup(self.admin_client.delete_qos_policy, policy['id'])
        rule = self.admin_client.create_packet_rate_limit_rule(
            policy['id'], {'packet_rate_limit_rule': {'max_kpps': 5, 'direction': 'ingress'}})['packet_rate_limit_rule']
        self.assertEqual((rule['max_kpps'], rule['max_burst_kpps'], rule['direction']), (5, 0, 'ingress'))
        self.admin_client.update_packet_rate_limit_rule(
            rule['id'], policy['id'], {'packet_rate_limit_rule': {'max_burst_kpps': 1}})
        shown = self.admin_client.show_packet_rate_limit_rule(rule['id'], policy['id'])['packet_rate_limit_rule']
        self.assertEqual(shown['max_burst_kpps'], 1)
        self.admin_client.delete_packet_rate_limit_rule(rule['id'], policy['id'])
        self.assertEqual(
            self.admin_client.list_packet_rate_limit_rules(policy['id'])['packet_rate_limit_rules'], [])

    def test_logs(self):
        types = self.admin_client.list_network_loggable_resources()['loggable_resources']
        self.assertEqual(types, [{'type': 'security_group'}])
        log = self.admin_client.create_network_log(
            {'log': {'name': name(), 'resource_type': 'security_group', 'event': 'DROP'}})['log']
        self.addCleanup(self.admin_client.delete_network_log, log['id'])
        self.admin_client.update_network_log(log['id'], {'log': {'enabled': False}})
        self.assertFalse(self.admin_client.show_network_log(log['id'])['log']['enabled'])
        self.assertEqual(len(self.admin_client.list_network_logs(name=log['name'])['logs']), 1)
        self.assertEqual(self.client.list_network_logs()['logs'], [])

    def test_flavors_zones_and_the_rest(self):
        flavor = self.admin_client.create_flavor(
            {'flavor': {'name': name(), 'service_type': 'L3_ROUTER_NAT'}})['flavor']
        self.addCleanup(self.admin_client.delete_flavor, flavor['id'])
        profile = self.admin_client.create_service_profile({'service_profile': {
            'driver': 'neutron.services.l3_router.service_providers.dvr.DvrDriver'}})['service_profile']
        self.addCleanup(self.admin_client.delete_service_profile, profile['id'])
        self.admin_client.associate_flavor(flavor['id'], {'service_profile': {'id': profile['id']}})
        self.assertEqual(self.client.show_flavor(flavor['id'])['flavor']['service_profiles'], [profile['id']])
        self.admin_client.disassociate_flavor(flavor['id'], profile['id'])
        zones = self.client.list_availability_zones(resource='router')['availability_zones']
        self.assertEqual([zone['name'] for zone in zones], ['nova'])
        self.assertTrue(self.client.list_service_providers()['service_providers'])
        used = self.admin_client.show_network_ip_availability(self.net['id'])['network_ip_availability']
        self.assertEqual(used['used_ips'], 0)
        self.assertEqual(self.client.show_extension('dvr')['extension']['alias'], 'dvr')
        self.assertRaises(exceptions.Conflict, self.client.validate_auto_allocated_topology_requirements, PROJECT)
