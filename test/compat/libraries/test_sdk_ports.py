from cloud import PROJECT, Case, ids, name
from openstack import exceptions


class Ports(Case):
    def setUp(self):
        self.net = self.network()
        self.sub = self.subnet(self.net)

    def test_made_shown_changed_deleted(self):
        made = self.member.create_port(
            network_id=self.net.id, name=name(), fixed_ips=[{'ip_address': '10.10.0.50'}],
            allowed_address_pairs=[{'ip_address': '10.10.0.200'}], dns_name='host-a',
            extra_dhcp_opts=[{'opt_name': 'bootfile-name', 'opt_value': 'pxelinux.0', 'ip_version': 4}])
        self.shows(made, status='DOWN', device_owner='', is_port_security_enabled=True, binding_vnic_type='normal',
                   project_id=PROJECT, binding_host_id=None, ip_allocation='immediate', dns_name='host-a',
                   fixed_ips=[{'subnet_id': self.sub.id, 'ip_address': '10.10.0.50'}])
        self.assertEqual(made.allowed_address_pairs[0]['mac_address'], made.mac_address)
        self.assertEqual(made.extra_dhcp_opts[0]['opt_value'], 'pxelinux.0')
        self.assertEqual(len(made.security_group_ids), 1)
        self.found(self.member.find_port, made)
        changed = self.member.update_port(made, is_port_security_enabled=False, security_groups=[],
                                          allowed_address_pairs=[], device_id='dev', description='d')
        self.shows(changed, is_port_security_enabled=False, security_group_ids=[], allowed_address_pairs=[],
                   device_id='dev', description='d')
        self.assertEqual(self.admin.get_port(made.id).binding_vif_type, 'unbound')
        self.member.delete_port(made, ignore_missing=False)
        self.gone(self.member.get_port, made.id)

    def test_several_at_once(self):
        made = list(self.member.create_ports([
            {'network_id': self.net.id, 'name': 'one', 'fixed_ips': [{'ip_address': '10.10.0.61'}]},
            {'network_id': self.net.id, 'name': 'two', 'tags': ['red']}]))
        for port in made:
            self.keep(self.member.delete_port, port)
        self.assertEqual([port.name for port in made], ['one', 'two'])
        self.assertEqual(self.member.get_port(made[1].id).tags, ['red'])
        self.refused(exceptions.ConflictException, 'The IP address 10.10.0.61 is in use', self.member.create_ports, [
            {'network_id': self.net.id, 'name': 'three'},
            {'network_id': self.net.id, 'fixed_ips': [{'ip_address': '10.10.0.61'}]}])
        self.assertEqual(list(self.member.ports(name='three')), [])

    def test_filters(self):
        first = self.port(self.net, name=name(), fixed_ips=[{'ip_address': '10.10.0.71'}])
        second = self.port(self.net, name=name(), is_admin_state_up=False)
        of = lambda **filters: ids(self.reader.ports(network_id=self.net.id, **filters)) & {first.id, second.id}
        self.assertEqual(of(fixed_ips='ip_address=10.10.0.71'), {first.id})
        self.assertEqual(of(fixed_ips='subnet_id=' + self.sub.id), {first.id, second.id})
        self.assertEqual(of(mac_address=second.mac_address.upper()), {second.id})
        self.assertEqual(of(is_admin_state_up=False), {second.id})
        self.assertEqual(of(status='DOWN', project_id=PROJECT), {first.id, second.id})
        self.assertEqual(of(fixed_ips='ip_address_substr=0.71'), {first.id})
        self.assertEqual(ids(self.member.get_subnet_ports(self.sub.id)) & {first.id, second.id}, {first.id, second.id})

    def test_bindings_prepare_a_migration(self):
        made = self.port(self.net, device_owner='compute:nova', device_id='vm')
        bound = self.admin.update_port(made.id, binding_host_id='compute1')
        self.shows(bound, binding_host_id='compute1', binding_vif_type='ovs')
        bindings = f'/ports/{made.id}/bindings'
        second = self.admin.post(bindings, json={'binding': {'host': 'compute2'}})
        self.assertEqual((second.status_code, second.json()['binding']['status']), (201, 'INACTIVE'))
        self.assertEqual(self.member.get(bindings).status_code, 403)
        listed = self.admin.get(bindings).json()['bindings']
        self.assertEqual({(each['host'], each['status']) for each in listed},
                         {('compute1', 'ACTIVE'), ('compute2', 'INACTIVE')})
        self.assertEqual(self.admin.put(f'{bindings}/compute2/activate').status_code, 200)
        self.assertEqual(self.admin.get_port(made.id).binding_host_id, 'compute2')
        self.assertEqual(self.admin.delete(f'{bindings}/compute1').status_code, 204)
        self.assertEqual(len(self.admin.get(bindings).json()['bindings']), 1)

    def test_refusals(self):
        self.refused(exceptions.NotFoundException, 'could not be found', self.member.create_port,
                     network_id='00000000-0000-4000-8000-000000000000')
        self.refused(exceptions.BadRequestException, 'is not a valid IP for the specified subnet',
                     self.member.create_port, network_id=self.net.id,
                     fixed_ips=[{'subnet_id': self.sub.id, 'ip_address': '10.11.0.1'}])
        self.refused(exceptions.BadRequestException, "Unrecognized attribute(s) 'colour'", self.member.create_port,
                     network_id=self.net.id, colour='red')
        self.forbidden('create_port:binding:host_id', self.member.create_port,
                     network_id=self.net.id, binding_host_id='compute1')
        owned = self.port(self.net)
        error = self.refused(exceptions.ConflictException, 'There are one or more ports still in use on the network',
                             self.member.delete_network, self.net)
        self.assertEqual(error.status_code, 409)
        self.assertTrue(error.request_id.startswith('req-'))
        self.assertEqual(owned.network_id, self.net.id)


