import type { PortView } from '../../../bus/contracts/host-view.js'
import type { Family } from '../../../dataplane/iptables/types.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { cidrOf, formatCidr, ipVersion } from '../../../model/ip.js'
import { linkLocal } from '../../../model/mac.js'
import { type Remotes, translateRule } from './group-rules.js'
import type { FilteredPort } from './hybrid.js'
import { logChains, type Translate, toLog } from './log-chains.js'
import {
  droppedChain,
  egressChain,
  FALLBACK,
  ingressChain,
  loggedEgressChain,
  loggedIngressChain,
  NOTE,
  sourceChain,
} from './text.js'

/** Chains of one filtered port in one family. */
export function portChains(
  { port, rules, tracked, logged }: FilteredPort,
  family: Family,
  remotes: Remotes,
): Record<string, readonly string[]> {
  const own = new Set(port.fixedIps.map(({ ip }) => ip))
  const translated: Translate = (rules, direction) => {
    const lines = rules
      .filter((rule) => rule.direction === direction)
      .flatMap((rule) => translateRule(rule, family, own, remotes))
    return [...new Set(lines)]
  }
  const drop = logged?.drops ? droppedChain(port.id) : 'DROP'
  const sources = sourceRules(port, family, drop)
  const toSource = sources.length > 0 ? [`-j ${sourceChain(port.id)}`] : []
  const tail = (chain: string, direction: CloudSecurityGroupRule['direction']) => [
    ...toLog(chain, logged, tracked),
    ...translated(rules, direction),
    `-m state --state INVALID ${NOTE.invalid} -j ${drop}`,
    `${NOTE.unmatched} -j ${logged?.drops ? drop : FALLBACK}`,
  ]
  const egress = tail(loggedEgressChain(port.id), 'egress')
  return {
    [ingressChain(port.id)]: ingress(port, family, tail(loggedIngressChain(port.id), 'ingress')),
    [egressChain(port.id)]: family === 'ipv4' ? egressV4(toSource, drop, egress) : egressV6(toSource, drop, egress),
    ...(sources.length > 0 ? { [sourceChain(port.id)]: sources } : {}),
    ...(logged ? logChains(port, logged, translated) : {}),
  }
}

const ESTABLISHED = `-m state --state RELATED,ESTABLISHED ${NOTE.established} -j RETURN`

const udp = (from: number, to: number) => `-p udp -m udp --sport ${from} --dport ${to}`
const icmp6 = (type: number) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type}`

function egressV4(toSource: readonly string[], drop: string, rules: readonly string[]): string[] {
  return [
    `-s 0.0.0.0/32 -d 255.255.255.255/32 ${udp(68, 67)} ${NOTE.dhcpClient} -j RETURN`,
    ...toSource,
    `${udp(68, 67)} ${NOTE.dhcpClient} -j RETURN`,
    `${udp(67, 68)} ${NOTE.dhcpSpoof} -j ${drop}`,
    ESTABLISHED,
    ...rules,
  ]
}

/** Listener reports, solicitations and duplicate address detection start without an address. */
const FROM_UNSPECIFIED = [131, 135, 143]

function egressV6(toSource: readonly string[], drop: string, rules: readonly string[]): string[] {
  return [
    ...FROM_UNSPECIFIED.map((type) => `-s ::/128 -d ff02::/16 ${icmp6(type)} ${NOTE.icmpv6} -j RETURN`),
    ...toSource,
    `${icmp6(134)} ${NOTE.advertisement} -j ${drop}`,
    `-p ipv6-icmp ${NOTE.icmpv6} -j RETURN`,
    `${udp(546, 547)} ${NOTE.dhcpClient} -j RETURN`,
    `${udp(547, 546)} ${NOTE.dhcpSpoof} -j ${drop}`,
    ESTABLISHED,
    ...rules,
  ]
}

function ingress(port: PortView, family: Family, rules: readonly string[]): string[] {
  const discovery = family === 'ipv6' ? [130, 135, 136].map((type) => `${icmp6(type)} -j RETURN`) : []
  return [...discovery, ESTABLISHED, ...serviceRules(port, family), ...rules]
}

/** DHCP answers and router advertisements reach the port whatever its groups say. */
function serviceRules(port: PortView, family: Family): string[] {
  const addresses = addressesOf(port, family)
  if (family === 'ipv4') {
    return [...addresses.map((ip) => `${ip}/32`), '255.255.255.255/32'].map((ip) => `-d ${ip} ${udp(67, 68)} -j RETURN`)
  }
  return [
    ...(addresses.length > 0 ? [`${icmp6(134)} -j RETURN`] : []),
    ...[...addresses.map((ip) => `${ip}/128`), 'fe80::/64'].map((ip) => `-d ${ip} ${udp(547, 546)} -j RETURN`),
  ]
}

function addressesOf(port: PortView, family: Family): string[] {
  const version = family === 'ipv4' ? 4 : 6
  return port.fixedIps.map(({ ip }) => ip).filter((ip) => ipVersion(ip) === version)
}

/** What the port may send from; empty when it has no address of the family (then there is no chain). */
function sourceRules(port: PortView, family: Family, drop: string): string[] {
  const allowed = sourcePairs(port, family).map(({ ip, mac }) => {
    const prefix = ip === null || ip.endsWith('/0') ? '' : `-s ${ip} `
    return `${prefix}-m mac --mac-source ${mac} ${NOTE.pairAllow} -j RETURN`
  })
  return allowed.length === 0 ? [] : [...new Set(allowed), `${NOTE.pairDrop} -j ${drop}`]
}

function sourcePairs(port: PortView, family: Family): { readonly ip: string | null; readonly mac: string }[] {
  const pairs = [...port.allowedAddressPairs, ...port.fixedIps.map(({ ip }) => ({ ip, mac: port.mac }))].map(
    ({ ip, mac }) => ({ cidr: cidrOf(ip), mac }),
  )
  const version = family === 'ipv4' ? 4 : 6
  const own = pairs
    .filter(({ cidr }) => cidr.version === version)
    .map(({ cidr, mac }) => ({ ip: formatCidr(cidr), mac }))
  const anyAddress = port.fixedIps.length === 0 ? [{ ip: null, mac: port.mac }] : []
  if (family === 'ipv4' || own.length === 0) return [...own, ...anyAddress]
  const macs = [...new Set(own.map(({ mac }) => mac))]
  return [...own, ...macs.map((mac) => ({ ip: `${linkLocal(mac)}/128`, mac })), ...anyAddress]
}
