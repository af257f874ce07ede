import type { ObjectError } from '../../bus/contracts/messages.js'
import type { Host } from '../../dataplane/command/host.js'
import { IpsetWriter } from '../../dataplane/ipset/writer.js'
import type { Family } from '../../dataplane/iptables/types.js'
import { createIptablesWriter } from '../../dataplane/iptables/writer.js'
import { PacketLimits } from '../../dataplane/nft/packet-limits.js'
import { FlowWriter } from '../../dataplane/openflow/writer.js'
import type { PortChange, Vswitch } from '../../dataplane/ovsdb/types.js'
import { Shaper } from '../../dataplane/tc/shaper.js'
import { VxlanDevices } from '../../dataplane/vxlan/devices.js'
import type { DesiredHost } from './desired/desired.js'
import { type KernelTunnel, tunnelPortSpec } from './desired/devices.js'
import { desiredWire, switchTunnels, tunnelFault } from './desired/wire.js'
import { isTunnelName, WIRE_BRIDGE } from './device-names.js'
import type { Endpoint } from './endpoint.js'
import type { Outcome } from './errors.js'
import { type GuardedResult, GuardedWriter } from './firewall/guarded-writer.js'
import type { Firewall } from './firewall/hybrid.js'
import { Sessions } from './firewall/sessions.js'
import { SET_PREFIXES } from './firewall/sets.js'
import { forgottenMatches, isValidLearned, tunnelOwners, tunnelVlans } from './learned.js'
import type { PacketLog } from './logging/packet-log.js'
import { OffloadWriter } from './offload-writer.js'
import { LEARNED } from './pipeline/br-tun/base.js'
import type { OvsSettings } from './settings.js'
import { openFlowPorts, pluggedDevices } from './snapshot.js'
import { TrunkWriter } from './trunk-writer.js'
import { TunnelNeighbours } from './tunnel-neighbours.js'
import { TunnelWireWriter } from './tunnel-wire.js'

/** Peer of a patch port whose other end does not have its flows yet. */
const NO_PEER = 'nonexistent-peer'

const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

type Bridges = ReadonlySet<string>

interface PassContext {
  /** read everything back instead of trusting what was written last */
  readonly audit: boolean
  readonly endpoint: Endpoint | null
  readonly last: DesiredHost | null
}

/** Brings Open vSwitch, iptables, ipsets and conntrack of a host to what is desired. */
export class Writers {
  readonly #host: Host
  readonly #vswitch: Vswitch
  #settings: OvsSettings
  readonly #flows = new Map<string, FlowWriter>()
  readonly #rules: Readonly<Record<Family, GuardedWriter>>
  readonly #sets: IpsetWriter
  readonly #neighbours: TunnelNeighbours
  readonly #shaper: Shaper
  readonly #packetLimits: PacketLimits
  readonly #sessions: Sessions
  readonly #vxlans: VxlanDevices
  readonly #wire: TunnelWireWriter
  readonly #offloads: OffloadWriter
  readonly #trunks: TrunkWriter
  readonly #packetLog: PacketLog
  /** why this kernel cannot log packets of ports, once it has refused to */
  #unloggable: string | null = null
  #ready: readonly string[] = []

  constructor(host: Host, vswitch: Vswitch, settings: OvsSettings, packetLog: PacketLog) {
    this.#host = host
    this.#vswitch = vswitch
    this.#settings = settings
    const rules = (family: Family) => new GuardedWriter(createIptablesWriter(host, null, family))
    this.#rules = { ipv4: rules('ipv4'), ipv6: rules('ipv6') }
    this.#sets = new IpsetWriter(host, SET_PREFIXES)
    this.#sessions = new Sessions(host)
    this.#neighbours = new TunnelNeighbours(host.paths.ovsRun)
    this.#vxlans = new VxlanDevices(host)
    this.#wire = new TunnelWireWriter(host, vswitch)
    this.#offloads = new OffloadWriter(host)
    this.#shaper = new Shaper(host)
    this.#packetLimits = new PacketLimits(host)
    this.#trunks = new TrunkWriter(host, vswitch, settings.integrationBridge)
    this.#packetLog = packetLog
  }

