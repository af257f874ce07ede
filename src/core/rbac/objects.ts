/** What policies can be about: the kinds of objects, what each may be opened for, and who would miss it. */
import { addressGroups } from '../../store/address-groups.js'
import { networks } from '../../store/networks.js'
import { qosPolicies } from '../../store/qos.js'
import type { RbacPolicy, SharedType, SharingAction } from '../../store/rbac-policies.js'
import { securityGroups } from '../../store/security-groups.js'
import { addressScopes, subnetpools } from '../../store/subnetpools.js'
import type { Db } from '../../store/table.js'
import { addressGroupCollection } from '../address-group/collection.js'
import { addressScopeCollection } from '../address-scope/collection.js'
import { requireVisible } from '../collection.js'
import { networkCollection } from '../network/collection.js'
import { qosPolicyCollection } from '../qos/collection.js'
import { securityGroupCollection } from '../security-group/service.js'
import type { RequestContext } from '../service.js'
import { subnetpoolCollection } from '../subnetpool/collection.js'
import {
  addressGroupUsersOfOthers,
  gatewaysOfOthers,
  groupUsersOfOthers,
  policyUsersOfOthers,
  poolUsersOfOthers,
  portsOfOthers,
  scopeUsersOfOthers,
} from './in-use.js'

export interface Owned {
  readonly id: string
  readonly projectId: string
}

interface Kind {
  readonly collection: Parameters<typeof requireVisible>[1]
  readonly owner: (db: Db, id: string) => Promise<Owned | undefined>
  /** by what the object is opened for: why this access cannot end, if so */
  readonly actions: Readonly<
    Partial<
      Record<
        SharingAction,
        { readonly used: (db: Db, object: Owned, target: string) => Promise<boolean>; readonly why: string }
      >
    >
  >
}

export const KINDS: Readonly<Record<SharedType, Kind>> = {
  network: {
    collection: networkCollection,
    owner: (db, id) => networks.findOne(db, { id }),
    actions: {
      access_as_shared: { used: portsOfOthers, why: 'ports of other projects are on the network' },
      access_as_external: { used: gatewaysOfOthers, why: 'gateways or floating IPs of other projects use the network' },
    },
  },
  security_group: {
    collection: securityGroupCollection,
    owner: (db, id) => securityGroups.findOne(db, { id }),
    actions: {
      access_as_shared: {
        used: groupUsersOfOthers,
        why: 'ports or rules of other projects use the security group',
      },
    },
  },
  subnetpool: {
    collection: subnetpoolCollection,
    owner: (db, id) => subnetpools.findOne(db, { id }),
    actions: {
      access_as_shared: { used: poolUsersOfOthers, why: 'subnets of other projects were taken from the subnet pool' },
    },
  },
  address_scope: {
    collection: addressScopeCollection,
    owner: (db, id) => addressScopes.findOne(db, { id }),
    actions: {
      access_as_shared: { used: scopeUsersOfOthers, why: 'subnet pools of other projects are in the address scope' },
    },
  },
  qos_policy: {
    collection: qosPolicyCollection,
    owner: (db, id) => qosPolicies.findOne(db, { id }),
    actions: {
      access_as_shared: { used: policyUsersOfOthers, why: 'networks or ports of other projects use the QoS policy' },
    },
  },
  address_group: {
    collection: addressGroupCollection,
    owner: (db, id) => addressGroups.findOne(db, { id }),
    actions: {
      access_as_shared: { used: addressGroupUsersOfOthers, why: 'rules of other projects name the address group' },
    },
  },
}

/** The object of a policy, which the caller must see; the kind's NotFound otherwise. */
export async function visibleObject(db: Db, ctx: RequestContext, type: SharedType, id: string): Promise<Owned> {
  await requireVisible(db, KINDS[type].collection, ctx, id)
  return (await KINDS[type].owner(db, id))!
}

/** Why the policy's access cannot end; null when nobody would miss it. */
export async function whyNeeded(db: Db, policy: RbacPolicy): Promise<string | null> {
  const kind = KINDS[policy.objectType]
  const object = await kind.owner(db, policy.objectId)
  const action = kind.actions[policy.action]
  if (!object || !action) return null
  return (await action.used(db, object, policy.targetProject)) ? action.why : null
}
