import { cidrOf, cidrsOverlap } from '../../model/ip.js'
import type { MeteringLabelRuleRecord } from '../../store/metering-labels.js'
import { duplicateRule, prefixRequired, remotePrefixAlone, ruleOverlaps, versionsDiffer } from './faults.js'

/** Either a remote prefix or one of source and destination, or both of these. */
export function checkPrefixes({ remoteIpPrefix, sourceIpPrefix, destinationIpPrefix }: MeteringLabelRuleRecord): void {
  if (remoteIpPrefix && (sourceIpPrefix || destinationIpPrefix)) throw remotePrefixAlone()
  const given = [remoteIpPrefix, sourceIpPrefix, destinationIpPrefix].filter((prefix) => prefix !== null)
  if (given.length === 0) throw prefixRequired()
  if (new Set(given.map((prefix) => cidrOf(prefix).version)).size > 1) throw versionsDiffer()
}

/** Of one label, direction and sense, remote prefixes do not overlap, and no rule is there twice: it would count twice. */
export function checkOverlap(rule: MeteringLabelRuleRecord, others: readonly MeteringLabelRuleRecord[]): void {
  const alike = others.filter(({ direction, excluded }) => direction === rule.direction && excluded === rule.excluded)
  for (const other of alike) {
    const { remoteIpPrefix } = rule
    if (remoteIpPrefix && other.remoteIpPrefix && cidrsOverlap(cidrOf(remoteIpPrefix), cidrOf(other.remoteIpPrefix)))
      throw ruleOverlaps(remoteIpPrefix)
    if (!remoteIpPrefix && !other.remoteIpPrefix && matchesSame(rule, other)) throw duplicateRule()
  }
}

function matchesSame(a: MeteringLabelRuleRecord, b: MeteringLabelRuleRecord): boolean {
  const key = (prefix: string | null) => {
    if (prefix === null) return ''
    const { version, network, prefix: length } = cidrOf(prefix)
    return `${version} ${network} ${length}`
  }
  return key(a.sourceIpPrefix) === key(b.sourceIpPrefix) && key(a.destinationIpPrefix) === key(b.destinationIpPrefix)
}
