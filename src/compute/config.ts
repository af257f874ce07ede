import { hostname } from 'node:os'
import { bool, ignored, int, list, optionalStr, str } from '../config/options.js'
import { parseStreamUrl, type StreamTransport } from '../config/transport.js'

/** Credentials of a service, as keystoneauth reads them from [keystone_authtoken] and [neutron]. */
const credentials = {
  auth_url: optionalStr({ aliases: ['auth_uri', 'www_authenticate_uri', 'identity_uri'] }),
  auth_type: str('password', { aliases: ['auth_plugin'] }),
  username: optionalStr({ aliases: ['admin_user'] }),
  password: optionalStr({ aliases: ['admin_password'] }),
  project_name: str('service', { aliases: ['tenant_name', 'admin_tenant_name'] }),
  user_domain_name: str('Default'),
  user_domain_id: optionalStr(),
  project_domain_name: str('Default'),
  project_domain_id: optionalStr(),
  region_name: optionalStr(),
}

/** `/etc/nova/nova.conf`, read by nova-api and nova-compute. */
export const novaOptions = {
  DEFAULT: {
    debug: bool(false),
    verbose: ignored('removed; use debug'),
    host: optionalStr(),
    my_ip: optionalStr(),
    state_path: str('/var/lib/nova'),
    instances_path: optionalStr(),
    transport_url: str('stream://127.0.0.1:9691/'),
    /** address that nova-api accepts compute hosts on; the port is transport_url's */
    bus_listen: str('0.0.0.0'),
    osapi_compute_listen: str('0.0.0.0'),
    osapi_compute_listen_port: int(8774),
    metadata_listen: str('0.0.0.0'),
    metadata_listen_port: int(8775),
    dhcp_domain: str('novalocal'),
    default_availability_zone: str('nova'),
    /** seconds to wait for the network service's word that a port is wired; 0 = do not wait */
    vif_plugging_timeout: int(300),
    /** false: an instance whose ports were not confirmed in time is started all the same */
    vif_plugging_is_fatal: bool(true),
    /** seconds that a starting instance is given to get its addresses before it counts as ACTIVE without */
    address_wait: int(10),
    /** images that instances can be made from: an instance is a set of namespaces, the image is only its name */
    images: list(['cirros']),
  },
  database: { connection: str('sqlite:////var/lib/nova/nova.sqlite') },
  keystone_authtoken: credentials,
  neutron: {
    ...credentials,
    endpoint_override: optionalStr({ aliases: ['url'] }),
    valid_interfaces: list(['internal', 'public']),
    service_metadata_proxy: bool(false),
    metadata_proxy_shared_secret: str(''),
  },
}

export const NOVA_FILES = ['/etc/nova/nova.conf'] as const
const BUS_PORT = 9691

/** nova's bus; its usual port is 9691, beside the network service's 9690. */
export function busUrl(text: string): StreamTransport {
  return parseStreamUrl(text, BUS_PORT)
}

export function hostName(configured: string | null): string {
  return configured ?? hostname()
}
