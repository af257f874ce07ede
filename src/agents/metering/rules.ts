import type { MeteringLabelView } from '../../bus/contracts/host-view.js'
import type { RuleSet } from '../../dataplane/iptables/types.js'
import type { CloudMeteringRule } from '../../model/cloud.js'
import { cidrOf, formatCidr, type IpVersion } from '../../model/ip.js'

/** Every chain of ours begins like this. */
const WRAP = 'neutron-meter'
const CHAIN_LENGTH = 28
const TOP = `${WRAP}-FORWARD`

/** The chain whose only rule counts what a label counts. */
export const labelChain = (labelId: string) => `${WRAP}-l-${labelId}`.slice(0, CHAIN_LENGTH)
/** The chain that picks the packets of a label. */
const rulesChain = (labelId: string) => `${WRAP}-r-${labelId}`.slice(0, CHAIN_LENGTH)

/** Nothing of ours. */
export const NO_METERS: RuleSet = { ownPrefixes: [`${WRAP}-`], tables: {} }

/**
 * What labels count of one IP version at one external device. It comes after everything in FORWARD: what is dropped is
 * not counted, and the L3 agent's chains keep their place at the top.
 */
export function meterRules(labels: readonly MeteringLabelView[], device: string, version: IpVersion): RuleSet {
  if (labels.length === 0) return NO_METERS
  const chains: Record<string, readonly string[]> = {
    [TOP]: labels.map(({ id }) => `-j ${rulesChain(id)}`),
  }
  for (const { id, rules } of labels) {
    chains[rulesChain(id)] = orderedRules(rules, version).map((rule) => ruleText(rule, device, labelChain(id)))
    // no target: only its counters matter
    chains[labelChain(id)] = ['']
  }
  return { ...NO_METERS, tables: { filter: { chains, builtin: { FORWARD: { bottom: [`-j ${TOP}`] } } } } }
}

/** Whether a rule is about packets of this version. */
export function isOfVersion(rule: CloudMeteringRule, version: IpVersion): boolean {
  const prefix = rule.remoteIpPrefix ?? rule.sourceIpPrefix ?? rule.destinationIpPrefix
  return prefix !== null && cidrOf(prefix).version === version
}

/** What is excluded comes first, or it would have been counted already. */
function orderedRules(rules: readonly CloudMeteringRule[], version: IpVersion): CloudMeteringRule[] {
  const own = rules.filter((rule) => isOfVersion(rule, version))
  return [...own.filter(({ excluded }) => excluded), ...own.filter(({ excluded }) => !excluded)]
}

/** As iptables-save prints it. */
function ruleText(rule: CloudMeteringRule, device: string, chain: string): string {
  const out = rule.direction === 'egress'
  const source = out ? (rule.remoteIpPrefix ?? rule.sourceIpPrefix) : rule.sourceIpPrefix
  const destination = out ? rule.destinationIpPrefix : (rule.remoteIpPrefix ?? rule.destinationIpPrefix)
  return [
    ...prefixMatch('-s', source),
    ...prefixMatch('-d', destination),
    `${out ? '-o' : '-i'} ${device}`,
    `-j ${rule.excluded ? 'RETURN' : chain}`,
  ].join(' ')
}

/** Every address needs no match. */
function prefixMatch(option: '-s' | '-d', prefix: string | null): string[] {
  if (prefix === null) return []
  const cidr = cidrOf(prefix)
  return cidr.prefix === 0 ? [] : [`${option} ${formatCidr(cidr)}`]
}
