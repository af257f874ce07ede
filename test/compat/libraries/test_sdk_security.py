from cloud import PROJECT, Case, ids, name
from openstack import exceptions


class SecurityGroups(Case):
    def group(self, **attributes):
        return self.keep(self.member.delete_security_group, self.member.create_security_group(name=name(), **attributes))

    def test_made_shown_changed_deleted(self):
        made = self.group(description='web')
        self.shows(made, description='web', project_id=PROJECT, stateful=True)
        self.assertEqual({(r['direction'], r['ethertype']) for r in made.security_group_rules},
                         {('egress', 'IPv4'), ('egress', 'IPv6')})
        self.found(self.member.find_security_group, made)
        self.shows(self.member.update_security_group(made, name='renamed', description='x'), name='renamed',
                   description='x')
        self.assertIn(made.id, ids(self.reader.security_groups(project_id=PROJECT)))
        self.refused(exceptions.ConflictException, 'Default security group already exists',
                     self.member.create_security_group, name='default')

    def test_rules(self):
        group, other = self.group(), self.group()
        rule = self.member.create_security_group_rule(
            security_group_id=group.id, direction='ingress', ether_type='IPv4', protocol='tcp', port_range_min=80,
            port_range_max=81, remote_ip_prefix='10.0.0.0/8', description='web')
        self.shows(rule, direction='ingress', ether_type='IPv4', protocol='tcp', port_range_min=80, port_range_max=81,
                   remote_ip_prefix='10.0.0.0/8', remote_group_id=None, description='web')
        self.assertEqual(self.member.get_security_group_rule(rule.id).id, rule.id)
        self.assertEqual(self.member.find_security_group_rule(rule.id).id, rule.id)
        more = list(self.member.create_security_group_rules([
            {'security_group_id': group.id, 'direction': 'ingress', 'remote_group_id': other.id},
            {'security_group_id': group.id, 'direction': 'ingress', 'protocol': 'icmp', 'port_range_min': 8}]))
        self.assertEqual([more[0].remote_group_id, more[1].protocol], [other.id, 'icmp'])
        listed = self.reader.security_group_rules(security_group_id=group.id, direction='ingress')
        self.assertEqual(ids(listed), {rule.id, *ids(more)})
        self.refused(exceptions.ConflictException, f'Security group rule already exists. Rule id is {rule.id}',
                     self.member.create_security_group_rule, security_group_id=group.id, direction='ingress',
                     ether_type='IPv4', protocol='tcp', port_range_min=80, port_range_max=81,
                     remote_ip_prefix='10.0.0.0/8')
        self.refused(exceptions.BadRequestException, 'port_range_min must be <= port_range_max',
                     self.member.create_security_group_rule, security_group_id=group.id, direction='ingress',
                     protocol='tcp', port_range_min=9, port_range_max=8)
        self.member.delete_security_group_rule(rule.id, ignore_missing=False)
        self.gone(self.member.get_security_group_rule, rule.id)

    def test_in_use(self):
        group, network = self.group(), self.network()
        self.subnet(network)
        port = self.port(network, security_groups=[group.id])
        self.assertEqual(port.security_group_ids, [group.id])
        self.refused(exceptions.ConflictException, f'Security Group {group.id} in use', self.member.delete_security_group,
                     group)

    def test_address_groups(self):
        made = self.keep(self.member.delete_address_group,
                         self.member.create_address_group(name=name(), addresses=['10.0.0.1/32']))
        self.shows(made, addresses=['10.0.0.1/32'], project_id=PROJECT)
        self.found(self.member.find_address_group, made)
        grown = self.member.add_addresses_to_address_group(made, ['10.2.0.0/16'])
        self.assertEqual(sorted(grown.addresses), ['10.0.0.1/32', '10.2.0.0/16'])
        left = self.member.remove_addresses_from_address_group(made, ['10.0.0.1/32'])
        self.assertEqual(left.addresses, ['10.2.0.0/16'])
        self.assertEqual(self.member.update_address_group(made, description='d').description, 'd')
        self.assertIn(made.id, ids(self.reader.address_groups(project_id=PROJECT)))
        group = self.group()
        rule = self.member.create_security_group_rule(
            security_group_id=group.id, direction='ingress', remote_address_group_id=made.id)
        self.assertEqual(rule.remote_address_group_id, made.id)
        self.refused(exceptions.ConflictException, 'in use', self.member.delete_address_group, made)
        self.member.delete_security_group_rule(rule)