class Trunks(Case):
    def test_subports_come_and_go(self):
        net = self.network()
        self.subnet(net)
        parent, first, second = self.port(net), self.port(net), self.port(net)
        tagged = lambda port, tag: {'port_id': port.id, 'segmentation_type': 'vlan', 'segmentation_id': tag}
        trunk = self.keep(self.member.delete_trunk, self.member.create_trunk(
            name=name(), port_id=parent.id, sub_ports=[tagged(first, 100)]))
        self.shows(trunk, status='DOWN', is_admin_state_up=True, port_id=parent.id, sub_ports=[tagged(first, 100)])
        self.found(self.member.find_trunk, trunk)
        self.member.add_trunk_subports(trunk, [tagged(second, 101)])
        subports = self.reader.get_trunk_subports(trunk)['sub_ports']
        self.assertEqual({one['port_id']: one['segmentation_id'] for one in subports}, {first.id: 100, second.id: 101})
        details = self.reader.get_port(parent.id).trunk_details
        self.assertEqual(details['trunk_id'], trunk.id)
        self.assertEqual({one['mac_address'] for one in details['sub_ports']}, {first.mac_address, second.mac_address})
        self.assertEqual(self.reader.get_port(first.id).device_owner, 'trunk:subport')
        delete = lambda port: self.member.delete_port(port, ignore_missing=False)
        self.refused(exceptions.ConflictException, 'is currently a parent port for trunk', delete, parent)
        self.refused(exceptions.ConflictException, 'is currently a subport for trunk', delete, first)
        self.member.delete_trunk_subports(trunk, [{'port_id': first.id}])
        self.member.update_trunk(trunk, is_admin_state_up=False)
        self.refused(exceptions.ConflictException, 'is currently disabled',
                     self.member.add_trunk_subports, trunk, [tagged(first, 100)])
        self.forbidden('', self.reader.update_trunk, trunk, name='mine')
        self.member.update_trunk(trunk, is_admin_state_up=True)
        self.assertEqual([one['port_id'] for one in self.member.get_trunk(trunk.id).sub_ports], [second.id])


