import { randomUUID } from 'node:crypto'
import { EVERYBODY } from '../../store/rbac-policies.js'
import {
  type AddressScopeRecord,
  addressScopes,
  loadAddressScope,
  lockAddressScope,
  subnetpools,
} from '../../store/subnetpools.js'
import type { Transaction } from '../../store/transaction.js'
import { flagOf, projectOf, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import { closeCompletely, openToAll } from '../rbac/sharing.js'
import type { Attributes, RequestContext, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { addressScopeInUse, addressScopeUpdate } from '../subnetpool/faults.js'
import { addressScopeCollection, showAddressScope, visibleAddressScope } from './collection.js'

/** Address scopes: sets of pools in which every address is unique. */
export function addressScopeService(core: Core): ResourceService {
  return storedCollection(core, addressScopeCollection, {
    create: async ({ tx, ctx }, item) => showAddressScope(await createScope(tx, ctx, item), ctx),
    find: visibleAddressScope,
    update: async ({ tx, ctx }, before, changes) => showAddressScope(await updateScope(tx, before, changes), ctx),
    delete: ({ tx }, { id }) => deleteScope(tx, id),
  })
}

async function createScope(tx: Transaction, ctx: RequestContext, item: Attributes): Promise<AddressScopeRecord> {
  const scope = {
    id: randomUUID(),
    projectId: projectOf(item, ctx.projectId),
    name: textOf(item, 'name'),
    ipVersion: item.ip_version === 6 ? 6 : 4,
  } as const
  await addressScopes.insert(tx.db, scope)
  if (flagOf(item, 'shared', false)) await openToAll(tx.db, 'address_scope', scope)
  return (await loadAddressScope(tx.db, scope.id))!
}

async function updateScope(
  tx: Transaction,
  before: AddressScopeRecord,
  changes: Attributes,
): Promise<AddressScopeRecord> {
  const { id } = before
  if (changes.shared === false && before.sharedWith.includes(EVERYBODY)) {
    throw addressScopeUpdate(id, "Shared address scope can't be unshared")
  }
  if (changes.shared === true) await openToAll(tx.db, 'address_scope', before)
  if (changes.name !== undefined) await addressScopes.update(tx.db, { id }, { name: textOf(changes, 'name') })
  return (await loadAddressScope(tx.db, id))!
}

async function deleteScope(tx: Transaction, id: string): Promise<void> {
  await lockAddressScope(tx.db, id)
  if (await subnetpools.findOne(tx.db, { addressScopeId: id })) throw addressScopeInUse(id)
  await closeCompletely(tx.db, 'address_scope', id)
  await addressScopes.delete(tx.db, { id })
}
