const FIRST = 1
const LAST = 4094

export interface VlanAllocation {
  readonly vlans: ReadonlyMap<string, number>
  /** networks for which none was left */
  readonly failed: readonly string[]
}

/**
 * Local VLANs: networks keep the one they have, others get the lowest free one. Two networks that claim the same
 * one (a port's record was tampered with): the first by id keeps it.
 */
export function allocateVlans(existing: ReadonlyMap<string, number>, networkIds: readonly string[]): VlanAllocation {
  const vlans = new Map<string, number>()
  const taken = new Set<number>()
  const sorted = [...new Set(networkIds)].sort()
  for (const id of sorted) {
    const vlan = existing.get(id)
    if (vlan === undefined || vlan < FIRST || vlan > LAST || taken.has(vlan)) continue
    vlans.set(id, vlan)
    taken.add(vlan)
  }
  const failed: string[] = []
  let next = FIRST
  for (const id of sorted) {
    if (vlans.has(id)) continue
    while (taken.has(next)) next++
    if (next > LAST) failed.push(id)
    else {
      vlans.set(id, next)
      taken.add(next)
    }
  }
  return { vlans, failed }
}
