import { readdirSync } from 'node:fs'
import type { Host } from '../command/host.js'
import { ipBatch } from '../ip/batch.js'
import { type HostLink, readHostLinks } from '../ip/read.js'
import type { Vswitch } from '../ovsdb/types.js'
import { NamespaceCell, type Written } from './cell.js'
import { DevicePairs } from './device-pairs.js'
import { DevicePorts } from './device-ports.js'
import { inParallel } from './parallel.js'
import { Placement } from './placement.js'
import type { NamespaceSpec } from './spec.js'
import { type NamespaceOutcome, onlyArrived, type Task } from './task.js'

export type { NamespaceOutcome } from './task.js'

const AT_ONCE = 8
/** Neutron's device names; every other link in a namespace is a stranger's. */
const OWN_DEVICE = /^(qr-|qg-|sg-|fg-|ha-|tap|rfp-|fpr-)/

/**
 * The namespaces of one agent: makes them, puts their devices in, fills them and takes them away. Several are
 * done together: one transaction with Open vSwitch, one `ip -batch` for all links, then all namespaces in parallel.
 */
export class Namespaces {
  readonly #host: Host
  readonly #ports: DevicePorts
  readonly #pairs: DevicePairs
  readonly #cells = new Map<string, NamespaceCell>()

  constructor(host: Host, vswitch: Vswitch, bridge: string) {
    this.#host = host
    this.#ports = new DevicePorts(host, vswitch, bridge)
    this.#pairs = new DevicePairs(host, this.#ports)
  }

  /** Calls `lost` when devices are outside of their namespaces again, because vswitchd was restarted. */
  watch(lost: () => void): void {
    this.#ports.watch(lost)
  }

