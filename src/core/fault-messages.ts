/** Faults by Neutron's exception names, with its messages. Grouped by resource. */
import type { FaultTypeWith } from './fault-types.js'
import { Fault } from './faults.js'

const notFound = (type: FaultTypeWith<404>, message: string) => new Fault(type, 404, message)
const conflict = (type: FaultTypeWith<409>, message: string) => new Fault(type, 409, message)
const badRequest = (type: FaultTypeWith<400>, message: string) => new Fault(type, 400, message)

// ── general ─────────────────────────────────────────────────────────────────────

export const invalidInput = (what: string) => badRequest('InvalidInput', `Invalid input for operation: ${what}.`)

export const revisionMismatch = (expected: number, current: number) =>
  new Fault('RevisionNumberConstraintFailed', 412, `Constrained to ${expected}, but current revision is ${current}`)

export const overQuota = (resources: readonly string[]) =>
  conflict('OverQuota', `Quota exceeded for resources: [${resources.map((name) => `'${name}'`).join(', ')}].`)

export const markerNotFound = (id: string) =>
  badRequest('BadRequest', `Bad pagination request: marker ${id} was not found.`)

// ── networks ────────────────────────────────────────────────────────────────────

export const networkNotFound = (id: string) => notFound('NetworkNotFound', `Network ${id} could not be found.`)

export const networkInUse = (id: string) =>
  conflict(
    'NetworkInUse',
    `Unable to complete operation on network ${id}. There are one or more ports still in use on the network.`,
  )

export const externalNetworkInUse = (id: string) =>
  conflict(
    'ExternalNetworkInUse',
    `External network ${id} cannot be updated to be made non-external, since it has existing gateway ports.`,
  )

export const defaultExternalNetworkExists = (id: string) =>
  conflict('DefaultExternalNetworkExists', `A default external network already exists: ${id}.`)

export const invalidSharedSetting = (network: string) =>
  conflict(
    'InvalidSharedSetting',
    `Unable to reconfigure sharing settings for network ${network}. Multiple tenants are using it.`,
  )

export const noNetworkAvailable = () =>
  new Fault('NoNetworkAvailable', 503, 'Unable to create the network. No tenant network is available for allocation.')

export const vlanIdInUse = (vlan: number, physicalNetwork: string) =>
  conflict(
    'VlanIdInUse',
    `Unable to create the network. The VLAN ${vlan} on physical network ${physicalNetwork} is in use.`,
  )

export const tunnelIdInUse = (id: number) =>
  conflict('TunnelIdInUse', `Unable to create the network. The tunnel ID ${id} is in use.`)

export const flatNetworkInUse = (physicalNetwork: string) =>
  conflict('FlatNetworkInUse', `Unable to create the flat network. Physical network ${physicalNetwork} is in use.`)

// ── subnets ─────────────────────────────────────────────────────────────────────

export const subnetNotFound = (id: string) => notFound('SubnetNotFound', `Subnet ${id} could not be found.`)

export const subnetInUse = (id: string, reason = 'One or more ports have an IP allocation from this subnet') =>
  conflict('SubnetInUse', `Unable to complete operation on subnet ${id}: ${reason}.`)

export const gatewayIpInUse = (ip: string, portId: string) =>
  conflict('GatewayIpInUse', `Current gateway ip ${ip} already in use by port ${portId}. Unable to update.`)

export const gatewayInPool = (ip: string, pool: string) =>
  conflict('GatewayConflictWithAllocationPools', `Gateway ip ${ip} conflicts with allocation pool ${pool}.`)

export const overlappingPools = (a: string, b: string, cidr: string) =>
  conflict('OverlappingAllocationPools', `Found overlapping allocation pools: ${a} ${b} for subnet ${cidr}.`)

export const poolOutOfBounds = (pool: string, cidr: string) =>
  badRequest('OutOfBoundsAllocationPool', `The allocation pool ${pool} spans beyond the subnet cidr ${cidr}.`)

export const invalidPool = (pool: string) =>
  badRequest('InvalidAllocationPool', `The allocation pool ${pool} is not valid.`)

export const tooManyNameservers = (id: string, max: number) =>
  badRequest(
    'DNSNameServersExhausted',
    `Unable to complete operation for ${id}. The number of DNS nameservers exceeds the limit ${max}.`,
  )

export const tooManyHostRoutes = (id: string, max: number) =>
  badRequest(
    'HostRoutesExhausted',
    `Unable to complete operation for ${id}. The number of host routes exceeds the limit ${max}.`,
  )

// ── ports and addresses ─────────────────────────────────────────────────────────

export const portNotFound = (id: string) => notFound('PortNotFound', `Port ${id} could not be found.`)

