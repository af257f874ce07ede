import type { Host } from '../../dataplane/command/host.js'
import type { DesiredInstance, DesiredInterface, InstanceReport } from '../bus/messages.js'
import { InstanceDirectory, type InstanceRecord, type RecordedInterface } from './directory.js'
import { InstanceInit } from './init.js'
import { InstanceNetns } from './netns.js'
import type { Plugger } from './plug.js'

/** One instance on this host: brings it to what is desired, or takes everything of it away. Every step may be repeated. */
export class LocalInstance {
  readonly id: string
  readonly directory: InstanceDirectory
  readonly #netns: InstanceNetns
  readonly #init: InstanceInit
  readonly #plugger: Plugger
  readonly #domain: string

  constructor(id: string, options: { host: Host; plugger: Plugger; instancesPath: string; domain: string }) {
    this.id = id
    this.directory = new InstanceDirectory(options.instancesPath, id)
    this.#netns = new InstanceNetns(options.host, this.directory.file('netns'))
    this.#init = new InstanceInit(this.directory, this.#netns)
    this.#plugger = options.plugger
    this.#domain = options.domain
  }

  /** It has been complete here once: a failure now is no failed boot. */
  get wasComplete(): boolean {
    return this.directory.record()?.complete === true
  }

  /** `onExit`: its first process ended by itself */
  async bring(desired: DesiredInstance, onExit: () => void): Promise<InstanceReport> {
    const old = this.directory.record()
    if (!old) this.directory.prepare(desired.hostname, this.#domain)
    const interfaces = nameDevices(desired.interfaces, old?.interfaces ?? [])
    const leaving = (old?.interfaces ?? []).filter((known) => !interfaces.some((port) => port.portId === known.portId))
    const rebooted = old !== null && old.generation !== desired.generation
    if (desired.power === 'stopped' || rebooted) await this.#stop(old)
    const { hostname, generation } = desired
    const record = { id: this.id, hostname, generation, complete: old?.complete ?? false }
    this.#remember({ ...record, interfaces: [...interfaces, ...leaving] }, old)
    await Promise.all(leaving.map((port) => this.#plugger.unplug(port)))
    if (leaving.length > 0) this.directory.writeRecord({ ...record, interfaces })
    await this.#netns.ensure()
    await allDone([
      ...interfaces.map((port) => this.#plug(port)),
      desired.power === 'running' ? this.#start(desired, onExit) : null,
    ])
    if (desired.power === 'running') this.#configure(desired.interfaces, interfaces)
    this.#remember({ ...record, interfaces, complete: true }, this.directory.record())
    return this.report(desired)
  }

  report(desired: DesiredInstance): InstanceReport {
    const record = this.directory.record()
    const address = (port: RecordedInterface) => this.directory.lease(port.device)
    return {
      id: this.id,
      state: this.#init.alive ? 'running' : 'stopped',
      generation: record?.generation ?? desired.generation,
      interfaces: (record?.interfaces ?? []).map((port) => ({ portId: port.portId, address: address(port) })),
      fault: null,
    }
  }

  /** Everything that was made for it, whoever made it. */
  async remove(): Promise<void> {
    await this.#init.stop().catch(ignoreMissing)
    const record = this.directory.record()
    await Promise.all((record?.interfaces ?? []).map((port) => this.#plugger.unplug(port)))
    await this.#netns.remove().catch(ignoreMissing)
    this.directory.remove()
  }

  /** What is there differs from what `desired` asks for (a device was deleted, a process ended). */
  drifted(desired: DesiredInstance): boolean {
    const record = this.directory.record()
    if (!record || !this.#netns.exists()) return true
    if (this.#init.alive !== (desired.power === 'running')) return true
    return record.interfaces.some((port) => !this.#plugger.isPlugged(port))
  }

  #remember(record: InstanceRecord, old: InstanceRecord | null): void {
    if (JSON.stringify(record) !== JSON.stringify(old)) this.directory.writeRecord(record)
  }

  async #plug(port: RecordedInterface): Promise<void> {
    if (!this.#plugger.isPlugged(port)) await this.#plugger.plug(this.id, port, this.#netns)
  }

  async #start(desired: DesiredInstance, onExit: () => void): Promise<void> {
    if (this.#init.alive) return
    this.directory.prepare(desired.hostname, this.#domain)
    await this.#init.start(desired.hostname, onExit)
    const record = this.directory.record()
    const known = (record?.interfaces ?? []).filter((port) => this.#plugger.isPlugged(port))
    if (known.length > 0) await this.#links(known, 'up')
  }

  /** A stopped instance keeps its interfaces, but the kernel must not answer for it. */
  async #stop(record: InstanceRecord | null): Promise<void> {
    await this.#init.stop()
    const known = (record?.interfaces ?? []).filter((port) => this.#plugger.isPlugged(port))
    if (known.length > 0 && this.#netns.exists()) await this.#links(known, 'down')
  }

  #links(ports: readonly RecordedInterface[], state: 'up' | 'down'): Promise<unknown> {
    const input = ports.map((port) => `link set ${port.device} ${state}\n`).join('')
    return this.#netns.run(['ip', '-batch', '-'], { input })
  }

  /**
   * DHCP and the search for IPv6 routers start where the network service has confirmed the port: a question asked
   * earlier would be lost on the way.
   */
  #configure(desired: readonly DesiredInterface[], interfaces: readonly RecordedInterface[]): void {
    for (const port of desired) {
      const device = interfaces.find((known) => known.portId === port.portId)?.device
      if (!device || !port.confirmed) continue
      if (port.dhcp) this.#init.order(`dhcp ${device}`)
      this.#init.order(`ipv6 ${device}`)
      if (port.dhcp6) this.#init.order(`dhcp6 ${device} ${port.dhcp6}`)
    }
  }
}

/** Known interfaces keep their names; new ones get the lowest free `ethN`. */
export function nameDevices(
  desired: readonly DesiredInterface[],
  known: readonly RecordedInterface[],
): RecordedInterface[] {
  const taken = new Set(known.map((port) => port.device))
  return desired.map(({ portId, mac, mtu, hybrid, bridge, datapath }) => {
    const found = known.find((port) => port.portId === portId)
    if (found) return found
    let index = 0
    while (taken.has(`eth${index}`)) index++
    taken.add(`eth${index}`)
    const made = datapath === undefined ? {} : { datapath }
    return { portId, mac, mtu, hybrid, bridge, ...made, device: `eth${index}` }
  })
}

/** As Promise.all, but nothing is under way any more when it rejects: what failed is cleaned up next. */
async function allDone(steps: readonly (Promise<void> | null)[]): Promise<void> {
  const failed = (await Promise.allSettled(steps)).find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
