from cloud import PROJECT, Case, ids, name
from openstack import exceptions

UNKNOWN = '00000000-0000-4000-8000-000000000000'


class Agents(Case):
    def test_listed_changed_filtered(self):
        agents = list(self.admin.agents())
        self.assertTrue(agents and all(agent.is_alive for agent in agents))
        l3 = list(self.admin.agents(agent_type='L3 agent', host='network1', is_alive=True))
        self.assertEqual(len(l3), 1)
        self.shows(self.admin.get_agent(l3[0].id), binary='neutron-l3-agent', host='network1', topic='l3_agent',
                   is_admin_state_up=True, availability_zone='nova')
        self.assertEqual(l3[0].configuration['agent_mode'], 'dvr_snat')
        self.assertEqual(self.admin.update_agent(l3[0], description='big').description, 'big')
        self.assertEqual(self.admin.update_agent(l3[0], description='').description, '')
        self.assertEqual(list(self.member.agents()), [])
        self.gone(self.member.get_agent, l3[0].id)
        self.gone(self.admin.get_agent, UNKNOWN)

    def test_dhcp_scheduler(self):
        network = self.network()
        self.subnet(network)
        port = self.port(network, device_owner='compute:nova')
        self.assertTrue(port.id)
        agents = list(self.admin.network_hosting_dhcp_agents(network))
        self.assertEqual([agent.host for agent in agents], ['network1'])
        self.assertIn(network.id, ids(self.admin.dhcp_agent_hosting_networks(agents[0])))
        agent = self.admin.get_agent(agents[0].id)
        self.admin.remove_dhcp_agent_from_network(agent, network)
        self.assertEqual(list(self.admin.network_hosting_dhcp_agents(network)), [])
        self.admin.add_dhcp_agent_to_network(agent, network)
        self.assertEqual(ids(self.admin.network_hosting_dhcp_agents(network)), {agent.id})

    def test_l3_scheduler(self):
        external = next(self.member.networks(is_router_external=True))
        router = self.router(self.admin, external_gateway_info={'network_id': external.id})
        hosting = [agent for agent in self.admin.routers_hosting_l3_agents(router) if agent.host == 'network1']
        self.assertEqual(len(hosting), 1)
        self.assertIn(router.id, ids(self.admin.agent_hosted_routers(hosting[0])))
        agent = self.admin.get_agent(hosting[0].id)
        self.admin.remove_router_from_agent(agent, router)
        self.assertNotIn(router.id, ids(self.admin.agent_hosted_routers(agent)))
        self.admin.add_router_to_agent(agent, router)
        self.assertIn(router.id, ids(self.admin.agent_hosted_routers(agent)))

    def test_zones_providers_extensions(self):
        zones = {(zone.name, zone.resource, zone.state) for zone in self.member.availability_zones()}
        self.assertEqual(zones, {('nova', 'network', 'available'), ('nova', 'router', 'available')})
        providers = {provider.name for provider in self.member.service_providers()}
        self.assertIn('dvr', providers)
        self.assertEqual(self.member.find_extension('dvr').alias, 'dvr')
        self.assertIsNone(self.member.find_extension('colour'))
        self.assertGreater(len(list(self.member.extensions())), 60)


class Metering(Case):
    def test_labels_with_rules(self):
        label = self.keep(self.admin.delete_metering_label,
                          self.admin.create_metering_label(name=name(), description='d', is_shared=True))
        self.shows(label, description='d', is_shared=True)
        self.found(self.admin.find_metering_label, label)
        rule = self.admin.create_metering_label_rule(
            metering_label_id=label.id, direction='egress', remote_ip_prefix='10.0.0.0/8', is_excluded=False)
        self.shows(rule, direction='egress', remote_ip_prefix='10.0.0.0/8', is_excluded=False,
                   metering_label_id=label.id)
        self.assertEqual(self.admin.get_metering_label_rule(rule.id).id, rule.id)
        self.assertEqual(ids(self.admin.metering_label_rules(metering_label_id=label.id)), {rule.id})
        self.assertIn(label.id, ids(self.admin.metering_labels(is_shared=True)))
        self.forbidden('create_metering_label', self.member.create_metering_label, name='no')
        self.admin.delete_metering_label_rule(rule, ignore_missing=False)
        self.gone(self.admin.get_metering_label_rule, rule.id)