  /** The host turned out to offer something else. */
  follow(settings: OvsSettings): void {
    this.#settings = settings
  }

  /** Bridges, patch and tunnel ports. True: something is new, so that there are new port numbers. */
  async ensureSwitch(want: DesiredHost, context: PassContext, outcome: Outcome): Promise<boolean> {
    const before = outcome.writes
    this.#forgetNewTrunks(want)
    await outcome.step(() => this.#vswitch.ensureBridges(want.bridges))
    await outcome.step(() => this.#ensureVxlans(want, context, outcome))
    const patches = want.patches
      .filter(({ name }) => !this.#vswitch.port(name))
      // the peer is named only when both sides have flows: until then the patch leads nowhere
      .map(({ bridge, name }) => ({ bridge, name, type: 'patch', options: { peer: NO_PEER } }))
    const tunnels = want.tunnels.map((tunnel) => tunnelPortSpec(tunnel, this.#settings))
    await outcome.step(() => this.#vswitch.ensurePorts([...patches, ...tunnels]))
    await outcome.step(() => this.#trunks.apply(want.trunks, context.audit, outcome))
    await outcome.step(() => this.#ensureWire(want, context, outcome))
    return outcome.writes > before
  }

  /** A trunk's bridge without our mark is another one than before, perhaps of the same name: it has no flows. */
  #forgetNewTrunks({ bridges }: DesiredHost): void {
    for (const { name, externalIds } of bridges) {
      const mark = externalIds?.trunk_id
      if (mark !== undefined && this.#vswitch.bridge(name)?.externalIds.trunk_id !== mark) this.#flows.delete(name)
    }
  }

  /** VXLAN devices with their forwarding entries, before Open vSwitch opens them. */
  async #ensureVxlans({ tunnels }: DesiredHost, { audit }: PassContext, outcome: Outcome): Promise<number> {
    const wanted = tunnels.filter((tunnel): tunnel is KernelTunnel => tunnel.by === 'kernel')
    // vswitchd tells of a device that somebody deleted
    const isLost = wanted.some(({ name }) => this.#vswitch.interface(name)?.ofport === -1)
    const { writes, made, failed } = await this.#vxlans.ensure(
      wanted.map(({ device }) => device),
      audit || isLost,
    )
    for (const [id, message] of failed) outcome.errors.push({ kind: 'device', id, message })
    // a port whose device was made anew keeps the old one's fate until it is added again
    const reopened = isLost ? wanted.map(({ name }) => name).filter((name) => this.#isUnopened(name)) : made
    return writes + (await this.#vswitch.deletePorts(reopened))
  }

  #isUnopened(name: string): boolean {
    return this.#vswitch.interface(name)?.ofport === -1
  }

  async #ensureWire({ tunnels }: DesiredHost, { audit, endpoint }: PassContext, outcome: Outcome): Promise<number> {
    const isBridge = endpoint !== null && this.#vswitch.bridge(endpoint.device) !== undefined
    for (const tunnel of switchTunnels(tunnels)) {
      const message = tunnelFault(tunnel, endpoint, isBridge, this.#settings)
      if (message !== null) outcome.errors.push({ kind: 'device', id: tunnel.name, message })
    }
    return this.#wire.apply(desiredWire(tunnels, endpoint, isBridge, this.#settings), audit)
  }

  /**
   * Everything else, in an order in which nothing is open that should be closed: ports that end are cut off first;
   * filters and flows stand before a port is connected; what is no longer used goes last.
   * Returns the ids of the ports that carry traffic.
   */
  async apply(want: DesiredHost, context: PassContext, outcome: Outcome): Promise<readonly string[]> {
    await outcome.step(() => this.#changeTags(want, (name) => want.dead.includes(name)))
    const [failed, closed] = await Promise.all([
      this.#applyFlows(want, context, outcome),
      this.#applyFirewall(want, context, outcome),
      outcome.step(() => this.#presetNeighbours(want, context)),
      outcome.step(() => this.#offloads.apply(want.offloads, context.audit)),
      outcome.step(() => this.#vswitch.changePorts(want.limits.queues)),
      outcome.step(() => this.#shape(want, context, outcome)),
      outcome.step(() => this.#limitPackets(want, context, outcome)),
      outcome.step(() => this.#packetLog.follow(want.logOwners)),
    ])
    await outcome.step(() => this.#connectPatches(want, failed))
    await this.#open(want, failed, closed, outcome)
    await Promise.all([
      outcome.step(() => this.#dropTunnels(want)),
      outcome.step(() => this.#sets.sweep(want.firewall.sets)),
      outcome.step(() => this.#vswitch.forgetRates()),
    ])
    return this.#ready
  }

  /** Lets ports carry traffic whose filters and flows stand. What carried traffic before goes on when a step failed. */
  async #open(want: DesiredHost, failed: Bridges, closed: ReadonlySet<string>, outcome: Outcome): Promise<void> {
    const before = new Set(this.#ready)
    const stands = (id: string) =>
      !failed.has(this.#settings.integrationBridge) && !failed.has(want.trunks.bridges.get(id) ?? '')
    const usable = want.ready.filter((id) => stands(id) || before.has(id))
    const open = new Set(usable.filter((id) => !closed.has(id)))
    const devices = pluggedDevices(this.#vswitch, this.#settings.integrationBridge)
    const opened = new Set(devices.filter(({ portId }) => open.has(portId)).map(({ name }) => name))
    const done = await outcome.step(() => this.#changeTags(want, (name) => opened.has(name)))
    this.#ready = [...open].filter((id) => done || before.has(id))
  }

  async #changeTags(want: DesiredHost, chosen: (device: string) => boolean): Promise<number> {
    const changes = Object.entries(want.tags).filter(([name]) => chosen(name))
    return this.#vswitch.changePorts(Object.fromEntries<PortChange>(changes))
  }

  /** Returns the bridges whose flows could not be written. */
  async #applyFlows(want: DesiredHost, context: PassContext, outcome: Outcome): Promise<Bridges> {
    const failed = await Promise.all(
      [...want.flows.keys()].map(async (bridge) => {
        const done = await outcome.step(() => this.#applyBridge(bridge, want, context, outcome))
        return done ? [] : [bridge]
      }),
    )
    return new Set(failed.flat())
  }

  async #applyBridge(
    bridge: string,
    want: DesiredHost,
    { audit, last }: PassContext,
    outcome: Outcome,
  ): Promise<number> {
    const writer = this.#writerOf(bridge)
    const vlans = tunnelVlans(want.networks)
    const wanted = new Set(want.tunnels.map(({ name }) => name))
    const tunnelPorts = [...openFlowPorts(this.#vswitch, [this.#settings.tunnelBridge])]
    const live = new Set(tunnelPorts.filter(([name]) => wanted.has(name)).map(([, ofport]) => ofport))
    const gone = tunnelPorts.filter(([name]) => isTunnelName(name) && !wanted.has(name)).map(([, ofport]) => ofport)
    const { writes, refused } = await writer.apply({
      flows: want.flows.get(bridge) ?? [],
      audit,
      learned: { cookie: LEARNED, valid: (flow) => isValidLearned(flow, vlans, live) },
      forget:
        bridge === this.#settings.tunnelBridge && last
          ? forgottenMatches(tunnelOwners(last.networks), tunnelOwners(want.networks), gone)
          : [],
    })
    for (const { line, reason } of refused) {
      outcome.errors.push({ kind: 'flow', id: `${bridge} ${line}`, message: reason })
    }
    return writes
  }

  #writerOf(bridge: string): FlowWriter {
    const found = this.#flows.get(bridge)
    if (found) return found
    const made = new FlowWriter(this.#host, bridge)
    this.#flows.set(bridge, made)
    return made
  }

  /**
   * Sets before the rules that name them; then connections that the new rules do not allow are forgotten. Returns the
   * ids of ports whose filter does not stand.
   */
  async #applyFirewall(want: DesiredHost, { audit }: PassContext, outcome: Outcome): Promise<ReadonlySet<string>> {
    const { sets, ports } = want.firewall
    const all = ports.map(({ port }) => port.id)
    // when the whole step fails, ports that carried traffic still have the filter they had
    const unfiltered = new Set(all.filter((id) => !this.#ready.includes(id)))
    if (this.#settings.enableIpset && !(await outcome.step(() => this.#sets.fill(sets, audit)))) return unfiltered
    const closed = new Set<string>()
    const guard = async (family: Family): Promise<number> => {
      const result = await this.#writeRules(want.firewall, family, all, audit)
      for (const [id, message] of result.closed) {
        closed.add(id)
        outcome.errors.push({ kind: 'port', id, message })
      }
      return result.writes
    }
    const done = await Promise.all(FAMILIES.map((family) => outcome.step(() => guard(family))))
    if (!done.every((ok) => ok)) return unfiltered
    outcome.errors.push(...this.#unloggedPorts(want.firewall))
    await outcome.step(() => this.#sessions.follow(want.firewall))
    return closed
  }

  /** Ports whose rules are refused only where they log have them without: no packet is lost because it cannot be logged. */
  async #writeRules(
    { rules, unlogged, ports }: Firewall,
    family: Family,
    all: readonly string[],
    audit: boolean,
  ): Promise<GuardedResult> {
    const writer = this.#rules[family]
    if (unlogged && this.#unloggable !== null) return writer.apply(unlogged[family], all, audit)
    const result = await writer.apply(rules[family], all, audit)
    const refused = ports.find(({ port, logged }) => logged && result.closed.has(port.id))
    if (!unlogged || !refused) return result
    const plain = await writer.apply(unlogged[family], all, audit)
    if (!plain.closed.has(refused.port.id)) this.#unloggable = result.closed.get(refused.port.id)!
    return { ...plain, writes: plain.writes + result.writes }
  }

  #unloggedPorts({ ports }: Firewall): ObjectError[] {
    if (this.#unloggable === null) return []
    const message = `packets cannot be logged: ${this.#unloggable}`
    return ports.flatMap(({ port, logged }) => (logged ? [{ kind: 'port', id: port.id, message }] : []))
  }

  async #shape({ limits }: DesiredHost, { audit }: PassContext, outcome: Outcome): Promise<number> {
    const { writes, faults } = await this.#shaper.apply(limits.shapes, audit)
    for (const { line, message } of faults) outcome.errors.push({ kind: 'device', id: line, message })
    return writes
  }

  async #limitPackets({ limits }: DesiredHost, { audit }: PassContext, outcome: Outcome): Promise<number> {
    const { writes, faults } = await this.#packetLimits.apply(limits.packets, audit)
    for (const [id, message] of faults) outcome.errors.push({ kind: 'device', id, message })
    return writes
  }

  async #presetNeighbours(want: DesiredHost, { audit, endpoint }: PassContext): Promise<number> {
    if (this.#settings.datapathType !== 'netdev') return 0
    const bridge = [endpoint?.device ?? '', WIRE_BRIDGE].find((name) => this.#vswitch.bridge(name)) ?? null
    return this.#neighbours.apply(switchTunnels(want.tunnels), bridge, audit)
  }

  /** A patch is joined when both its ends have their flows. */
  async #connectPatches(want: DesiredHost, failed: Bridges): Promise<number> {
    const bridges = new Map(want.patches.map(({ name, bridge }) => [name, bridge]))
    const joined = want.patches.filter(
      ({ bridge, peer }) => !failed.has(bridge) && !failed.has(bridges.get(peer) ?? ''),
    )
    const changes = joined.map(({ name, peer }) => [name, { options: { peer } }] as const)
    return this.#vswitch.changePorts(Object.fromEntries<PortChange>(changes))
  }

  async #dropTunnels(want: DesiredHost): Promise<number> {
    const wanted = new Set(want.tunnels.map(({ name }) => name))
    const unused = this.#vswitch
      .ports(this.#settings.tunnelBridge)
      .map(({ name }) => name)
      .filter((name) => isTunnelName(name) && !wanted.has(name))
    return (await this.#vswitch.deletePorts(unused)) + (await this.#vxlans.sweep(wanted))
  }
}
