/** How things are called in Placement: Neutron's rules, so that nova and a former Neutron mean the same by them. */
import { uuid5 } from '../../base/uuid5.js'

/** Namespace of the resource providers of Open vSwitch agents (Neutron: the driver's resource_provider_uuid5_namespace). */
const OVS_PROVIDERS = '87ee7d5c-73bb-11e8-9008-c4d987b2a692'

/** Custom traits have capital letters, digits and underscores only. */
const trait = (name: string) => `CUSTOM_${name.replaceAll(/[^0-9A-Za-z]+/g, '_').toUpperCase()}`

export const physnetTrait = (physicalNetwork: string) => trait(`PHYSNET_${physicalNetwork}`)
export const vnicTypeTrait = (vnicType: string) => trait(`VNIC_TYPE_${vnicType}`)

/** The provider of a host's Open vSwitch agent, below that of the compute node. */
export const agentProviderId = (hypervisor: string) => uuid5(OVS_PROVIDERS, hypervisor)

/** The provider of a bridge with a physical network, below that of the agent. */
export const bridgeProviderId = (hypervisor: string, bridge: string) => uuid5(OVS_PROVIDERS, `${hypervisor}:${bridge}`)

/** Id of what the rules of one kind ask for a port. */
export const requestGroupId = (portId: string, ruleIds: readonly string[]) => uuid5(portId, ruleIds.join(':'))

/** Resource class of packets that a host can switch, of one direction or of both together. */
export const PACKET_RATE_CLASS = {
  any: 'NET_PACKET_RATE_KILOPACKET_PER_SEC',
  egress: 'NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC',
  ingress: 'NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC',
} as const

/** Resource class of bandwidth in a direction, as the instance sees it. */
export const BANDWIDTH_CLASS = {
  egress: 'NET_BW_EGR_KILOBIT_PER_SEC',
  ingress: 'NET_BW_IGR_KILOBIT_PER_SEC',
} as const