  /** Names of all namespaces of the host. */
  present(): Set<string> {
    try {
      return new Set(readdirSync(this.#host.paths.netns))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set()
      throw error
    }
  }

  /** @param readBack compare with the kernel, not with our own copy */
  async apply(specs: readonly NamespaceSpec[], readBack: boolean): Promise<Map<string, NamespaceOutcome>> {
    const present = this.present()
    this.#ports.want(specs.flatMap(({ devices }) => devices.map(({ name }) => name)))
    const tasks = specs.map((spec) => this.#task(spec, present.has(spec.name)))
    const broken = await this.#read(tasks, readBack)
    const hostLinks = await this.#hostLinks(tasks, readBack)
    await this.#clearTheWay(tasks, hostLinks)
    const missing = tasks.map(({ spec, cell }) => spec.devices.filter(({ name }) => !cell.links.has(name)))
    const rules = () => this.#write(tasks, ({ spec, cell }) => cell.writeRules(spec, readBack))
    if (this.#ports.kind.devices === 'veth') {
      await this.#create(tasks, broken)
      await Promise.all([this.#placePairs(tasks, hostLinks), rules()])
    } else {
      const [failed] = await Promise.all([this.#ensurePorts(tasks), this.#create(tasks, broken)])
      // moving a device makes the kernel wait; iptables are written meanwhile
      await Promise.all([this.#place(tasks, failed), rules()])
    }
    for (const [i, { cell, outcome }] of tasks.entries())
      outcome.arrived.push(...missing[i]!.map(({ name }) => name).filter((name) => cell.links.has(name)))
    await this.#write(tasks, ({ spec, cell }) => cell.writeRoutes(onlyArrived(spec, cell)))
    await this.#write(tasks, ({ spec, cell }) => cell.writeLimits(onlyArrived(spec, cell), readBack))
    for (const { cell, outcome } of tasks) if (outcome.problems.length > 0) cell.forget()
    await this.#dropStrayDevices(tasks)
    return new Map(tasks.map(({ spec, outcome }) => [spec.name, outcome]))
  }

  /** Takes namespaces away with everything in them. Processes that live in them have to be ended before. */
  async remove(names: readonly string[]): Promise<{ writes: number; problems: string[] }> {
    if (names.length === 0) return { writes: 0, problems: [] }
    const cells = names.map((name) => this.#cells.get(name) ?? new NamespaceCell(this.#host, name))
    // one that cannot be read is removed all the same
    await inParallel(cells, AT_ONCE, async (cell) => void (cell.known || (await cell.read([]).catch(() => {}))))
    const transactions = await this.#ports.remove(cells.flatMap(({ links }) => [...links.keys()]))
    const lines = names.map((name) => `netns del ${name}`)
    const faults = await ipBatch(this.#host, lines)
    for (const name of names) this.#cells.delete(name)
    return { writes: transactions + 1, problems: faults.map(({ line, message }) => `ip ${line}: ${message}`) }
  }

  /** Takes ports off the bridge whose names start with one of `prefixes` and that no namespace wants. */
  sweepPorts(prefixes: readonly string[]): Promise<number> {
    return this.#ports.sweep(prefixes)
  }

  #task(spec: NamespaceSpec, present: boolean): Task {
    if (!present) this.#cells.delete(spec.name)
    const cell = this.#cells.get(spec.name) ?? new NamespaceCell(this.#host, spec.name)
    this.#cells.set(spec.name, cell)
    return { spec, cell, outcome: { writes: 0, existed: present, problems: [], arrived: [] } }
  }

  #write(tasks: readonly Task[], step: (task: Task) => Promise<Written>): Promise<void> {
    const known = tasks.filter(({ cell }) => cell.known)
    return inParallel(known, AT_ONCE, async (task) => {
      const { writes, problems } = await step(task)
      task.outcome.writes += writes
      task.outcome.problems.push(...problems)
    })
  }

  /** Reads what has to be read; returns the names that are files without a namespace behind them. */
  async #read(tasks: readonly Task[], readBack: boolean): Promise<Set<string>> {
    const broken = new Set<string>()
    const unread = tasks.filter(({ cell, outcome }) => outcome.existed && (readBack || !cell.known))
    await inParallel(unread, AT_ONCE, async ({ spec, cell, outcome }) => {
      try {
        await cell.read(Object.keys(spec.sysctls))
      } catch (error) {
        if (!/network namespace|Invalid argument/.test(String(error))) outcome.problems.push(String(error))
        else broken.add(spec.name)
      }
    })
    return broken
  }

  /** Needed only when a device is missing although Open vSwitch has a port of its name, or when we distrust our copy. */
  async #hostLinks(tasks: readonly Task[], readBack: boolean): Promise<ReadonlyMap<string, HostLink>> {
    const needed = tasks.some(({ spec, cell }) =>
      spec.devices.some(({ name }) => !cell.links.has(name) && this.#ports.has(name)),
    )
    return needed || (readBack && tasks.length > 0) ? readHostLinks(this.#host) : new Map()
  }

  /**
   * A device that is not what is wanted here (an internal port instead of a veth, or the other way round) goes first.
   * Two things go wrong with internal ports: the namespace was deleted and its taps died with it, while their ports
   * stayed; or vswitchd was restarted and has made new taps outside, while the dead ones are still in the namespace.
   */
  async #clearTheWay(tasks: readonly Task[], hostLinks: ReadonlyMap<string, HostLink>): Promise<void> {
    const isVeth = this.#ports.kind.devices === 'veth'
    // of a namespace that is there but could not be read we do not know what is dead
    const readable = tasks.filter(({ cell, outcome }) => cell.known || outcome.problems.length === 0)
    const others = new Set(
      readable
        .flatMap(({ spec }) => spec.devices.map(({ name }) => name))
        .filter((name) => this.#ports.isOfOtherKind(name)),
    )
    const dead = readable.flatMap(({ spec, cell }) =>
      spec.devices.filter(
        ({ name }) => this.#ports.has(name) && !cell.links.has(name) && (isVeth || !hostLinks.has(name)),
      ),
    )
    await this.#ports.renew([...others, ...dead.map(({ name }) => name).filter((name) => !others.has(name))])
    // of a pair both ends are here; an internal port is here or there
    const isStale = (name: string) => others.has(name) || (hostLinks.size > 0 && hostLinks.has(name) !== isVeth)
    await inParallel(readable, AT_ONCE, async ({ spec, cell, outcome }) => {
      const stale = spec.devices.filter(({ name }) => cell.links.has(name) && isStale(name))
      const halves = spec.veths.filter(({ name, peer }) => {
        const other = tasks.find((task) => task.spec.name === peer.namespace)
        return cell.links.has(name) && !other?.cell.links.has(peer.name)
      })
      const names = [...stale, ...halves].map(({ name }) => name)
      if (names.length === 0) return
      await cell.deleteLinks(names).catch((error: unknown) => void outcome.problems.push(String(error)))
      outcome.writes++
    })
  }

  async #ensurePorts(tasks: readonly Task[]): Promise<ReadonlyMap<string, string>> {
    const { writes, failed } = await this.#ports.ensure(tasks.flatMap(({ spec }) => spec.devices))
    if (tasks[0]) tasks[0].outcome.writes += writes
    return failed
  }

  /** Makes the namespaces that are missing. */
  async #create(tasks: readonly Task[], broken: ReadonlySet<string>): Promise<void> {
    const placement = new Placement(this.#host)
    for (const task of tasks) {
      const { name } = task.spec
      if (task.outcome.existed && !broken.has(name)) continue
      task.cell = new NamespaceCell(this.#host, name)
      this.#cells.set(name, task.cell)
      placement.createNamespace(task, broken.has(name))
    }
    await placement.carryOut()
  }

  /** Makes veth pairs, those of devices too, and gives their near ends to the bridge. */
  async #placePairs(tasks: readonly Task[], hostLinks: ReadonlyMap<string, HostLink>): Promise<void> {
    await this.#pairs.make(tasks, hostLinks)
    const placement = new Placement(this.#host)
    for (const task of tasks.filter(({ cell }) => cell.known)) {
      for (const veth of task.spec.veths) if (!task.cell.links.has(veth.name)) placement.addVeth(veth, task)
    }
    const [failed] = await Promise.all([this.#ensurePorts(tasks), placement.carryOut()])
    for (const { spec, outcome } of tasks) {
      for (const { name } of spec.devices) {
        if (failed.has(name)) outcome.problems.push(`${name}: ${failed.get(name)}`)
      }
    }
  }

  /** Makes veth pairs and brings each device to where it belongs. */
  async #place(tasks: readonly Task[], failed: ReadonlyMap<string, string>): Promise<void> {
    const placement = new Placement(this.#host)
    for (const task of tasks.filter(({ cell }) => cell.known)) {
      for (const veth of task.spec.veths) if (!task.cell.links.has(veth.name)) placement.addVeth(veth, task)
      for (const { name } of task.spec.devices) {
        if (failed.has(name)) task.outcome.problems.push(`${name}: ${failed.get(name)}`)
        else if (!task.cell.links.has(name)) placement.moveDevice(name, task)
      }
    }
    await placement.carryOut()
  }

  /** Devices of ours that no longer belong in a namespace: routers' interfaces that were detached, other DHCP ports. */
  async #dropStrayDevices(tasks: readonly Task[]): Promise<void> {
    const stray = tasks.flatMap(({ spec, cell, outcome }) => {
      const wanted = new Set([...spec.devices, ...spec.veths].map(({ name }) => name))
      const names = [...cell.leftLinks()].filter((name) => OWN_DEVICE.test(name) && !wanted.has(name))
      return names.length > 0 ? [{ cell, outcome, names }] : []
    })
    if (stray.length === 0) return
    await this.#ports.remove(stray.flatMap(({ names }) => names))
    await inParallel(stray, AT_ONCE, async ({ cell, outcome, names }) => {
      outcome.writes++
      await cell.deleteLinks(names).catch((error: unknown) => void outcome.problems.push(String(error)))
    })
  }
}
