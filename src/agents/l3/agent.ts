import type { Logger } from '../../base/log.js'
import type { ObjectError } from '../../bus/contracts/messages.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { Host } from '../../dataplane/command/host.js'
import { KernelHelpers } from '../../dataplane/conntrack/kernel-helpers.js'
import { MetadataProxies } from '../../dataplane/haproxy/metadata-proxies.js'
import { type NamespaceOutcome, Namespaces } from '../../dataplane/netns/namespaces.js'
import { connectVswitch } from '../../dataplane/ovsdb/connect.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import { Advertisers } from '../../dataplane/radvd/advertisers.js'
import type { Agent, ApplyOutcome, ApplyReason } from '../common/agent.js'
import { followBridge } from '../common/follow-bridge.js'
import { withNetworkTypes } from '../common/network-types.js'
import { AllocationFiles } from './allocation-files.js'
import { type Allocations, allocate } from './allocations.js'
import { Announcer } from './announcer.js'
import { changedTranslations, forgetConnections, type TranslationChange } from './conntrack.js'
import { desired } from './desired/desired.js'
import type { L3Namespace, Translation } from './desired/types.js'
import type { L3Settings } from './settings.js'
import { routerOf, sweepPorts, unwantedNamespaces } from './sweep.js'
import { Vrrp } from './vrrp.js'

export interface L3AgentOptions extends L3Settings {
  readonly host: Host
  readonly log: Logger
  readonly availabilityZone: string
  /** name of the integration bridge */
  readonly integrationBridge: string
  /** directory of keepalived's files; default `ha_confs` beside the others */
  readonly vrrpConfigurations?: string
}

/** What is told about the agent in `agent-show`. */
interface Counts {
  readonly routers: number
  readonly exGwPorts: number
  readonly interfaces: number
  readonly floatingIps: number
}

/** Brings the routers of its host into namespaces: `qrouter-…`, `snat-…`, `fip-…`. */
export class L3Agent implements Agent {
  readonly binary = 'neutron-l3-agent'
  readonly agentType = 'L3 agent'
  readonly topic = 'l3_agent'
  readonly portAspect = null
  readonly availabilityZone: string
  readonly #options: L3AgentOptions
  readonly #files: AllocationFiles
  readonly #proxies: MetadataProxies
  readonly #advertisers: Advertisers
  readonly #helpers: KernelHelpers
  /** translations last brought about, by namespace */
  readonly #translations = new Map<string, readonly Translation[]>()
  readonly #background = new Set<Promise<void>>()
  #allocations: Allocations
  #counts: Counts = { routers: 0, exGwPorts: 0, interfaces: 0, floatingIps: 0 }
  #parts: { vswitch: Vswitch; namespaces: Namespaces; announcer: Announcer; vrrp: Vrrp } | null = null

  constructor(options: L3AgentOptions) {
    this.#options = options
    this.availabilityZone = options.availabilityZone
    this.#files = new AllocationFiles(options.host.paths.state)
    this.#allocations = this.#files.load()
    this.#proxies = new MetadataProxies(options.host, options.log)
    this.#advertisers = new Advertisers(options.host)
    this.#helpers = new KernelHelpers(options.host)
  }

  configurations(): Record<string, unknown> {
    return {
      agent_mode: this.#options.mode,
      ex_gw_ports: this.#counts.exGwPorts,
      extensions: [],
      floating_ips: this.#counts.floatingIps,
      handle_internal_only_routers: true,
      interface_driver: 'openvswitch',
      interfaces: this.#counts.interfaces,
      log_agent_heartbeats: false,
      routers: this.#counts.routers,
    }
  }

