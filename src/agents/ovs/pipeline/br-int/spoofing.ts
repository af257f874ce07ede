import type { Flow } from '../../../../dataplane/openflow/flow.js'
import type { Match } from '../../../../dataplane/openflow/match.js'
import { canonicalIp, cidrOf, formatCidr, ipVersion } from '../../../../model/ip.js'
import { linkLocal } from '../../../../model/mac.js'
import type { LocalPort } from '../../desired/facts.js'
import { brInt } from './tables.js'

const feature = 'spoofing' as const
const toSwitching = [{ kind: 'goto', table: 'PACKET_RATE_LIMIT' }] as const

/**
 * A guest's port may only use its own addresses. It may not tag frames either: behind table 0 a tag is a local
 * VLAN, so a guest could name any network of the host.
 */
export function untaggedOnlyFlow(ofport: number): Flow {
  return brInt.flow({
    table: 'LOCAL_SWITCHING',
    priority: 100,
    match: { inPort: ofport, vlan: 'any' },
    feature,
    why: 'a guest cannot choose a local VLAN',
  })
}

/** The dead VLAN stops what is switched by VLAN; frames that the guest tagged itself would get around it. */
export function deadPortFlow(ofport: number): Flow {
  return brInt.flow({
    table: 'LOCAL_SWITCHING',
    priority: 101,
    match: { inPort: ofport },
    feature,
    why: 'a device that must not carry traffic',
  })
}

export function spoofingFlows({ port, ofport: inPort }: LocalPort): Flow[] {
  const pairs = port.allowedAddressPairs
  const macs = [...new Set([port.mac, ...pairs.map(({ mac }) => mac)])].sort()
  const addresses = [...new Set([...port.fixedIps.map(({ ip }) => ip), ...pairs.map(({ ip }) => ip)])].sort()
  const v4 = addresses.filter((address) => ipVersion(address.split('/')[0]!) === 4)
  const v6 = addresses.filter((address) => ipVersion(address.split('/')[0]!) === 6)
  return [
    ...toChecks(inPort),
    ...arpMatches(inPort, v4).map((match) =>
      brInt.flow({
        table: 'ARP_SPOOFING',
        priority: 2,
        match,
        actions: [{ kind: 'goto', table: 'MAC_SPOOFING' }],
        feature,
        why: 'ARP from an address of the port',
      }),
    ),
    ...[...new Set([...v6.map(prefixText), ...macs.map(linkLocal)])].map((target) =>
      brInt.flow({
        table: 'ARP_SPOOFING',
        priority: 2,
        match: { ...advertisement(inPort), ...(target.endsWith('/0') ? {} : { ndTarget: target }) },
        actions: toSwitching,
        feature,
        why: 'neighbour advertisement for an address of the port',
      }),
    ),
    ...macs.map((ethSrc) =>
      brInt.flow({
        table: 'MAC_SPOOFING',
        priority: 2,
        match: { inPort, ethSrc },
        actions: [{ kind: 'goto', table: 'LOCAL_EGRESS' }],
        feature,
        why: 'from a MAC of the port',
      }),
    ),
  ]
}

const advertisement = (inPort: number): Match => ({ proto: 'icmp6', inPort, icmpType: 136 })

function toChecks(inPort: number): Flow[] {
  const check = (match: Match, why: string) =>
    brInt.flow({
      table: 'LOCAL_SWITCHING',
      priority: 10,
      match,
      actions: [{ kind: 'goto', table: 'ARP_SPOOFING' }],
      feature,
      why,
    })
  return [
    check({ proto: 'arp', inPort }, 'ARP of a guest'),
    check(advertisement(inPort), 'neighbour advertisement of a guest'),
    brInt.flow({
      table: 'LOCAL_SWITCHING',
      priority: 9,
      match: { inPort },
      actions: [{ kind: 'goto', table: 'MAC_SPOOFING' }],
      feature,
      why: 'from a guest',
    }),
  ]
}

/** A pair for every address (/0) means that the sender address is not checked. */
function arpMatches(inPort: number, addresses: readonly string[]): Match[] {
  const arp = { proto: 'arp', inPort } as const
  if (addresses.some((address) => address.endsWith('/0'))) return [arp]
  return [...new Set(addresses.map(prefixText))].map((arpSpa) => ({ ...arp, arpSpa }))
}

/** As Open vSwitch prints it: a host prefix without its length. */
function prefixText(text: string): string {
  const cidr = cidrOf(text)
  return cidr.prefix === (cidr.version === 4 ? 32 : 128) ? canonicalIp(text.split('/')[0]!) : formatCidr(cidr)
}
