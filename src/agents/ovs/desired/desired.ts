import type { ObjectError } from '../../../bus/contracts/messages.js'
import type { HostView } from '../../../bus/contracts/view.js'
import type { Flow } from '../../../dataplane/openflow/flow.js'
import type { BridgeSpec, PortChange } from '../../../dataplane/ovsdb/types.js'
import { desiredFirewall, type Firewall } from '../firewall/hybrid.js'
import type { LocalState } from '../local.js'
import { type LogOwners, logOwners } from '../logging/port-logging.js'
import type { OvsSettings } from '../settings.js'
import {
  desiredBridges,
  desiredPatches,
  desiredTags,
  desiredTunnels,
  type PatchPort,
  type TunnelPort,
} from './devices.js'
import { gatherFacts, type LocalNetwork } from './facts.js'
import { desiredFlows } from './flows.js'
import { desiredLimits, type Limits } from './limits.js'
import { desiredOffloads, type Offload } from './offloads.js'
import { desiredTrunks, type Trunks } from './trunks.js'

/** All that Open vSwitch and the firewall of this host should have. */
export interface DesiredHost {
  readonly bridges: readonly BridgeSpec[]
  readonly patches: readonly PatchPort[]
  readonly tunnels: readonly TunnelPort[]
  readonly flows: ReadonlyMap<string, readonly Flow[]>
  /** by device name */
  readonly tags: Readonly<Record<string, PortChange>>
  /** devices in the dead VLAN; all others in `tags` carry traffic */
  readonly dead: readonly string[]
  readonly firewall: Firewall
  /** which ends of veths may pass on unfinished checksums into Open vSwitch */
  readonly offloads: ReadonlyMap<string, Offload>
  readonly limits: Limits
  readonly trunks: Trunks
  /** for whom packets that security groups let through or drop are logged */
  readonly logOwners: LogOwners
  readonly networks: readonly LocalNetwork[]
  /** network id -> local VLAN */
  readonly vlans: ReadonlyMap<string, number>
  /** ids of the ports that carry traffic when all of this is in place */
  readonly ready: readonly string[]
  readonly errors: readonly ObjectError[]
}

/**
 * From what the host was told and what is plugged in on it to everything it should have. Pure: no history, no
 * dependence on order. Flows that need a port of Open vSwitch which is not there yet are left out: the caller adds the
 * ports and asks again.
 */
export function desiredHost(view: HostView, local: LocalState, settings: OvsSettings): DesiredHost {
  const facts = gatherFacts(view, local, settings)
  const limits = desiredLimits(facts)
  return {
    bridges: desiredBridges(settings, local.bridges, facts.trunks),
    patches: desiredPatches(settings, local.bridges),
    tunnels: desiredTunnels(facts),
    flows: desiredFlows(facts, local.bridges),
    tags: desiredTags(facts, local),
    dead: facts.dead.map(({ name }) => name),
    firewall: desiredFirewall(facts, local.zones),
    offloads: desiredOffloads(facts),
    limits,
    trunks: desiredTrunks(facts),
    logOwners: logOwners(facts.ports.flatMap(({ port }) => view.get('port_log', port.id) ?? [])),
    networks: facts.networks,
    vlans: new Map(facts.networks.map(({ network, vlan }) => [network.id, vlan])),
    ready: facts.ports.map(({ port }) => port.id),
    errors: [...facts.errors, ...limits.errors],
  }
}
