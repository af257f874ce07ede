const PACKAGE = 'neutron.services.l3_router.service_providers'

/** Neutron's names of the ways in which routers are realised: whether such a router is distributed. */
export const ROUTER_DRIVERS: Readonly<Record<string, boolean>> = {
  [`${PACKAGE}.dvr.DvrDriver`]: true,
  [`${PACKAGE}.single_node.SingleNodeDriver`]: false,
}

export const ROUTER_SERVICE = 'L3_ROUTER_NAT'
