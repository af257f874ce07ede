import type { IpSet } from '../../../dataplane/ipset/types.js'
import type { Family } from '../../../dataplane/iptables/types.js'

const LONGEST = 29

/** Sets that begin so are ours. */
export const SET_PREFIXES = ['NIPv4', 'NIPv6'] as const

export function setName(groupId: string, family: Family): string {
  return `${family === 'ipv4' ? 'NIPv4' : 'NIPv6'}${groupId}`.slice(0, LONGEST)
}

/** One set per group and family that has members. */
export function desiredSets(groups: ReadonlyMap<string, Readonly<Record<Family, readonly string[]>>>): IpSet[] {
  return [...groups].flatMap(([id, group]) =>
    (['ipv4', 'ipv6'] as const).flatMap((family): IpSet[] => {
      const members = group[family]
      return members.length === 0 ? [] : [{ name: setName(id, family), family, members: normalised(members, family) }]
    }),
  )
}

/** hash:net takes no /0: it is written as its two halves. Host prefixes are printed without their length. */
function normalised(members: readonly string[], family: Family): string[] {
  const host = family === 'ipv4' ? '/32' : '/128'
  const halves = family === 'ipv4' ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1']
  const all = members.flatMap((member) => {
    if (member.endsWith('/0')) return halves
    return [member.endsWith(host) ? member.slice(0, -host.length) : member]
  })
  return [...new Set(all)].sort()
}
