import type { SavedRules } from '../../../dataplane/iptables/save-text.js'

/** Numbers up to 4096 are left to zones that are made from VLANs. */
const FIRST = 4097
const LAST = 65535

/** Conntrack zones per port: those in use stay, others get the lowest free number. Null in place of a zone: none left. */
export function allocateZones(existing: ReadonlyMap<string, number>, portIds: readonly string[]): Map<string, number> {
  const zones = new Map<string, number>()
  const taken = new Set<number>()
  const sorted = [...portIds].sort()
  for (const id of sorted) {
    const zone = existing.get(id)
    if (zone === undefined || taken.has(zone)) continue
    zones.set(id, zone)
    taken.add(zone)
  }
  let next = FIRST
  for (const id of sorted) {
    if (zones.has(id)) continue
    while (taken.has(next)) next++
    if (next > LAST) break
    zones.set(id, next)
    taken.add(next)
  }
  return zones
}

/** The map a process that starts fresh finds in the rules of its predecessor. */
export function zonesInRules(rules: SavedRules): Map<string, number> {
  const zones = new Map<string, number>()
  for (const chain of rules.get('raw')?.values() ?? []) {
    for (const rule of chain.rules) {
      const match = rule.match(/"Set zone for ([^"]+)" -j CT --zone (\d+)/)
      if (match) zones.set(match[1]!, Number(match[2]))
    }
  }
  return zones
}
