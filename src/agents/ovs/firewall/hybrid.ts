import type { PortView, SecurityGroupView } from '../../../bus/contracts/host-view.js'
import type { IpSet } from '../../../dataplane/ipset/types.js'
import type { Family, RuleSet, TableRules } from '../../../dataplane/iptables/types.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { qvbName, tapName } from '../../../model/device-names.js'
import { type Facts, hasFilterBridge, isFiltered } from '../desired/facts.js'
import type { Remotes } from './group-rules.js'
import type { LoggedPackets } from './log-chains.js'
import { portChains } from './port-rules.js'
import { desiredSets } from './sets.js'
import {
  comment,
  droppedChain,
  ENDED,
  ENDED_MARK,
  egressChain,
  FALLBACK,
  FILTER_TOP,
  ingressChain,
  NOTE,
  OWN_PREFIXES,
  SG_CHAIN,
  WRAP,
} from './text.js'
import { allocateZones } from './zones.js'

/** A port whose traffic is filtered on its bridge, with all rules of its groups. */
export interface FilteredPort {
  readonly port: PortView
  readonly rules: readonly CloudSecurityGroupRule[]
  readonly zone: number
  /** false: all its groups are stateless, so its packets are not tracked */
  readonly tracked: boolean
  /** null: nothing is logged */
  readonly logged: LoggedPackets | null
}

export interface Firewall {
  readonly rules: Readonly<Record<Family, RuleSet>>
  /** the same where nothing is logged, for a kernel that cannot; null: nothing is logged anyway */
  readonly unlogged: Readonly<Record<Family, RuleSet>> | null
  readonly sets: readonly IpSet[]
  readonly ports: readonly FilteredPort[]
  /** of the groups that local rules name as remote group, by group id */
  readonly members: ReadonlyMap<string, Members>
}

