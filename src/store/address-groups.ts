import type { CloudAddressGroup } from '../model/cloud.js'
import { sharedWith } from './rbac-policies.js'
import { standardColumns } from './standard-attributes.js'
import { type Db, json, type RecordOf, Table, text } from './table.js'

export const addressGroups = new Table('address_groups', {
  ...standardColumns,
  name: text('name'),
  /** CIDRs of either IP version, canonical, sorted */
  addresses: json<readonly string[]>('addresses'),
})

export interface AddressGroupRecord extends RecordOf<typeof addressGroups.columns> {
  /** projects beside the owner that may use the group; `*` is all */
  readonly sharedWith: readonly string[]
}

export async function loadAddressGroups(db: Db, ids: readonly string[]): Promise<AddressGroupRecord[]> {
  const rows = await addressGroups.findIn(db, 'id', ids)
  const targets = await sharedWith(db, ids)
  return rows.map((row) => ({ ...row, sharedWith: targets.get(row.id) ?? [] }))
}

export async function loadAddressGroup(db: Db, id: string): Promise<AddressGroupRecord | undefined> {
  return (await loadAddressGroups(db, [id]))[0]
}

export async function renderAddressGroups(db: Db, ids: readonly string[]): Promise<CloudAddressGroup[]> {
  const rows = await addressGroups.findIn(db, 'id', ids)
  return rows.map(({ id, addresses }) => ({ kind: 'address_group', id, addresses }))
}