class Quotas(Case):
    def test_shown_changed_reset(self):
        default = self.member.get_quota_default(PROJECT)
        self.assertEqual(default.networks, 100)
        self.addCleanup(self.admin.delete_quota, PROJECT)
        quota = self.admin.update_quota(PROJECT, networks=7, ports=-1, security_group_rules=333)
        self.shows(quota, networks=7, ports=-1, security_group_rules=333)
        self.shows(self.reader.get_quota(PROJECT), networks=7, ports=-1)
        self.assertIn(PROJECT, {each.project_id for each in self.admin.quotas()})
        made = self.network()
        details = self.member.get_quota(PROJECT, details=True)
        self.assertEqual((details.networks['limit'], details.networks['reserved']), (7, 0))
        self.assertGreaterEqual(details.networks['used'], 1)
        self.admin.update_quota(PROJECT, networks=0)
        self.refused(exceptions.ConflictException, "Quota exceeded for resources: ['network'].",
                     self.member.create_network)
        self.forbidden('', self.member.update_quota, PROJECT, networks=9)
        self.refused(exceptions.BadRequestException, 'Quota limit', self.admin.update_quota, PROJECT,
                     networks=0, check_limit=True)
        self.assertTrue(made.id)
        self.admin.delete_quota(PROJECT, ignore_missing=False)
        self.assertEqual(self.member.get_quota(PROJECT).networks, 100)


class Flavors(Case):
    def test_with_profiles(self):
        flavor = self.keep(self.admin.delete_flavor, self.admin.create_flavor(
            name=name(), service_type='L3_ROUTER_NAT', description='central'))
        self.shows(flavor, service_type='L3_ROUTER_NAT', is_enabled=True, service_profile_ids=[])
        self.found(self.admin.find_flavor, flavor)
        providers = 'neutron.services.l3_router.service_providers.'
        profile = self.keep(self.admin.delete_service_profile, self.admin.create_service_profile(
            description='p', driver=providers + 'single_node.SingleNodeDriver'))
        self.shows(profile, description='p', is_enabled=True)
        self.assertEqual(self.admin.get_service_profile(profile.id).driver, profile.driver)
        self.assertIn(profile.id, ids(self.admin.service_profiles()))
        self.assertEqual(self.admin.update_service_profile(profile, description='q').description, 'q')
        self.admin.associate_flavor_with_service_profile(flavor, profile)
        self.assertEqual(self.admin.get_flavor(flavor.id).service_profile_ids, [profile.id])
        router = self.member.create_router(name=name(), flavor_id=flavor.id)
        self.assertEqual(router.flavor_id, flavor.id)
        self.assertIs(self.admin.get_router(router.id).is_distributed, False)
        self.member.delete_router(router)
        self.admin.disassociate_flavor_from_service_profile(flavor, profile)
        self.assertEqual(self.admin.update_flavor(flavor, is_enabled=False).is_enabled, False)
        self.assertIn(flavor.id, ids(self.reader.flavors(is_enabled=False)))
        self.forbidden('disallowed by policy', self.member.create_flavor,
                     service_type='L3_ROUTER_NAT')


class Lists(Case):
    def test_pages_sorting_and_fields(self):
        prefix = name()
        made = [self.network(name=f'{prefix}-{i}', description=prefix) for i in range(5)]
        mine = dict(description=prefix)
        everything = [n.id for n in self.member.networks(limit=2, **mine)]
        self.assertEqual((len(everything), set(everything)), (5, ids(made)))
        first = list(self.member.networks(limit=2, paginated=False, **mine))
        self.assertEqual([n.id for n in first], everything[:2])
        page = list(self.member.networks(limit=2, paginated=False, marker=everything[1], **mine))
        self.assertEqual([n.id for n in page], everything[2:4])
        bare = self.member.get(f'/networks?description={prefix}&fields=id&fields=name').json()['networks'][0]
        self.assertEqual(set(bare), {'id', 'name'})
        for direction, expected in (('asc', made), ('desc', made[::-1])):
            answer = self.member.get(f'/networks?description={prefix}&sort_key=name&sort_dir={direction}').json()
            self.assertEqual([n['id'] for n in answer['networks']], [n.id for n in expected])

    def test_filters_are_checked(self):
        self.assertRaises(exceptions.InvalidResourceQuery, list, self.member.networks(colour='red'))
        answer = self.member.get('/networks?colour=red')
        self.assertEqual(answer.status_code, 400)
        self.assertIn("['colour'] is invalid attribute for filtering", answer.text)
        self.assertEqual(self.member.get('/networks?sort_key=colour&sort_dir=asc').status_code, 400)

    def test_names_that_several_have(self):
        twice = name()
        self.network(name=twice)
        self.network(name=twice)
        self.assertRaises(exceptions.DuplicateResource, self.member.find_network, twice)

    def test_what_another_project_has(self):
        made = self.network(self.admin)
        self.gone(self.member.get_network, made.id)
        self.assertIsNone(self.member.find_network(made.name))
        self.assertRaises(exceptions.ResourceNotFound, self.member.delete_network, made.id, ignore_missing=False)