class Qos(Case):
    def test_policies_with_rules_of_each_kind(self):
        policy = self.admin.create_qos_policy(name=name(), description='slow', is_shared=True)
        self.keep(self.admin.delete_qos_policy, policy)
        self.shows(policy, is_shared=True, is_default=False, description='slow', rules=[])
        self.found(self.admin.find_qos_policy, policy)
        limit = self.admin.create_qos_bandwidth_limit_rule(policy, max_kbps=1000, max_burst_kbps=100)
        self.shows(limit, max_kbps=1000, max_burst_kbps=100, direction='egress')
        changed = self.admin.update_qos_bandwidth_limit_rule(limit.id, policy, max_kbps=2000, direction='ingress')
        self.shows(changed, max_kbps=2000, direction='ingress')
        self.assertEqual(self.admin.get_qos_bandwidth_limit_rule(limit.id, policy).max_kbps, 2000)
        self.assertEqual(self.admin.find_qos_bandwidth_limit_rule(limit.id, policy).id, limit.id)
        mark = self.admin.create_qos_dscp_marking_rule(policy, dscp_mark=26)
        self.assertEqual(self.admin.update_qos_dscp_marking_rule(mark.id, policy, dscp_mark=28).dscp_mark, 28)
        self.assertEqual(self.admin.find_qos_dscp_marking_rule(mark.id, policy).dscp_mark, 28)
        self.assertEqual(ids(self.admin.qos_bandwidth_limit_rules(policy)), {limit.id})
        self.assertEqual(ids(self.admin.qos_dscp_marking_rules(policy)), {mark.id})
        self.assertEqual({rule['type'] for rule in self.member.get_qos_policy(policy.id).rules},
                         {'bandwidth_limit', 'dscp_marking'})
        self.refused(exceptions.BadRequestException, 'is not in', self.admin.create_qos_dscp_marking_rule, policy,
                     dscp_mark=3)
        self.forbidden('disallowed by policy', self.member.create_qos_dscp_marking_rule,
                     policy, dscp_mark=26)
        network = self.network(qos_policy_id=policy.id)
        self.subnet(network)
        port = self.port(network)
        self.shows(port, qos_network_policy_id=policy.id, qos_policy_id=None)
        self.assertEqual(self.member.update_port(port, qos_policy_id=policy.id).qos_policy_id, policy.id)
        self.refused(exceptions.ConflictException, 'is used by', self.admin.delete_qos_policy, policy)
        self.admin.delete_qos_bandwidth_limit_rule(limit.id, policy, ignore_missing=False)
        self.admin.delete_qos_dscp_marking_rule(mark.id, policy, ignore_missing=False)
        self.assertEqual(self.admin.get_qos_policy(policy.id).rules, [])
        self.assertEqual(self.admin.update_qos_policy(policy, name='quick').name, 'quick')

    def test_minimum_bandwidth(self):
        policy = self.admin.create_qos_policy(name=name())
        rule = self.admin.create_qos_minimum_bandwidth_rule(policy, min_kbps=1000, direction='ingress')
        self.shows(rule, min_kbps=1000, direction='ingress')
        self.assertEqual(self.admin.update_qos_minimum_bandwidth_rule(rule.id, policy, min_kbps=2000).min_kbps, 2000)
        self.assertEqual([one.id for one in self.admin.qos_minimum_bandwidth_rules(policy)], [rule.id])
        vlan = self.network(self.admin, provider_network_type='vlan', provider_physical_network='vlan')
        port = self.admin.create_port(network_id=vlan.id, qos_policy_id=policy.id)
        (group,) = port.resource_request['request_groups']
        self.assertEqual(group['resources'], {'NET_BW_IGR_KILOBIT_PER_SEC': 2000})
        self.admin.delete_port(port)
        tunnel = self.network(self.admin, provider_network_type='vxlan')
        self.refused(exceptions.ConflictException, 'is not supported by port', self.admin.create_port,
                     network_id=tunnel.id, qos_policy_id=policy.id)
        self.admin.delete_qos_minimum_bandwidth_rule(rule.id, policy, ignore_missing=False)
        self.admin.delete_qos_policy(policy)

    def test_rule_types(self):
        kinds = {kind.type for kind in self.member.qos_rule_types()}
        self.assertLessEqual({'bandwidth_limit', 'dscp_marking'}, kinds)
        detail = self.admin.get_qos_rule_type('bandwidth_limit')
        self.assertEqual(detail.drivers[0]['name'], 'openvswitch')
        self.assertIsNone(self.admin.find_qos_rule_type('minimum_colour'))


class Tags(Case):
    def test_set_and_filtered_by(self):
        one, two = self.network(), self.network()
        self.member.set_tags(one, ['red', 'blue'])
        self.assertEqual(sorted(self.member.get_network(one.id).tags), ['blue', 'red'])
        two = self.member.get_network(two.id)
        two.add_tag(self.member, 'red')
        of = lambda **filters: ids(self.reader.networks(project_id=PROJECT, **filters)) & {one.id, two.id}
        self.assertEqual(of(tags='red'), {one.id, two.id})
        self.assertEqual(of(tags='red,blue'), {one.id})
        self.assertEqual(of(any_tags='blue,green'), {one.id})
        self.assertEqual(of(not_tags='red,blue'), {two.id})
        self.assertEqual(of(not_any_tags='blue'), {two.id})
        two.check_tag(self.member, 'red')
        two.remove_tag(self.member, 'red')
        self.assertEqual(self.member.get_network(two.id).tags, [])
        self.assertRaises(exceptions.NotFoundException, two.check_tag, self.member, 'red')
        one = self.member.get_network(one.id)
        one.remove_all_tags(self.member)
        self.assertEqual(self.member.get_network(one.id).tags, [])
        self.forbidden('', self.reader.set_tags, one, ['green'])

    def test_on_every_kind_of_object(self):
        network = self.network()
        subnet = self.subnet(network)
        router, port = self.router(), self.port(network)
        group = self.keep(self.member.delete_security_group, self.member.create_security_group(name=name()))
        pool = self.keep(self.member.delete_subnet_pool,
                         self.member.create_subnet_pool(name=name(), prefixes=['10.70.0.0/16']))
        policy = self.keep(self.admin.delete_qos_policy, self.admin.create_qos_policy(name=name()))
        gets = [(self.member, 'subnet', subnet), (self.member, 'router', router), (self.member, 'port', port),
                (self.member, 'security_group', group), (self.member, 'subnet_pool', pool),
                (self.admin, 'qos_policy', policy)]
        for proxy, kind, made in gets:
            proxy.set_tags(made, ['green'])
            self.assertEqual(getattr(proxy, f'get_{kind}')(made.id).tags, ['green'], kind)
