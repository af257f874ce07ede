import type { Logger } from '../../base/log.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { ProgramHost } from '../../dataplane/command/host.js'
import { parseSave } from '../../dataplane/iptables/save-text.js'
import { connectVswitch } from '../../dataplane/ovsdb/connect.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { Agent, ApplyOutcome, ApplyReason } from '../common/agent.js'
import { describeAgent } from './configurations.js'
import { probeHost } from './datapath/probe.js'
import { chooseProfile, type DatapathProfile, PLAIN_PROFILE } from './datapath/profile.js'
import { type DesiredHost, desiredHost } from './desired/desired.js'
import { type Endpoint, findEndpoint } from './endpoint.js'
import { Outcome } from './errors.js'
import { zonesInRules } from './firewall/zones.js'
import { detectDatapath, ensureBridgeFilter } from './kernel.js'
import type { LocalState } from './local.js'
import { PacketLog } from './logging/packet-log.js'
import type { OvsSettings } from './settings.js'
import { openFlowPorts, pluggedDevices, plugSignature, recordedVlans, trunkBridges, trunkDevices } from './snapshot.js'
import { VswitchdWatch } from './vswitchd-watch.js'
import { Writers } from './writers.js'

/** Rounds of making ports and looking again, in one pass. */
const LONGEST_CHASE = 4

/** Settings as configured: the datapath may be left to the agent. */
export type ConfiguredSettings = Omit<OvsSettings, 'datapathType' | 'profile'> & {
  readonly datapathType: string | null
}

/** Wires the ports of a host into their networks, over Open vSwitch and the iptables of its bridges. */
export class OvsAgent implements Agent {
  readonly binary = 'neutron-openvswitch-agent'
  readonly agentType = 'Open vSwitch agent'
  readonly topic = 'N/A'
  readonly availabilityZone = null
  readonly portAspect = 'l2'
  readonly #host: ProgramHost
  readonly #log: Logger
  readonly #configured: ConfiguredSettings
  #settings: OvsSettings
  #vswitch: Vswitch | null = null
  #writers: Writers | null = null
  #watch: VswitchdWatch | null = null
  #packetLog: PacketLog | null = null
  #endpoint: Endpoint | null = null
  #filterFault: string | null = null
  /** what the last pass wanted; local VLANs and zones stay as they are while they are used */
  #last: DesiredHost | null = null
  #zonesFound: ReadonlyMap<string, number> = new Map()
  #signature = ''
  #applying = false
  #isProfileKnown = false

  constructor(host: ProgramHost, settings: ConfiguredSettings, log: Logger) {
    this.#host = host
    this.#configured = settings
    this.#settings = { ...settings, datapathType: settings.datapathType ?? 'system', profile: PLAIN_PROFILE }
    this.#log = log
  }

