/** Faults of subnet pools and address scopes, with Neutron's messages. */
import type { FaultTypeWith } from '../fault-types.js'
import { Fault } from '../faults.js'

const notFound = (type: FaultTypeWith<404>, message: string) => new Fault(type, 404, message)
const conflict = (type: FaultTypeWith<409>, message: string) => new Fault(type, 409, message)
const badRequest = (type: FaultTypeWith<400>, message: string) => new Fault(type, 400, message)

export const badSubnets = (reason: string) => badRequest('BadRequest', `Bad subnets request: ${reason}.`)

// ── pools ───────────────────────────────────────────────────────────────────────

export const subnetpoolNotFound = (id: string) =>
  notFound('SubnetPoolNotFound', `Subnet pool ${id} could not be found.`)

export const emptyPrefixes = () => badRequest('EmptySubnetPoolPrefixList', 'Empty subnet pool prefix list.')

export const mixedPrefixes = () =>
  badRequest('PrefixVersionMismatch', 'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.')

export const illegalBounds = (name: string, length: number, baseName: string, base: number) =>
  badRequest('IllegalSubnetPoolPrefixBounds', `Illegal prefix bounds: ${name}=${length}, ${baseName}=${base}.`)

export const illegalPrefixUpdate = () =>
  badRequest(
    'IllegalSubnetPoolPrefixUpdate',
    'Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.',
  )

export const allocatedPrefixes = () =>
  badRequest(
    'IllegalSubnetPoolPrefixUpdate',
    'Illegal update to prefixes: One or more prefixes overlap with existing allocations.',
  )

export const alreadyInPool = (networkId: string, poolId: string) =>
  badRequest(
    'IllegalSubnetPoolUpdate',
    `Illegal subnetpool update : Subnets of network ${networkId} are already in subnet pool ${poolId}.`,
  )

export const poolInScopeOfOthers = (id: string, scopeId: string) =>
  badRequest(
    'IllegalSubnetPoolUpdate',
    `Illegal subnetpool update : subnetpool ${id} cannot be updated when associated with shared address scope ${scopeId}.`,
  )

export const poolHasAllocations = () =>
  badRequest('SubnetPoolDeleteError', 'Unable to delete subnet pool: Subnet pool has existing allocations.')

export const poolQuotaExceeded = () =>
  conflict('SubnetPoolQuotaExceeded', 'Per-tenant subnet pool prefix quota exceeded.')

export const prefixTooShort = (length: number, min: number) =>
  badRequest(
    'MinPrefixSubnetAllocationError',
    `Unable to allocate subnet with prefix length ${length}, minimum allowed prefix is ${min}.`,
  )

export const prefixTooLong = (length: number, max: number) =>
  badRequest(
    'MaxPrefixSubnetAllocationError',
    `Unable to allocate subnet with prefix length ${length}, maximum allowed prefix is ${max}.`,
  )

export const noRoom = (length: number) =>
  conflict(
    'SubnetAllocationError',
    `Failed to allocate subnet: Insufficient prefix space to allocate subnet size /${length}.`,
  )

export const prefixNotFree = () =>
  conflict(
    'SubnetAllocationError',
    'Failed to allocate subnet: Cannot allocate requested subnet from the available set of prefixes.',
  )

export const otherPoolOnNetwork = () =>
  badRequest(
    'NetworkSubnetPoolAffinityError',
    'Subnets hosted on the same network must be allocated from the same subnet pool.',
  )

// ── address scopes ──────────────────────────────────────────────────────────────

export const addressScopeNotFound = (id: string) =>
  notFound('AddressScopeNotFound', `Address scope ${id} could not be found.`)

export const addressScopeInUse = (id: string) =>
  conflict(
    'AddressScopeInUse',
    `Unable to complete operation on address scope ${id}. There are one or more subnet pools in use on the address scope.`,
  )

export const addressScopeUpdate = (id: string, reason: string) =>
  badRequest('AddressScopeUpdateError', `Unable to update address scope ${id} : ${reason}.`)

export const scopeOfOtherVersion = (poolId: string, scopeId: string, version: number) =>
  badRequest(
    'IllegalSubnetPoolIpVersionAssociationToAddressScope',
    `Illegal subnetpool association: subnetpool ${poolId} cannot associate with address scope ${scopeId} because subnetpool ip_version is not ${version}.`,
  )

export const scopePrefixConflict = () =>
  conflict(
    'AddressScopePrefixConflict',
    'Failed to associate address scope: subnetpools within an address scope must have unique prefixes.',
  )

export const otherScopeOnNetwork = () =>
  badRequest(
    'NetworkAddressScopeAffinityError',
    'Subnets hosted on the same network must be allocated from the same address scope.',
  )
