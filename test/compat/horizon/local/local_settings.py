"""Settings of the dashboard, as an operator writes them; Horizon reads them as `local.local_settings` from PYTHONPATH."""

import os
import secrets

ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = secrets.token_hex(32)
OPENSTACK_KEYSTONE_URL = os.environ["OS_AUTH_URL"]
OPENSTACK_NEUTRON_NETWORK = {
    "enable_router": True,
    "enable_quotas": True,
    "enable_ipv6": True,
    "enable_distributed_router": True,
    "enable_ha_router": True,
    "enable_rbac_policy": True,
    "enable_fip_topology_check": True,
    "supported_provider_types": ["flat", "vlan", "vxlan", "gre"],
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("HORIZON_LOG", "WARNING")},
}