  configurations(): Record<string, unknown> {
    return describeAgent(this.#settings, this.#host.name, this.#endpoint, this.#last?.ready.length ?? 0)
  }

  async start(kick: (reason: ApplyReason) => void): Promise<void> {
    const { ovsRun } = this.#host.paths
    const vswitch = await connectVswitch(`${ovsRun}/db.sock`, this.#log)
    this.#vswitch = vswitch
    this.#settings = { ...this.#settings, datapathType: await this.#datapath(vswitch) }
    const packetLog = new PacketLog(this.#host, this.#settings.logFile, this.#log, () => kick('local'))
    this.#packetLog = packetLog
    this.#writers = new Writers(this.#host, vswitch, this.#settings, packetLog)
    await Promise.all([this.#lookAround(), this.#recoverZones()])
    this.#watch = new VswitchdWatch(ovsRun, () => {
      this.#log.warn('ovs-vswitchd restarted')
      kick('resync')
    })
    this.#watch.start()
    vswitch.on('connected', () => kick('resync'))
    vswitch.on('change', () => {
      if (!this.#applying && this.#isDirty()) kick('local')
    })
    this.#afterApply = () => {
      if (this.#isDirty()) kick('local')
    }
  }

  async stop(): Promise<void> {
    this.#watch?.stop()
    this.#vswitch?.close()
    await this.#packetLog?.stop()
  }

  async apply(view: HostView, reason: ApplyReason): Promise<ApplyOutcome> {
    this.#applying = true
    try {
      return await this.#pass(view, reason === 'audit' || reason === 'resync')
    } finally {
      this.#applying = false
      this.#afterApply()
    }
  }

  #afterApply: () => void = () => {}

  /** Bridges and their ports, then everything else with the numbers those got. */
  async #pass(view: HostView, audit: boolean): Promise<ApplyOutcome> {
    const writers = this.#writers!
    const outcome = new Outcome()
    if (audit) outcome.writes += await this.#lookAround()
    let local = this.#local()
    let want = desiredHost(view, local, this.#settings)
    const context = { audit, endpoint: this.#endpoint, last: this.#last }
    const again = { ...context, audit: false }
    // what was plugged in meanwhile may need further ports: the flows have to know all of them
    for (let round = 0; await writers.ensureSwitch(want, round === 0 ? context : again, outcome); round++) {
      local = this.#local()
      want = desiredHost(view, local, this.#settings)
      if (round === LONGEST_CHASE) break
    }
    const ready = await writers.apply(want, context, outcome)
    this.#last = want
    this.#signature = plugSignature(local.devices, this.#remaining(local.ofports))
    for (const fault of outcome.faults) this.#log.error({ err: fault.message }, 'a step failed')
    const faults = outcome.faults.map(({ message }) => ({ kind: 'host', id: this.#host.name, message }))
    const errors = [...want.errors, ...outcome.errors, ...faults]
    const waitingPorts = local.devices.map(({ portId }) => portId).filter((id) => !view.get('port', id))
    return { writes: outcome.writes, errors, readyPorts: ready, waitingPorts }
  }

  /** Without the tunnel ports that the pass itself removed. */
  #remaining(ofports: ReadonlyMap<string, number>): Map<string, number> {
    return new Map([...ofports].filter(([name]) => this.#vswitch!.port(name) !== undefined))
  }

  #local(): LocalState {
    const vswitch = this.#vswitch!
    const bridges = vswitch.bridges().map(({ name }) => name)
    const devices = pluggedDevices(vswitch, this.#settings.integrationBridge)
    const zones = this.#last?.firewall.ports.map(({ port, zone }) => [port.id, zone] as const)
    return {
      devices,
      trunkDevices: trunkDevices(vswitch),
      ofports: openFlowPorts(vswitch, this.#ourBridges()),
      bridges: new Set(bridges),
      vlans: new Map([...recordedVlans(devices), ...(this.#last?.vlans ?? [])]),
      zones: zones ? new Map(zones) : this.#zonesFound,
      filterFault: this.#filterFault,
    }
  }

  #ourBridges(): string[] {
    const { integrationBridge, tunnelBridge, bridgeMappings } = this.#settings
    const own = [integrationBridge, tunnelBridge, ...Object.values(bridgeMappings)]
    return [...new Set([...own, ...trunkBridges(this.#vswitch!)])]
  }

  /** Whether something was plugged, unplugged, renumbered or retagged since the last pass looked. */
  #isDirty(): boolean {
    const vswitch = this.#vswitch!
    if (!vswitch.connected || !this.#last) return false
    const devices = pluggedDevices(vswitch, this.#settings.integrationBridge)
    if (plugSignature(devices, openFlowPorts(vswitch, this.#ourBridges())) !== this.#signature) return true
    return Object.entries(this.#last.tags).some(([name, { tag }]) => {
      const port = vswitch.port(name)
      return port !== undefined && port.tag !== tag
    })
  }

  /** What may change behind our back: the tunnel address, the kernel's switches. Returns the number of writes. */
  async #lookAround(): Promise<number> {
    const { localIp, firewall } = this.#settings
    if (localIp !== null) this.#endpoint = await findEndpoint(this.#host, localIp).catch(() => null)
    const written = await this.#chooseProfile()
    if (firewall === 'noop') return written
    try {
      const switched = await ensureBridgeFilter(this.#host)
      this.#filterFault = null
      return written + switched
    } catch (error) {
      this.#filterFault = `iptables cannot see bridged packets: ${(error as Error).message}`
      this.#log.error(this.#filterFault)
      return written
    }
  }

  /** How packets are carried here. It changes when vswitchd is started with other options, or the address moves. */
  async #chooseProfile(): Promise<number> {
    const { integrationBridge: name, datapathType } = this.#settings
    const vswitch = this.#vswitch!
    try {
      const writes = await vswitch.ensureBridges([{ name, datapathType, failMode: 'secure' }])
      this.#follow(
        chooseProfile(await probeHost(this.#host, vswitch, name, this.#endpoint), this.#settings.profileWish),
      )
      return writes
    } catch (error) {
      this.#log.warn({ err: error }, 'could not find out what the host offers')
      return 0
    }
  }

  #follow(profile: DatapathProfile): void {
    if (this.#isProfileKnown && JSON.stringify(profile) === JSON.stringify(this.#settings.profile)) return
    this.#isProfileKnown = true
    this.#settings = { ...this.#settings, profile }
    this.#writers!.follow(this.#settings)
    const { name, vxlan, offload, reason } = profile
    this.#log.info(
      { profile: name, vxlan, offload },
      `datapath profile ${name}, VXLAN by the ${vxlan}, offload ${offload}: ${reason}`,
    )
  }

  async #recoverZones(): Promise<void> {
    const { stdout } = await this.#host.run(['iptables-save', '-t', 'raw'])
    this.#zonesFound = zonesInRules(parseSave(stdout))
  }

  async #datapath(vswitch: Vswitch): Promise<string> {
    return this.#configured.datapathType ?? detectDatapath(this.#host, vswitch, this.#ourBridges())
  }
}