/** Addresses of a group's ports; the same arrays as long as nothing changed. */
export interface Members {
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

/** The iptables_hybrid firewall: every filtered port has a bridge of its own (qbr), where iptables sees its packets. */
export function desiredFirewall(facts: Facts, zonesInUse: ReadonlyMap<string, number>): Firewall {
  if (facts.settings.firewall === 'noop') return NO_FIREWALL
  const filtered = facts.ports.map(({ port }) => port).filter((port) => isFiltered(port, facts.settings))
  // only instances have a bridge on which a rule could act: ports of the network service are on br-int directly
  const trusted = facts.ports
    .filter((local) => hasFilterBridge(local) && !isFiltered(local.port, facts.settings))
    .map(({ port }) => port)
  const zones = allocateZones(
    zonesInUse,
    filtered.map(({ id }) => id),
  )
  const ports = filtered.flatMap((port): FilteredPort[] => {
    const zone = zones.get(port.id)
    return zone === undefined ? [] : [withRules(facts, port, zone)]
  })
  const members = new Map(
    remoteGroups(ports).flatMap((id) => {
      const group = facts.view.get('group_members', id)
      return group ? [[id, group] as const] : []
    }),
  )
  const remotes: Remotes = {
    useSets: facts.settings.enableIpset,
    members: (groupId, family) => members.get(groupId)?.[family] ?? [],
  }
  const ruleSet = (ports: readonly FilteredPort[], family: Family): RuleSet => ({
    ownPrefixes: OWN_PREFIXES,
    tables: { raw: rawTable(ports), filter: filterTable(ports, trusted, family, remotes) },
  })
  const ruleSets = (ports: readonly FilteredPort[]) => ({ ipv4: ruleSet(ports, 'ipv4'), ipv6: ruleSet(ports, 'ipv6') })
  const isLogged = ports.some(({ logged }) => logged)
  return {
    rules: ruleSets(ports),
    unlogged: isLogged ? ruleSets(ports.map((port) => ({ ...port, logged: null }))) : null,
    sets: facts.settings.enableIpset ? desiredSets(members) : [],
    ports,
    members,
  }
}

const NO_RULES: RuleSet = { ownPrefixes: OWN_PREFIXES, tables: {} }
const NO_FIREWALL: Firewall = {
  rules: { ipv4: NO_RULES, ipv6: NO_RULES },
  unlogged: null,
  sets: [],
  ports: [],
  members: new Map(),
}

function withRules(facts: Facts, port: PortView, zone: number): FilteredPort {
  const groups = port.securityGroups.flatMap((id) => facts.view.get('security_group', id) ?? [])
  const stateless = groups.length > 0 && groups.every(({ stateful }) => !stateful)
  const rules = groups.flatMap(({ rules }) => rules)
  return { port, rules, zone, tracked: !stateless, logged: loggedPackets(facts, port, groups) }
}

function loggedPackets(
  { view, settings }: Facts,
  port: PortView,
  groups: readonly SecurityGroupView[],
): LoggedPackets | null {
  const logs = view.get('port_log', port.id)?.logs ?? []
  if (logs.length === 0) return null
  const ofAccepted = logs.filter(({ event }) => event !== 'DROP')
  const accepting = groups.filter(({ id }) => ofAccepted.some(({ groupId }) => groupId === null || groupId === id))
  return {
    drops: logs.some(({ event }) => event !== 'ACCEPT'),
    accepts: ofAccepted.length === 0 ? null : accepting.flatMap(({ rules }) => rules),
    limit: settings.logLimit,
  }
}

function remoteGroups(ports: readonly FilteredPort[]): string[] {
  return [...new Set(ports.flatMap(({ rules }) => rules.flatMap(({ remoteGroupId }) => remoteGroupId ?? [])))].sort()
}

function rawTable(ports: readonly FilteredPort[]): TableRules {
  return {
    chains: { [`${WRAP}OUTPUT`]: [], [`${WRAP}PREROUTING`]: ports.flatMap(zoneRules) },
    builtin: { PREROUTING: { top: [`-j ${WRAP}PREROUTING`] }, OUTPUT: { top: [`-j ${WRAP}OUTPUT`] } },
  }
}

/** A zone per port keeps ports with equal addresses, and the two sides of one connection, apart. */
function zoneRules({ port, zone, tracked }: FilteredPort): string[] {
  const target = tracked ? `-j CT --zone ${zone}` : '-j CT --notrack'
  const note = comment(`Set zone for ${port.id}`)
  return [
    `-m physdev --physdev-in ${qvbName(port.id)} ${note} ${target}`,
    `-i ${qvbName(port.id)} ${note} ${target}`,
    `-m physdev --physdev-in ${tapName(port.id)} ${note} ${target}`,
  ]
}

const both = ['out', 'in'] as const

const bridged = (direction: 'in' | 'out', port: PortView) =>
  `-m physdev --physdev-${direction} ${tapName(port.id)} --physdev-is-bridged`

function filterTable(
  ports: readonly FilteredPort[],
  trusted: readonly PortView[],
  family: Family,
  remotes: Remotes,
): TableRules {
  const dropLogged = ports.filter(({ logged }) => logged?.drops).map(({ port }) => port)
  return {
    chains: {
      [FILTER_TOP]: [`-j ${WRAP}local`],
      [`${WRAP}local`]: [],
      [`${WRAP}OUTPUT`]: [],
      [`${WRAP}FORWARD`]: [
        ...ports.flatMap(({ port }) => both.map((way) => `${bridged(way, port)} ${NOTE.toGroups} -j ${SG_CHAIN}`)),
        ...trusted.flatMap((port) => both.map((way) => `${bridged(way, port)} ${NOTE.trusted} -j ACCEPT`)),
      ],
      [`${WRAP}INPUT`]: ports.map(({ port }) => `${bridged('in', port)} ${NOTE.toHost} -j ${egressChain(port.id)}`),
      [SG_CHAIN]: [
        `-m connmark --mark 0x${ENDED_MARK.toString(16)} ${NOTE.ended} -j ${dropLogged.length > 0 ? ENDED : 'DROP'}`,
        ...ports.flatMap(({ port }) => [
          `${bridged('out', port)} ${NOTE.toPort} -j ${ingressChain(port.id)}`,
          `${bridged('in', port)} ${NOTE.toPort} -j ${egressChain(port.id)}`,
        ]),
        // between two ports of one host a packet returns from both chains before it is accepted
        '-j ACCEPT',
      ],
      [FALLBACK]: [`${NOTE.fallback} -j DROP`],
      ...endedChain(dropLogged),
      ...Object.assign({}, ...ports.map((each) => portChains(each, family, remotes))),
    },
    builtin: {
      INPUT: { top: [`-j ${WRAP}INPUT`] },
      FORWARD: { top: [`-j ${FILTER_TOP}`, `-j ${WRAP}FORWARD`] },
      OUTPUT: { top: [`-j ${FILTER_TOP}`, `-j ${WRAP}OUTPUT`] },
    },
  }
}

/** Only packets of ended sessions come here, so that it costs others nothing. */
function endedChain(dropLogged: readonly PortView[]): Record<string, readonly string[]> {
  if (dropLogged.length === 0) return {}
  const toLog = dropLogged.flatMap((port) => both.map((way) => `${bridged(way, port)} -j ${droppedChain(port.id)}`))
  return { [ENDED]: [...toLog, '-j DROP'] }
}
