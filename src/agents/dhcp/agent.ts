import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Logger } from '../../base/log.js'
import type { ObjectError } from '../../bus/contracts/messages.js'
import type { HostView } from '../../bus/contracts/view.js'
import type { Host } from '../../dataplane/command/host.js'
import { Dnsmasq } from '../../dataplane/dnsmasq/dnsmasq.js'
import { dhcpDirectory } from '../../dataplane/dnsmasq/paths.js'
import { MetadataProxies } from '../../dataplane/haproxy/metadata-proxies.js'
import { Namespaces } from '../../dataplane/netns/namespaces.js'
import { inParallel } from '../../dataplane/netns/parallel.js'
import { connectVswitch } from '../../dataplane/ovsdb/connect.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { Agent, ApplyOutcome, ApplyReason } from '../common/agent.js'
import { followBridge } from '../common/follow-bridge.js'
import { withNetworkTypes } from '../common/network-types.js'
import { type DhcpNetwork, desired } from './desired/desired.js'
import type { DhcpSettings } from './settings.js'

export interface DhcpAgentOptions extends DhcpSettings {
  readonly host: Host
  readonly log: Logger
  readonly availabilityZone: string
  /** name of the integration bridge */
  readonly integrationBridge: string
}

const OWN_NAMESPACE = /^qdhcp-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const AT_ONCE = 8

/** Serves DHCP and DNS on the networks scheduled to its host: a namespace and a dnsmasq each. */
export class DhcpAgent implements Agent {
  readonly binary = 'neutron-dhcp-agent'
  readonly agentType = 'DHCP agent'
  readonly topic = 'dhcp_agent'
  readonly portAspect = 'dhcp'
  readonly availabilityZone: string
  readonly #options: DhcpAgentOptions
  readonly #proxies: MetadataProxies
  readonly #servers = new Map<string, Dnsmasq>()
  #wanted: readonly DhcpNetwork[] = []
  #parts: { vswitch: Vswitch; namespaces: Namespaces } | null = null

  constructor(options: DhcpAgentOptions) {
    this.#options = options
    this.availabilityZone = options.availabilityZone
    this.#proxies = new MetadataProxies(options.host, options.log)
  }

  configurations(): Record<string, unknown> {
    const sum = (count: (network: DhcpNetwork) => number) =>
      this.#wanted.reduce((total, each) => total + count(each), 0)
    return {
      dhcp_driver: 'neutron.agent.linux.dhcp.Dnsmasq',
      dhcp_lease_duration: this.#options.leaseDuration,
      log_agent_heartbeats: false,
      networks: this.#wanted.length,
      ports: sum(({ portIds }) => portIds.length),
      subnets: sum(({ subnets }) => subnets),
    }
  }

  async start(kick: (reason: ApplyReason) => void): Promise<void> {
    const { host, log, integrationBridge } = this.#options
    makeReadable(resolve(host.paths.state), log)
    const vswitch = await connectVswitch(`${host.paths.ovsRun}/db.sock`, log)
    this.#parts = { vswitch, namespaces: new Namespaces(host, vswitch, integrationBridge) }
    followBridge(vswitch, integrationBridge, this.#parts.namespaces, kick)
  }

  async apply(view: HostView, reason: ApplyReason): Promise<ApplyOutcome> {
    if (!this.#parts) throw new Error('the agent was not started')
    const readBack = reason === 'audit' || reason === 'resync'
    const wanted = desired(view, this.#options)
    this.#wanted = wanted
    const outcomes = await this.#parts.namespaces.apply(
      wanted.map(({ namespace }) => withNetworkTypes(view, namespace)),
      readBack,
    )
    const errors: ObjectError[] = []
    const readyPorts: string[] = []
    let writes = 0
    await inParallel(wanted, AT_ONCE, async (network) => {
      const outcome = outcomes.get(network.namespace.name)!
      const problems = [...outcome.problems]
      try {
        const served = await this.#serve(network, outcome.existed, readBack)
        writes += served
        if (outcome.problems.length === 0) readyPorts.push(...network.portIds)
      } catch (error) {
        problems.push((error as Error).message)
      }
      writes += outcome.writes
      if (problems.length > 0) errors.push({ kind: 'network', id: network.networkId, message: problems.join('; ') })
    })
    const removed = await this.#removeUnwanted(wanted)
    return { writes: writes + removed.writes, errors: [...errors, ...removed.errors], readyPorts: readyPorts.sort() }
  }

  async stop(): Promise<void> {
    this.#parts?.vswitch.close()
    await this.#proxies.settled()
  }

  async #serve(network: DhcpNetwork, existed: boolean, readBack: boolean): Promise<number> {
    const { networkId, namespace, dnsmasq, proxy } = network
    const started = await this.#server(networkId).apply(dnsmasq, readBack)
    if (proxy === null) return started + (await this.#proxies.remove(networkId))
    return started + this.#proxies.ensure(namespace.name, proxy, !existed || readBack)
  }

  #server(networkId: string): Dnsmasq {
    const server = this.#servers.get(networkId) ?? new Dnsmasq(this.#options.host, networkId)
    this.#servers.set(networkId, server)
    return server
  }

  /** Networks that are not served here (any more): those with a namespace, and those of which only files are left. */
  async #removeUnwanted(wanted: readonly DhcpNetwork[]): Promise<{ writes: number; errors: ObjectError[] }> {
    const { namespaces } = this.#parts!
    const keep = new Set(wanted.map(({ networkId }) => networkId))
    const spaces = [...namespaces.present()].flatMap((name) => name.match(OWN_NAMESPACE)?.[1] ?? [])
    const gone = [...new Set([...spaces, ...networksWithFiles(this.#options.host)])]
      .filter((id) => !keep.has(id))
      .sort()
    const errors: ObjectError[] = []
    let writes = 0
    await inParallel(gone, AT_ONCE, async (id) => {
      try {
        const ended = await Promise.all([this.#server(id).remove(), this.#proxies.remove(id)])
        writes += ended[0] + ended[1]
        this.#servers.delete(id)
      } catch (error) {
        errors.push({ kind: 'network', id, message: (error as Error).message })
      }
    })
    const removed = await namespaces.remove(gone.filter((id) => spaces.includes(id)).map((id) => `qdhcp-${id}`))
    errors.push(...removed.problems.map((message) => ({ kind: 'agent', id: this.binary, message })))
    return { writes: writes + removed.writes, errors }
  }
}

function networksWithFiles({ paths }: Host): string[] {
  try {
    return readdirSync(dhcpDirectory(paths.state)).filter((name) => UUID.test(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/**
 * dnsmasq gives up its privileges and reads its files again later: it has to get through to them as anybody. Our own
 * directories are opened as far as needed, those above them are not ours.
 */
function makeReadable(state: string, log: Logger): void {
  mkdirSync(dhcpDirectory(state), { recursive: true, mode: 0o755 })
  for (const path of [state, dhcpDirectory(state)]) {
    const { mode } = statSync(path)
    if ((mode & 0o001) === 0) chmodSync(path, (mode & 0o7777) | 0o011)
  }
  for (let path = dirname(state); path !== '/'; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) log.warn({ path }, 'dnsmasq cannot read its files through this directory')
  }
}
