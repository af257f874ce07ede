import { formatCidr, parseCidr } from '../../model/ip.js'
import { type AddressGroupRecord, addressGroups, loadAddressGroup } from '../../store/address-groups.js'
import { securityGroupRules } from '../../store/security-groups.js'
import { newStandard, revise } from '../../store/standard-attributes.js'
import type { Transaction } from '../../store/transaction.js'
import { listOf, patchOf, projectOf, standardChanges, textOf } from '../attributes.js'
import type { Core } from '../core.js'
import { closeCompletely } from '../rbac/sharing.js'
import type { Attributes, RequestContext, ResourceAction, ResourceService } from '../service.js'
import { storedCollection } from '../stored-collection.js'
import { addressGroupCollection, showAddressGroup, visibleAddressGroup } from './collection.js'
import { addressesExist, addressesNotFound, addressGroupInUse } from './faults.js'

/** Groups of addresses: a rule that names one lets all of them pass, and follows what comes and goes. */
export function addressGroupService(core: Core): ResourceService {
  return storedCollection(core, addressGroupCollection, {
    create: async ({ tx, ctx }, item) => showAddressGroup(await createGroup(tx, ctx, item), ctx),
    find: visibleAddressGroup,
    update: async ({ tx, ctx }, group, changes) => {
      const { tags: _, ...common } = standardChanges
      return showAddressGroup(await change(tx, group, patchOf<AddressGroupRecord>(changes, common)), ctx)
    },
    delete: ({ tx }, { id }) => deleteGroup(tx, id),
  })
}

/** `add_addresses` and `remove_addresses`: single addresses come and go. */
export function addressGroupActions(core: Core): Readonly<Record<string, ResourceAction>> {
  const changing = (
    settle: (group: AddressGroupRecord, asked: readonly string[]) => readonly string[],
  ): ResourceAction => {
    return (ctx, id, body) =>
      core.store.transaction(ctx, async (tx) => {
        const group = await visibleAddressGroup(tx.db, ctx, id)
        const addresses = settle(group, canonical(listOf<string>(body, 'addresses')))
        return { address_group: showAddressGroup(await change(tx, group, { addresses }), ctx) }
      })
  }
  return { add_addresses: changing(withAddresses), remove_addresses: changing(withoutAddresses) }
}

function withAddresses({ id, addresses }: AddressGroupRecord, asked: readonly string[]): readonly string[] {
  const present = asked.filter((address) => addresses.includes(address))
  if (present.length > 0) throw addressesExist(id, present)
  return [...addresses, ...asked].sort()
}

function withoutAddresses({ id, addresses }: AddressGroupRecord, asked: readonly string[]): readonly string[] {
  const absent = asked.filter((address) => !addresses.includes(address))
  if (absent.length > 0) throw addressesNotFound(id, absent)
  return addresses.filter((address) => !asked.includes(address))
}

/** Each once, with its prefix length and without host bits. */
function canonical(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => formatCidr(parseCidr(address)!)))].sort()
}

async function createGroup(tx: Transaction, ctx: RequestContext, item: Attributes): Promise<AddressGroupRecord> {
  const standard = newStandard(tx.now, {
    projectId: projectOf(item, ctx.projectId),
    description: textOf(item, 'description'),
  })
  const addresses = canonical(listOf<string>(item, 'addresses'))
  await addressGroups.insert(tx.db, { ...standard, name: textOf(item, 'name'), addresses })
  tx.touch('address_group', standard.id)
  return (await loadAddressGroup(tx.db, standard.id))!
}

async function change(
  tx: Transaction,
  group: AddressGroupRecord,
  patch: Partial<AddressGroupRecord>,
): Promise<AddressGroupRecord> {
  await revise(tx, addressGroups, group, patch)
  tx.touch('address_group', group.id)
  return (await loadAddressGroup(tx.db, group.id))!
}

async function deleteGroup(tx: Transaction, id: string): Promise<void> {
  if (await securityGroupRules.findOne(tx.db, { remoteAddressGroupId: id })) throw addressGroupInUse(id)
  await closeCompletely(tx.db, 'address_group', id)
  await addressGroups.delete(tx.db, { id })
  tx.touch('address_group', id)
}
