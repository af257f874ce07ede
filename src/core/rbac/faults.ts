/** Faults of RBAC policies, with Neutron's messages. */
import { Fault } from '../faults.js'

export const rbacPolicyNotFound = (id: string) =>
  new Fault('RbacPolicyNotFound', 404, `RBAC policy with ID ${id} not found`)

export const duplicateRbacPolicy = () =>
  new Fault('DuplicateRbacPolicy', 409, 'An RBAC policy already exists with those values.')

export const rbacPolicyInUse = (objectId: string, details: string) =>
  new Fault(
    'RbacPolicyInUse',
    409,
    `RBAC policy on object ${objectId} cannot be removed because other objects depend on it.\nDetails: ${details}`,
  )