  async start(kick: (reason: ApplyReason) => void): Promise<void> {
    const { host, log, integrationBridge } = this.#options
    const vswitch = await connectVswitch(`${host.paths.ovsRun}/db.sock`, log)
    const namespaces = new Namespaces(host, vswitch, integrationBridge)
    const vrrp = new Vrrp(host, vswitch, this.#options.vrrpConfigurations ?? `${host.paths.state}/ha_confs`, kick)
    const announcer = new Announcer({ host, vswitch, integrationBridge, log, onAnnounced: () => kick('local') })
    this.#parts = { vswitch, namespaces, announcer, vrrp }
    followBridge(vswitch, integrationBridge, this.#parts.namespaces, kick)
  }

  async apply(view: HostView, reason: ApplyReason): Promise<ApplyOutcome> {
    if (!this.#parts) throw new Error('the agent was not started')
    const { namespaces, vrrp, announcer } = this.#parts
    const readBack = reason === 'audit' || reason === 'resync'
    this.#allocations = allocate(view, this.#options, this.#allocations)
    this.#files.save(this.#allocations)
    const missingHelpers = await this.#learnHelpers(view, readBack)
    const settings: L3Settings = { ...this.#options, hasHelper: (family, name) => this.#helpers.has(family, name) }
    const active = await vrrp.active(view, settings, readBack)
    const wanted = desired(view, settings, this.#allocations, active).map((spec) => withNetworkTypes(view, spec))
    this.#counts = countsOf(wanted, view)
    const ended = await vrrp.endUnwanted(wanted)
    const outcomes = await namespaces.apply(wanted, readBack)
    const shared = await vrrp.apply(wanted, outcomes, readBack)
    const errors: ObjectError[] = [...missingHelpers, ...ended.errors, ...shared.errors]
    let writes = ended.writes + shared.writes
    for (const namespace of wanted) {
      const outcome = outcomes.get(namespace.name)!
      const advertised = await this.#advertise(namespace, readBack || !outcome.existed)
      const followed = await this.#follow(namespace, outcome, readBack)
      writes += outcome.writes + followed + advertised.writes
      errors.push(...faultsOf(namespace, [...outcome.problems, ...advertised.problems]))
    }
    const removed = await this.#removeUnwanted(wanted)
    await announcer.send()
    return {
      writes: writes + removed.writes,
      errors: [...errors, ...removed.errors],
      ...floatingIpStates(wanted, outcomes, announcer.waiting()),
      haStates: vrrp.report(view),
    }
  }

  async stop(): Promise<void> {
    this.#parts?.announcer.stop()
    this.#parts?.vrrp.stop()
    this.#parts?.vswitch.close()
    await Promise.all([this.#proxies.settled(), ...this.#background])
  }

  /** Finds out which conntrack helpers the kernel has, of those that routers ask for; resolves to those it has not. */
  async #learnHelpers(view: HostView, again: boolean): Promise<ObjectError[]> {
    const asked = view
      .all('router')
      .flatMap(({ id, conntrackHelpers = [] }) => conntrackHelpers.map((each) => ({ ...each, routerId: id })))
    await this.#helpers.learn(asked, again)
    return asked
      .filter((each) => !this.#helpers.has('ipv4', each) && !this.#helpers.has('ipv6', each))
      .map(({ routerId, helper, protocol }) => {
        return { kind: 'router', id: routerId, message: `the kernel has no conntrack helper ${helper} for ${protocol}` }
      })
  }

  /** What comes after the namespace itself, none of it waited for: old connections, announcements, the metadata proxy. */
  async #follow(namespace: L3Namespace, outcome: NamespaceOutcome, check: boolean): Promise<number> {
    const { name, translations, proxyId } = namespace
    const before = this.#translations.get(name)
    const change = changedTranslations(before ?? [], translations)
    // into a new namespace no connection has come yet; one from before this process is left as it was
    if (before && outcome.existed) this.#forgetConnections(name, change)
    this.#translations.set(name, translations)
    this.#parts!.announcer.update(namespace, outcome.existed && outcome.writes === 0)
    // the proxy of a distributed router is in its qrouter, which waits for nobody
    const waits = namespace.kind === 'qrouter' && namespace.active === false
    if (proxyId === null) return waits ? this.#proxies.remove(namespace.routerIds[0]!) : 0
    const spec = { id: proxyId, idHeader: 'X-Neutron-Router-ID', binds: [`:::${this.#options.metadataPort}`] } as const
    return this.#proxies.ensure(name, spec, check || !outcome.existed)
  }

  /** Router advertisements follow the namespace: they promise a way that has to be there. */
  async #advertise({ name, kind, routerIds, advertiser }: L3Namespace, check: boolean) {
    if (kind !== 'qrouter') return { writes: 0, problems: [] }
    try {
      const writes = advertiser
        ? await this.#advertisers.ensure(name, advertiser, check)
        : await this.#advertisers.remove(routerIds[0]!, check)
      return { writes, problems: [] }
    } catch (error) {
      return { writes: 0, problems: [(error as Error).message] }
    }
  }

  /** Not waited for: new connections are right already, and looking through the table takes the kernel a while. */
  #forgetConnections(netns: string, change: TranslationChange): void {
    const { host, log } = this.#options
    const work = forgetConnections(host, netns, change)
      .catch((error: unknown) => log.warn({ err: error, netns }, 'could not forget connections'))
      .finally(() => this.#background.delete(work))
    this.#background.add(work)
  }

  async #removeUnwanted(wanted: readonly L3Namespace[]): Promise<{ writes: number; errors: ObjectError[] }> {
    const { namespaces, announcer } = this.#parts!
    const names = unwantedNamespaces(namespaces, new Set(wanted.map(({ name }) => name)))
    let writes = 0
    const errors: ObjectError[] = []
    for (const name of names) {
      this.#translations.delete(name)
      announcer.forget(name)
      const router = routerOf(name)
      try {
        if (router) writes += (await this.#proxies.remove(router)) + (await this.#advertisers.remove(router, true))
      } catch (error) {
        errors.push({ kind: 'router', id: router!, message: (error as Error).message })
      }
    }
    const removed = await namespaces.remove(names)
    errors.push(...removed.problems.map((message) => ({ kind: 'agent', id: this.binary, message })))
    return { writes: writes + removed.writes + (await sweepPorts(namespaces)), errors }
  }
}

function faultsOf({ name, routerIds }: L3Namespace, problems: readonly string[]): ObjectError[] {
  if (problems.length === 0) return []
  return routerIds.map((id) => ({ kind: 'router', id, message: `${name}: ${problems.join('; ')}` }))
}

/**
 * A floating IP answers when the namespace that translates it and, on a DVR host, the way to it are in order, and when
 * those outside that know another MAC for it have been told (`unannounced`: not yet).
 */
function floatingIpStates(
  wanted: readonly L3Namespace[],
  outcomes: ReadonlyMap<string, NamespaceOutcome>,
  unannounced: ReadonlySet<string>,
) {
  const broken = wanted.filter(({ name }) => outcomes.get(name)!.problems.length > 0)
  const blocked = new Set(broken.filter(({ kind }) => kind === 'fip').flatMap(({ routerIds }) => routerIds))
  const active: string[] = []
  const failed: string[] = []
  for (const namespace of wanted.filter((each) => each.active !== false)) {
    const isDown =
      broken.includes(namespace) || (namespace.kind === 'qrouter' && namespace.routerIds.some((id) => blocked.has(id)))
    for (const { floatingIpId, floatingIp } of namespace.translations) {
      if (isDown) failed.push(floatingIpId)
      else if (!unannounced.has(floatingIp)) active.push(floatingIpId)
    }
  }
  // several of its ports may be forwarded
  return { activeFloatingIps: [...new Set(active)].sort(), failedFloatingIps: [...new Set(failed)].sort() }
}

function countsOf(wanted: readonly L3Namespace[], view: HostView): Counts {
  const routers = new Set(wanted.filter(({ kind }) => kind === 'qrouter').flatMap(({ routerIds }) => routerIds))
  const views = view.all('router').filter(({ id }) => routers.has(id))
  return {
    routers: routers.size,
    exGwPorts: views.filter(({ gateway }) => gateway !== null).length,
    interfaces: views.reduce((sum, { interfaces }) => sum + interfaces.length, 0),
    floatingIps: new Set(wanted.flatMap(({ translations }) => translations.map(({ floatingIpId }) => floatingIpId)))
      .size,
  }
}
