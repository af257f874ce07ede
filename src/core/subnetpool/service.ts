import { type Cidr, cidrOf } from '../../model/ip.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import {
  addressScopes,
  loadSubnetpool,
  lockAddressScope,
  type SubnetpoolRecord,
  type SubnetpoolRow,
  subnetpools,
  takenFrom,
} from '../../store/subnetpools.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import { visibleAddressScope } from '../address-scope/collection.js'
import { flagOf, listOf, numberOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import { invalidInput } from '../fault-messages.js'
import { checkScopes, routersOfPool } from '../l3/check-scopes.js'
import { checkQuota } from '../quota/limits.js'
import { closeCompletely, openToAll } from '../rbac/sharing.js'
import type { Attributes, RequestContext, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import type { Work } from '../work.js'
import { boundsOf, checkPrefixes, prefixTexts } from './bounds.js'
import { showSubnetpool, subnetpoolCollection, writableSubnetpool } from './collection.js'
import {
  illegalPrefixUpdate,
  otherPoolOnNetwork,
  poolHasAllocations,
  poolInScopeOfOthers,
  scopeOfOtherVersion,
  scopePrefixConflict,
} from './faults.js'
import { networksMixPools } from './network-pools.js'
import { anyOverlap, coversAll } from './prefixes.js'

export function subnetpoolService(core: Core): ResourceService {
  return storedCollection(core, subnetpoolCollection, {
    create: async ({ tx, ctx }, item) => showSubnetpool(await createSubnetpool(core, tx, ctx, item), ctx),
    find: writableSubnetpool,
    update: async (work, before, changes) => showSubnetpool(await updateSubnetpool(work, before, changes), work.ctx),
    delete: ({ tx }, { id }) => deleteSubnetpool(tx, id),
  })
}

async function createSubnetpool(
  core: Core,
  tx: Transaction,
  ctx: RequestContext,
  item: Attributes,
): Promise<SubnetpoolRecord> {
  const projectId = projectOf(item, ctx.projectId)
  await checkQuota(core, tx, projectId, 'subnetpool')
  const prefixes = checkPrefixes(listOf<string>(item, 'prefixes'))
  const ipVersion = prefixes[0]!.version
  const standard = newStandard(
    tx.now,
    { projectId, description: textOf(item, 'description'), tags: listOf<string>(item, 'tags') },
    0,
  )
  const addressScopeId = textOf(item, 'address_scope_id') || null
  if (addressScopeId !== null) await checkScope(tx.db, ctx, { id: standard.id, ipVersion, prefixes, addressScopeId })
  const isDefault = flagOf(item, 'is_default', false)
  if (isDefault) await checkNoDefault(tx.db, standard.id, ipVersion)
  await subnetpools.insert(tx.db, {
    ...standard,
    ...boundsOf(ipVersion, askedBounds(item)),
    name: textOf(item, 'name'),
    ipVersion,
    prefixes: prefixTexts(prefixes),
    defaultQuota: numberOf(item, 'default_quota'),
    defaultFor: isDefault ? ipVersion : null,
    addressScopeId,
    allocations: 0,
  })
  if (flagOf(item, 'shared', false)) await openToAll(tx.db, 'subnetpool', standard)
  return (await loadSubnetpool(tx.db, standard.id))!
}

function askedBounds(item: Attributes) {
  return {
    min: numberOf(item, 'min_prefixlen'),
    max: numberOf(item, 'max_prefixlen'),
    default: numberOf(item, 'default_prefixlen'),
  }
}

interface Placed {
  readonly id: string
  readonly ipVersion: 4 | 6
  readonly prefixes: readonly Cidr[]
  readonly addressScopeId: string
}

/** Within a scope every address is in one pool at most. */
export async function checkScope(db: Db, ctx: RequestContext, pool: Placed): Promise<void> {
  const scope = await visibleAddressScope(db, ctx, pool.addressScopeId)
  if (scope.ipVersion !== pool.ipVersion) throw scopeOfOtherVersion(pool.id, scope.id, scope.ipVersion)
  await lockAddressScope(db, scope.id)
  const others = await subnetpools.find(db, { addressScopeId: scope.id })
  const taken = others.filter(({ id }) => id !== pool.id).flatMap(({ prefixes }) => prefixes.map(cidrOf))
  if (anyOverlap(taken, pool.prefixes)) throw scopePrefixConflict()
}

/** In a scope, the addresses are for its owner to part: in somebody else's, a pool stays as it is. */
export async function checkOwnScope(db: Db, ctx: RequestContext, pool: SubnetpoolRow): Promise<void> {
  if (ctx.isAdmin || pool.addressScopeId === null) return
  const scope = await addressScopes.findOne(db, { id: pool.addressScopeId })
  if (scope?.projectId !== ctx.projectId) throw poolInScopeOfOthers(pool.id, pool.addressScopeId)
}

async function checkNoDefault(db: Db, id: string, ipVersion: 4 | 6): Promise<void> {
  const known = await subnetpools.findOne(db, { defaultFor: ipVersion })
  if (known && known.id !== id) {
    throw invalidInput(
      'A default subnetpool for this IP family has already been set. Only one default may exist per IP family',
    )
  }
}

async function updateSubnetpool(
  { tx, ctx }: Work,
  before: SubnetpoolRecord,
  changes: Attributes,
): Promise<SubnetpoolRecord> {
  const { id } = before
  await checkOwnScope(tx.db, ctx, before)
  const patch: Partial<SubnetpoolRow> = {
    ...patchOf<SubnetpoolRow>(changes, {
      ...standardChanges,
      default_quota: (defaultQuota: number | null) => ({ defaultQuota }),
      is_default: (isDefault: boolean) => ({ defaultFor: isDefault ? before.ipVersion : null }),
      address_scope_id: (addressScopeId: string | null) => ({ addressScopeId }),
    }),
    ...changedBounds(before, changes),
    ...changedPrefixes(before, changes),
  }
  const after = { ...before, ...patch }
  if (after.defaultFor !== null) await checkNoDefault(tx.db, id, before.ipVersion)
  await checkChangedScope(tx.db, ctx, before, after)
  await revise(tx, subnetpools, before, patch)
  if (after.addressScopeId !== before.addressScopeId) {
    for (const routerId of await routersOfPool(tx.db, id)) await checkScopes(tx.db, routerId)
  }
  return (await loadSubnetpool(tx.db, id))!
}

function changedBounds(before: SubnetpoolRow, changes: Attributes): Partial<SubnetpoolRow> {
  const asked = askedBounds(changes)
  return boundsOf(before.ipVersion, {
    min: asked.min ?? before.minPrefixlen,
    max: asked.max ?? before.maxPrefixlen,
    default: asked.default ?? before.defaultPrefixlen,
  })
}

/** Prefixes may be added; subnets may be in those that are there. */
function changedPrefixes(before: SubnetpoolRow, changes: Attributes): Partial<SubnetpoolRow> {
  if (!changes.prefixes) return {}
  const prefixes = checkPrefixes(listOf<string>(changes, 'prefixes'))
  if (prefixes[0]!.version !== before.ipVersion || !coversAll(prefixes, before.prefixes.map(cidrOf)))
    throw illegalPrefixUpdate()
  return { prefixes: prefixTexts(prefixes) }
}

async function checkChangedScope(
  db: Db,
  ctx: RequestContext,
  before: SubnetpoolRow,
  after: SubnetpoolRow,
): Promise<void> {
  const { addressScopeId } = after
  const moved = addressScopeId !== before.addressScopeId
  if (addressScopeId !== null && (moved || after.prefixes !== before.prefixes)) {
    const { id, ipVersion } = after
    await checkScope(db, ctx, { id, ipVersion, addressScopeId, prefixes: after.prefixes.map(cidrOf) })
  }
  if (moved && (await networksMixPools(db, after.id))) throw otherPoolOnNetwork()
}

async function deleteSubnetpool(tx: Transaction, id: string): Promise<void> {
  if ((await takenFrom(tx.db, id)).length > 0) throw poolHasAllocations()
  await closeCompletely(tx.db, 'subnetpool', id)
  await subnetpools.delete(tx.db, { id })
}
