import { sql } from 'kysely'
import type { AddressPair } from '../../model/cloud.js'
import { canonicalMac } from '../../model/mac.js'
import { isTrustedOwner } from '../../model/owners.js'
import { portSecurityGroups } from '../../store/ports.js'
import { EVERYBODY, sharedWith } from '../../store/rbac-policies.js'
import { securityGroups } from '../../store/security-groups.js'
import type { Db } from '../../store/table.js'
import type { Transaction } from '../../store/transaction.js'
import type { Core } from '../core.js'
import {
  duplicateAddressPair,
  groupsNeedPortSecurity,
  pairsNeedPortSecurity,
  securityGroupNotFound,
  tooManyAddressPairs,
} from '../fault-messages.js'
import { defaultGroup } from '../security-group/default-group.js'
import type { RequestContext } from '../service.js'

/** Groups of a new port: those asked for, or the project's default one; none on trusted or unsecured ports. */
export async function groupsOfNewPort(
  tx: Transaction,
  ctx: RequestContext,
  port: { readonly projectId: string; readonly deviceOwner: string; readonly portSecurityEnabled: boolean },
  asked: readonly string[] | null | undefined,
): Promise<readonly string[]> {
  if (asked != null) {
    if (asked.length > 0 && !port.portSecurityEnabled) throw groupsNeedPortSecurity()
    return checkGroups(tx.db, ctx, port.projectId, asked)
  }
  if (!port.portSecurityEnabled || isTrustedOwner(port.deviceOwner) || port.projectId === '') return []
  return [await defaultGroup(tx, port.projectId)]
}

/** The asked groups without repetition; each must be open to the project (any will do for an administrator). */
export async function checkGroups(
  db: Db,
  ctx: RequestContext,
  projectId: string,
  asked: readonly string[],
): Promise<readonly string[]> {
  const ids = [...new Set(asked)].sort()
  const found = await securityGroups.findIn(db, 'id', ids)
  const shared = ctx.isAdmin ? new Map<string, string[]>() : await sharedWith(db, ids)
  for (const id of ids) {
    const group = found.find((candidate) => candidate.id === id)
    const open = shared.get(id)?.some((target) => target === EVERYBODY || target === projectId) ?? false
    if (!group || (!ctx.isAdmin && group.projectId !== projectId && !open)) throw securityGroupNotFound(id)
  }
  return ids
}

export async function writeGroups(db: Db, portId: string, groups: readonly string[]): Promise<void> {
  await sql`delete from port_security_groups where port_id = ${portId}`.execute(db)
  await portSecurityGroups.insert(db, ...groups.map((securityGroupId) => ({ portId, securityGroupId })))
}

interface AskedPair {
  readonly ip_address: string
  readonly mac_address?: string | null
}

/** Further addresses a port may use; without a MAC, with the port's own. */
export function addressPairs(
  core: Core,
  asked: readonly AskedPair[],
  mac: string,
  portSecurityEnabled: boolean,
): AddressPair[] {
  const { max_allowed_address_pair: max } = core.config.DEFAULT
  if (asked.length > 0 && !portSecurityEnabled) throw pairsNeedPortSecurity()
  if (asked.length > max) throw tooManyAddressPairs(max)
  const pairs = asked.map((pair) => ({
    ip: pair.ip_address,
    mac: pair.mac_address ? (canonicalMac(pair.mac_address) ?? pair.mac_address) : mac,
  }))
  const seen = new Set<string>()
  for (const pair of pairs) {
    const key = `${pair.mac} ${pair.ip}`
    if (seen.has(key)) throw duplicateAddressPair(pair.mac, pair.ip)
    seen.add(key)
  }
  return pairs
}
