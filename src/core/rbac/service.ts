import { randomUUID } from 'node:crypto'
import { networks } from '../../store/networks.js'
import {
  EVERYBODY,
  type RbacPolicy,
  rbacPolicies,
  type SharedType,
  type SharingAction,
} from '../../store/rbac-policies.js'
import { revise } from '../../store/standard-attributes.js'
import { subnetpools } from '../../store/subnetpools.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { projectOf, textOf } from '../attributes.js'
import { byId, type Collection, findVisible, visibleOwn } from '../collection.js'
import type { Core } from '../core.js'
import { invalidInput } from '../fault-messages.js'
import { checkQuota } from '../quota/limits.js'
import type { Attributes, RequestContext, Resource, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { duplicateRbacPolicy, rbacPolicyInUse, rbacPolicyNotFound } from './faults.js'
import { KINDS, visibleObject, whyNeeded } from './objects.js'

const collection: Collection<Resource> = {
  table: rbacPolicies,
  names: { tenant_id: 'project_id', target_tenant: 'target_project' },
  load: async (db, ids) => (await rbacPolicies.findIn(db, 'id', ids)).map(showPolicy),
  visible: visibleOwn('rbac_policies'),
  notFound: rbacPolicyNotFound,
}

const visiblePolicy = findVisible(collection, byId(rbacPolicies))

function showPolicy(policy: RbacPolicy): Resource {
  return {
    id: policy.id,
    tenant_id: policy.projectId,
    project_id: policy.projectId,
    object_type: policy.objectType,
    object_id: policy.objectId,
    action: policy.action,
    target_tenant: policy.targetProject,
  }
}

/** `/rbac-policies`: which other projects may use an object, and for what. */
export function rbacPolicyService(core: Core): ResourceService {
  return storedCollection(core, collection, {
    create: async ({ tx, ctx }, item) => showPolicy(await createPolicy(core, tx, ctx, item)),
    find: visiblePolicy,
    update: async ({ tx }, before, changes) => showPolicy(await updatePolicy(tx, before, changes)),
    delete: async ({ tx }, policy) => {
      await checkUnneeded(tx.db, policy)
      await checkNotDefault(tx.db, policy)
      await rbacPolicies.delete(tx.db, { id: policy.id })
      await objectChanged(tx, policy)
    },
  })
}

async function createPolicy(core: Core, tx: Transaction, ctx: RequestContext, item: Attributes): Promise<RbacPolicy> {
  const objectType = textOf(item, 'object_type') as SharedType
  const action = textOf(item, 'action') as SharingAction
  const allowed = Object.keys(KINDS[objectType].actions)
  if (!allowed.includes(action)) {
    throw invalidInput(
      `Invalid action '${action}' for object type '${objectType}'. Valid actions: ${allowed.join(', ')}`,
    )
  }
  const object = await visibleObject(tx.db, ctx, objectType, textOf(item, 'object_id'))
  if (!ctx.isAdmin && object.projectId !== ctx.projectId) {
    throw invalidInput(`Only admins can manipulate policies on ${objectType} objects they do not own`)
  }
  const projectId = projectOf(item, ctx.projectId)
  await checkQuota(core, tx, projectId, 'rbac_policy')
  const policy = { objectType, objectId: object.id, action, targetProject: textOf(item, 'target_tenant') }
  await checkNew(tx.db, policy)
  if (objectType === 'subnetpool') await checkScopeOpen(tx.db, object.id, policy.targetProject)
  const made = { id: randomUUID(), projectId, ...policy }
  await rbacPolicies.insert(tx.db, made)
  await objectChanged(tx, made)
  return made
}

/** A network is external as long as it is opened to somebody as that; who may use it belongs to its revision. */
async function objectChanged(tx: Transaction, policy: RbacPolicy): Promise<void> {
  const { objectType, objectId: id, action } = policy
  if (objectType !== 'network') return
  const network = (await networks.findOne(tx.db, { id }))!
  const external = await rbacPolicies.findOne(tx.db, { objectType, objectId: id, action: 'access_as_external' })
  const opened = action === 'access_as_external' ? { external: external !== undefined } : {}
  await revise(tx, networks, network, opened)
  tx.touch('network', id)
}

/** Everybody's auto-allocated router leads to the default external network. */
async function checkNotDefault(db: Db, { objectType, objectId, action, targetProject }: RbacPolicy): Promise<void> {
  if (objectType !== 'network' || action !== 'access_as_external' || targetProject !== EVERYBODY) return
  const network = await networks.findOne(db, { id: objectId })
  if (network?.isDefault) throw rbacPolicyInUse(objectId, 'Default external networks must be shared to everyone.')
}

/** A pool may be opened to those who may use its address scope; by a policy, as Neutron looks at it. */
async function checkScopeOpen(db: Db, poolId: string, target: string): Promise<void> {
  const pool = await subnetpools.findOne(db, { id: poolId })
  if (!pool?.addressScopeId) return
  const policies = await rbacPolicies.find(db, { objectType: 'address_scope', objectId: pool.addressScopeId })
  if (policies.some(({ targetProject }) => targetProject === EVERYBODY || targetProject === target)) return
  throw invalidInput(
    `Failed to create RBAC policy on object ${poolId} because target project doesn't have access to associated address scope.`,
  )
}

async function checkNew(db: Db, policy: Omit<RbacPolicy, 'id' | 'projectId'>): Promise<void> {
  if (await rbacPolicies.findOne(db, policy)) throw duplicateRbacPolicy()
}

/** The target may change; those who were meant before must be able to do without. */
async function updatePolicy(tx: Transaction, before: RbacPolicy, changes: Attributes): Promise<RbacPolicy> {
  const { db } = tx
  const targetProject = textOf(changes, 'target_tenant', before.targetProject)
  if (targetProject === before.targetProject) return before
  const after = { ...before, targetProject }
  const { objectType, objectId, action } = before
  await checkNew(db, { objectType, objectId, action, targetProject })
  await checkNotDefault(db, before)
  // Neutron asks whether those who were meant before can do without, whoever is meant then; not so of gateways
  const covered = action === 'access_as_external'
  if (!covered && targetProject !== EVERYBODY) await checkUnneeded(db, before)
  await rbacPolicies.update(db, { id: before.id }, { targetProject })
  if (covered) await checkUnneeded(db, before)
  await objectChanged(tx, after)
  return after
}

async function checkUnneeded(db: Db, policy: RbacPolicy): Promise<void> {
  const reason = await whyNeeded(db, policy)
  if (reason !== null) throw rbacPolicyInUse(policy.objectId, reason)
}