export const portInUse = (portId: string, networkId: string, deviceId: string) =>
  conflict(
    'PortInUse',
    `Unable to complete operation on port ${portId} for network ${networkId}. Port already has an attached device ${deviceId}.`,
  )

export const servicePortInUse = (id: string, reason: string) =>
  conflict('ServicePortInUse', `Port ${id} cannot be deleted directly via the port API: ${reason}.`)

export const macAddressInUse = (networkId: string, mac: string) =>
  conflict(
    'MacAddressInUse',
    `Unable to complete operation for network ${networkId}. The mac address ${mac} is in use.`,
  )

export const macGenerationFailure = (networkId: string) =>
  new Fault('MacAddressGenerationFailure', 503, `Unable to generate unique mac on network ${networkId}.`)

export const portBound = (portId: string, vifType: string, oldMac: string, newMac: string) =>
  conflict(
    'PortBound',
    `Unable to complete operation on port ${portId}, port is already bound, port type: ${vifType}, old_mac ${oldMac}, new_mac ${newMac}.`,
  )

export const ipInUse = (networkId: string, ip: string) =>
  conflict('IpAddressInUse', `Unable to complete operation for network ${networkId}. The IP address ${ip} is in use.`)

export const noMoreAddresses = (networkId: string) =>
  conflict('IpAddressGenerationFailure', `No more IP addresses available on network ${networkId}.`)

export const invalidIpForNetwork = (ip: string) =>
  badRequest(
    'InvalidIpForNetwork',
    `IP address ${ip} is not a valid IP for any of the subnets on the specified network.`,
  )

export const invalidIpForSubnet = (ip: string) =>
  badRequest('InvalidIpForSubnet', `IP address ${ip} is not a valid IP for the specified subnet.`)

export const autoAddressSubnet = (ip: string, subnetId: string) =>
  badRequest(
    'AllocationOnAutoAddressSubnet',
    `IPv6 address ${ip} can not be directly assigned to a port on subnet ${subnetId} as the subnet is configured for automatic addresses`,
  )

export const tooManyAddressPairs = (max: number) =>
  badRequest('AllowedAddressPairExhausted', `The number of allowed address pair exceeds the maximum ${max}.`)

export const duplicateAddressPair = (mac: string, ip: string) =>
  badRequest(
    'DuplicateAddressPairInRequest',
    `Request contains duplicate address pair: mac_address ${mac} ip_address ${ip}.`,
  )

export const pairsNeedPortSecurity = () =>
  conflict(
    'AddressPairAndPortSecurityRequired',
    'Port Security must be enabled in order to have allowed address pairs on a port.',
  )

export const groupsNeedPortSecurity = () =>
  conflict(
    'PortSecurityAndIPRequiredForSecurityGroups',
    'Port security must be enabled and port must have an IP address in order to use security groups.',
  )

export const portHasGroups = () =>
  conflict(
    'PortSecurityPortHasSecurityGroup',
    'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
  )

// ── security groups ─────────────────────────────────────────────────────────────

export const securityGroupNotFound = (id: string) =>
  notFound('SecurityGroupNotFound', `Security group ${id} does not exist`)

export const securityGroupRuleNotFound = (id: string) =>
  notFound('SecurityGroupRuleNotFound', `Security group rule ${id} does not exist`)

export const securityGroupInUse = (id: string, reason = 'in use') =>
  conflict('SecurityGroupInUse', `Security Group ${id} ${reason}.`)

export const cannotRemoveDefaultGroup = () =>
  conflict('SecurityGroupCannotRemoveDefault', 'Insufficient rights for removing default security group.')

export const cannotUpdateDefaultGroup = () =>
  conflict('SecurityGroupCannotUpdateDefault', 'Updating default security group not allowed.')

export const ruleExists = (ruleId: string) =>
  conflict('SecurityGroupRuleExists', `Security group rule already exists. Rule id is ${ruleId}.`)

// ── agents ──────────────────────────────────────────────────────────────────────

export const agentNotFound = (id: string) => notFound('AgentNotFound', `Agent ${id} could not be found.`)

export const invalidDhcpAgent = (id: string) =>
  notFound('InvalidDHCPAgent', `Agent ${id} is not a valid DHCP Agent or has been disabled.`)

export const networkHostedByDhcpAgent = (networkId: string, agentId: string) =>
  conflict('NetworkHostedByDHCPAgent', `The network ${networkId} has been already hosted by the DHCP Agent ${agentId}.`)

export const networkNotHostedByDhcpAgent = (networkId: string, agentId: string) =>
  conflict('NetworkNotHostedByDhcpAgent', `The network ${networkId} is not hosted by the DHCP agent ${agentId}.`)
