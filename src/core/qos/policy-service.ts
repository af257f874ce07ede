import { floatingIps } from '../../store/floating-ips.js'
import { networks } from '../../store/networks.js'
import { ports } from '../../store/ports.js'
import { loadQosPolicy, type QosPolicyRecord, qosPolicies } from '../../store/qos.js'
import { EVERYBODY } from '../../store/rbac-policies.js'
import { routers } from '../../store/routers.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { flagOf, listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import { rbacPolicyInUse } from '../rbac/faults.js'
import { policyUsersOfOthers } from '../rbac/in-use.js'
import { closeCompletely, closeToAll, openToAll } from '../rbac/sharing.js'
import type { Attributes, RequestContext, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { qosPolicyCollection, showPolicy, visibleQosPolicy } from './collection.js'
import { defaultExists, policyInUse } from './faults.js'

export function qosPolicyService(core: Core): ResourceService {
  return storedCollection(core, qosPolicyCollection, {
    create: async ({ tx, ctx }, item) => showPolicy(await createPolicy(tx, ctx, item), ctx),
    find: visibleQosPolicy,
    update: async ({ tx, ctx }, before, changes) => showPolicy(await updatePolicy(tx, before, changes), ctx),
    delete: ({ tx }, { id }) => deletePolicy(tx, id),
  })
}

async function createPolicy(tx: Transaction, ctx: RequestContext, item: Attributes): Promise<QosPolicyRecord> {
  const projectId = projectOf(item, ctx.projectId)
  const standard = newStandard(tx.now, {
    projectId,
    description: textOf(item, 'description'),
    tags: listOf<string>(item, 'tags'),
  })
  const isDefault = flagOf(item, 'is_default', false)
  if (isDefault) await checkNoDefault(tx.db, projectId)
  await qosPolicies.insert(tx.db, {
    ...standard,
    name: textOf(item, 'name'),
    defaultFor: isDefault ? projectId : null,
  })
  if (flagOf(item, 'shared', false)) await openToAll(tx.db, 'qos_policy', standard)
  tx.touch('qos_policy', standard.id)
  return (await loadQosPolicy(tx.db, standard.id))!
}

async function checkNoDefault(db: Db, projectId: string): Promise<void> {
  if (await qosPolicies.findOne(db, { defaultFor: projectId })) throw defaultExists(projectId)
}

async function updatePolicy(tx: Transaction, before: QosPolicyRecord, changes: Attributes): Promise<QosPolicyRecord> {
  const { id } = before
  if (changes.is_default === true && before.defaultFor === null) await checkNoDefault(tx.db, before.projectId)
  if (typeof changes.shared === 'boolean') await reshare(tx, before, changes.shared)
  const patch = patchOf<QosPolicyRecord>(changes, {
    ...standardChanges,
    is_default: (isDefault: boolean) => ({ defaultFor: isDefault ? before.projectId : null }),
  })
  await revise(tx, qosPolicies, before, patch)
  return (await loadQosPolicy(tx.db, id))!
}

async function reshare(tx: Transaction, policy: QosPolicyRecord, shared: boolean): Promise<void> {
  if (shared === policy.sharedWith.includes(EVERYBODY)) return
  if (shared) return openToAll(tx.db, 'qos_policy', policy)
  if (await policyUsersOfOthers(tx.db, policy, EVERYBODY)) {
    throw rbacPolicyInUse(policy.id, 'networks, ports, floating IPs or routers use the QoS policy')
  }
  await closeToAll(tx.db, 'qos_policy', policy.id)
}

async function deletePolicy(tx: Transaction, id: string): Promise<void> {
  const port = await ports.findOne(tx.db, { qosPolicyId: id })
  if (port) throw policyInUse(id, 'port', port.id)
  const network = await networks.findOne(tx.db, { qosPolicyId: id })
  if (network) throw policyInUse(id, 'network', network.id)
  const floatingIp = await floatingIps.findOne(tx.db, { qosPolicyId: id })
  if (floatingIp) throw policyInUse(id, 'floating IP', floatingIp.id)
  const router = await routers.findOne(tx.db, { gatewayQosPolicyId: id })
  if (router) throw policyInUse(id, 'router', router.id)
  await closeCompletely(tx.db, 'qos_policy', id)
  await qosPolicies.delete(tx.db, { id })
  tx.touch('qos_policy', id)
}
