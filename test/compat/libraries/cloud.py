"""Connections of an administrator, a member and a reader of one project, and what the cases share."""
import os
import unittest
import uuid

import openstack
from openstack import exceptions

EXTERNAL = 'sdk-external'
AUTH_URL = os.environ['OS_AUTH_URL']


def connect(username, password, project):
    return openstack.connection.Connection(
        region_name='RegionOne',
        auth=dict(
            auth_url=AUTH_URL, username=username, password=password, project_name=project,
            user_domain_name='Default', project_domain_name='Default'))


ADMIN = connect('admin', os.environ['ADMIN_PASSWORD'], 'admin')
MEMBER = connect('demo', os.environ['DEMO_PASSWORD'], 'demo')
PROJECT = MEMBER.current_project_id


def make_reader():
    user = ADMIN.identity.create_user(name='sdk-reader', password='look', domain_id='default')
    role = ADMIN.identity.find_role('reader', ignore_missing=False)
    ADMIN.identity.assign_project_role_to_user(PROJECT, user.id, role.id)
    return connect('sdk-reader', 'look', 'demo')


READER = make_reader()


def make_external():
    network = ADMIN.network.create_network(
        name=EXTERNAL, is_router_external=True, provider_network_type='flat', provider_physical_network='external')
    ADMIN.network.create_subnet(
        network_id=network.id, ip_version=4, cidr='203.0.113.0/24', gateway_ip='203.0.113.1', enable_dhcp=False,
        allocation_pools=[{'start': '203.0.113.101', 'end': '203.0.113.200'}])
    return network


class Case(unittest.TestCase):
    """`self.admin`, `self.member`, `self.reader`: the network proxies; what `keep` is given goes away with the case."""

    maxDiff = None
    admin, member, reader = ADMIN.network, MEMBER.network, READER.network

    def keep(self, delete, made):
        self.addCleanup(delete, made)
        return made

    def network(self, proxy=None, **attributes):
        proxy = proxy or self.member
        attributes.setdefault('name', name())
        return self.keep(proxy.delete_network, proxy.create_network(**attributes))

    def subnet(self, network, cidr='10.10.0.0/24', **attributes):
        return self.member.create_subnet(network_id=network.id, ip_version=4, cidr=cidr, **attributes)

    def port(self, network, **attributes):
        return self.keep(self.member.delete_port, self.member.create_port(network_id=network.id, **attributes))

    def router(self, proxy=None, **attributes):
        proxy = proxy or self.member
        attributes.setdefault('name', name())
        return self.keep(proxy.delete_router, proxy.create_router(**attributes))

    def refused(self, error, message, call, *args, **kwargs):
        """The call raises this exception, whose text has the message of the service."""
        with self.assertRaises(error) as caught:
            call(*args, **kwargs)
        self.assertIn(message, str(caught.exception))
        return caught.exception

    def forbidden(self, message, call, *args, **kwargs):
        error = self.refused(exceptions.HttpException, message, call, *args, **kwargs)
        self.assertEqual(error.status_code, 403)

    def gone(self, get, object_id):
        self.assertRaises(exceptions.NotFoundException, get, object_id)

    def shows(self, shown, **attributes):
        self.assertEqual(attributes, {key: getattr(shown, key) for key in attributes})

    def found(self, find, made):
        """By name, by id, and not at all."""
        self.assertEqual(find(made.name).id, made.id)
        self.assertEqual(find(made.id).id, made.id)
        self.assertIsNone(find('nothing-of-this-name'))
        self.assertRaises(exceptions.ResourceNotFound, find, 'nothing-of-this-name', ignore_missing=False)


def name():
    return 'sdk-' + uuid.uuid4().hex[:8]


def ids(objects):
    return {each.id for each in objects}
