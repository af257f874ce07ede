import { readdirSync } from 'node:fs'
import type { Host } from '../command/host.js'
import { ipBatch } from '../ip/batch.js'
import { readHostLinks } from '../ip/read.js'
import { PortsError } from '../ovsdb/connect.js'
import type { Vswitch } from '../ovsdb/types.js'
import { NamespaceCell, type Written } from './cell.js'
import { inParallel } from './parallel.js'
import type { DeviceSpec, NamespaceSpec, VethSpec } from './spec.js'

const AT_ONCE = 8
/** Neutron's device names; every other link in a namespace is a stranger's. */
const OWN_DEVICE = /^(qr-|qg-|sg-|fg-|tap|rfp-|fpr-)/
const ORDINARY_MTU = 1500

export interface NamespaceOutcome {
  /** commands and transactions that changed something */
  writes: number
  /** it was there before this pass */
  existed: boolean
  /** what could not be done, in words; empty: the namespace is as specified */
  readonly problems: string[]
}

interface Task {
  readonly spec: NamespaceSpec
  cell: NamespaceCell
  readonly outcome: NamespaceOutcome
}

/** Lines for one `ip -batch`, in order, with whom they serve. */
type Placement = Map<string, { readonly task: Task; readonly succeeded: (cell: NamespaceCell) => void }[]>

/**
 * The namespaces of one agent: makes them, puts their devices in, fills them and takes them away. Several are
 * done together: one transaction with Open vSwitch, one `ip -batch` for all links, then all namespaces in parallel.
 */
export class Namespaces {
  readonly #host: Host
  readonly #vswitch: Vswitch
  readonly #bridge: string
  readonly #cells = new Map<string, NamespaceCell>()
  /** devices of the last apply: one may have moved from a namespace that goes to one that stays */
  #wanted: ReadonlySet<string> = new Set()

  constructor(host: Host, vswitch: Vswitch, bridge: string) {
    this.#host = host
    this.#vswitch = vswitch
    this.#bridge = bridge
  }

  /**
   * Calls `lost` as soon as vswitchd has made devices of ours anew, outside of their namespaces: after its restart.
   * It shows the MAC of a device only while the device is in its own namespace.
   */
  watch(lost: () => void): void {
    const away = new Set<string>()
    this.#vswitch.on('change', () => {
      let found = false
      for (const name of this.#wanted) {
        const device = this.#vswitch.interface(name)
        if (device?.mac === null) away.add(name)
        else if (device && away.delete(name)) found = true
      }
      if (found) lost()
    })
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
    this.#wanted = new Set(specs.flatMap(({ devices }) => devices.map(({ name }) => name)))
    const tasks = specs.map((spec) => this.#task(spec, present.has(spec.name)))
    const broken = await this.#read(tasks, readBack)
    const hostLinks = await this.#hostLinks(tasks, readBack)
    await this.#clearTheWay(tasks, hostLinks)
    const [failed] = await Promise.all([this.#ensurePorts(tasks), this.#create(tasks, broken)])
    // moving a device makes the kernel wait; iptables are written meanwhile
    await Promise.all([this.#place(tasks, failed), this.#write(tasks, (task) => this.#rules(task, readBack))])
    await this.#write(tasks, ({ spec, cell }) => cell.writeRoutes(onlyArrived(spec, cell)))
    for (const { cell, outcome } of tasks) if (outcome.problems.length > 0) cell.forget()
    await this.#dropStrayDevices(tasks)
    return new Map(tasks.map(({ spec, outcome }) => [spec.name, outcome]))
  }

  #write(tasks: readonly Task[], step: (task: Task) => Promise<Written>): Promise<void> {
    const known = tasks.filter(({ cell }) => cell.known)
    return inParallel(known, AT_ONCE, async (task) => {
      const { writes, problems } = await step(task)
      task.outcome.writes += writes
      task.outcome.problems.push(...problems)
    })
  }

  #rules({ spec, cell }: Task, readBack: boolean): Promise<Written> {
    return cell.writeRules(spec, readBack)
  }

  /** Takes namespaces away with everything in them. Processes that live in them have to be ended before. */
  async remove(names: readonly string[]): Promise<{ writes: number; problems: string[] }> {
    if (names.length === 0) return { writes: 0, problems: [] }
    const cells = names.map((name) => this.#cells.get(name) ?? new NamespaceCell(this.#host, name))
    // one that cannot be read is removed all the same
    await inParallel(cells, AT_ONCE, async (cell) => void (cell.known || (await cell.read([]).catch(() => {}))))
    const transactions = await this.#deletePorts(cells.flatMap(({ links }) => [...links.keys()]))
    const faults = await ipBatch(
      this.#host,
      names.map((name) => `netns del ${name}`),
    )
    for (const name of names) this.#cells.delete(name)
    return { writes: transactions + 1, problems: faults.map(({ line, message }) => `ip ${line}: ${message}`) }
  }

  /** Takes ports off the bridge whose names start with one of `prefixes` and that are in no list. */
  async sweepPorts(prefixes: readonly string[], wanted: ReadonlySet<string>): Promise<number> {
    const stray = this.#vswitch
      .ports(this.#bridge)
      .map(({ name }) => name)
      .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) && !wanted.has(name))
    return stray.length > 0 ? this.#vswitch.deletePorts(stray) : 0
  }

  #task(spec: NamespaceSpec, present: boolean): Task {
    if (!present) this.#cells.delete(spec.name)
    const cell = this.#cells.get(spec.name) ?? new NamespaceCell(this.#host, spec.name)
    this.#cells.set(spec.name, cell)
    return { spec, cell, outcome: { writes: 0, existed: present, problems: [] } }
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

  /** Makes the namespaces that are missing. */
  async #create(tasks: readonly Task[], broken: ReadonlySet<string>): Promise<void> {
    const plan: Placement = new Map()
    for (const task of tasks) {
      const { name } = task.spec
      if (task.outcome.existed && !broken.has(name)) continue
      this.#replaceCell(task)
      if (broken.has(name)) this.#plan(plan, `netns del ${name}`, task)
      this.#plan(plan, `netns add ${name}`, task, (cell) => cell.created())
    }
    await this.#carryOut(plan)
  }

  /** Makes veth pairs and brings each device to where it belongs. */
  async #place(tasks: readonly Task[], failed: ReadonlyMap<string, string>): Promise<void> {
    const plan: Placement = new Map()
    for (const task of tasks) {
      if (!task.cell.known) continue
      for (const veth of task.spec.veths) if (!task.cell.links.has(veth.name)) this.#planVeth(plan, task, veth)
    }
    for (const task of tasks) {
      for (const { name } of task.spec.devices) {
        if (failed.has(name)) task.outcome.problems.push(`${name}: ${failed.get(name)}`)
        else if (task.cell.known && !task.cell.links.has(name)) {
          this.#plan(plan, `link set ${name} netns ${task.spec.name}`, task, (cell) => cell.arrived(name))
        }
      }
    }
    await this.#carryOut(plan)
  }

  #plan(plan: Placement, line: string, task: Task, succeeded: (cell: NamespaceCell) => void = () => {}): void {
    plan.set(line, [...(plan.get(line) ?? []), { task, succeeded }])
  }

  /** Both ends ask for the pair, with the same words. */
  #planVeth(plan: Placement, task: Task, veth: VethSpec): void {
    const [a, b] = ends(task.spec.name, veth)
    const line =
      `link add ${a.name} netns ${a.namespace} address ${a.mac} mtu ${veth.mtu} type veth ` +
      `peer name ${b.name} netns ${b.namespace} address ${b.mac} mtu ${veth.mtu}`
    this.#plan(plan, line, task, (cell) => cell.arrived(veth.name, { mac: veth.mac, mtu: veth.mtu }))
  }

  async #carryOut(plan: Placement): Promise<void> {
    if (plan.size === 0) return
    const faults = new Map((await ipBatch(this.#host, [...plan.keys()])).map(({ line, message }) => [line, message]))
    for (const [line, parts] of plan) {
      for (const { task, succeeded } of parts) {
        const message = faults.get(line)
        if (message === undefined) succeeded(task.cell)
        else task.outcome.problems.push(`ip ${line}: ${message}`)
      }
    }
    for (const task of new Set([...plan.values()].flat().map(({ task }) => task))) task.outcome.writes++
  }

  #replaceCell(task: Task): void {
    task.cell = new NamespaceCell(this.#host, task.spec.name)
    this.#cells.set(task.spec.name, task.cell)
  }

  /** Needed only when a device is missing although Open vSwitch has a port of its name, or when we distrust our copy. */
  async #hostLinks(tasks: readonly Task[], readBack: boolean): Promise<ReadonlySet<string>> {
    const needed = tasks.some(({ spec, cell }) =>
      spec.devices.some(({ name }) => !cell.links.has(name) && this.#vswitch.interface(name)),
    )
    return needed || (readBack && tasks.length > 0) ? readHostLinks(this.#host) : new Set()
  }

  /**
   * Two things go wrong with internal ports: the namespace was deleted and its taps died with it, while their ports
   * stayed; or vswitchd was restarted and has made new taps outside, while the dead ones are still in the namespace.
   */
  async #clearTheWay(tasks: readonly Task[], hostLinks: ReadonlySet<string>): Promise<void> {
    const dead = tasks.flatMap(({ spec, cell }) =>
      spec.devices.filter(({ name }) => !cell.links.has(name) && !hostLinks.has(name) && this.#vswitch.interface(name)),
    )
    if (dead.length > 0) await this.#vswitch.deletePorts(dead.map(({ name }) => name))
    await inParallel(tasks, AT_ONCE, async ({ spec, cell, outcome }) => {
      const stale = spec.devices.map(({ name }) => name).filter((name) => cell.links.has(name) && hostLinks.has(name))
      const halves = spec.veths.filter(({ name, peer }) => {
        const other = tasks.find((task) => task.spec.name === peer.namespace)
        return cell.links.has(name) && !other?.cell.links.has(peer.name)
      })
      const names = [...stale, ...halves.map(({ name }) => name)]
      if (names.length === 0 || !cell.known) return
      await cell.deleteLinks(names).catch((error: unknown) => void outcome.problems.push(String(error)))
      outcome.writes++
    })
  }

  /** @returns devices that Open vSwitch could not make, with its reasons */
  async #ensurePorts(tasks: readonly Task[]): Promise<ReadonlyMap<string, string>> {
    const devices = tasks.flatMap(({ spec }) => spec.devices)
    if (devices.length === 0) return new Map()
    try {
      const writes = await this.#vswitch.ensurePorts(devices.map((device) => this.#portSpec(device)))
      if (writes > 0 && tasks[0]) tasks[0].outcome.writes += writes
      return new Map()
    } catch (error) {
      if (error instanceof PortsError) return new Map(Object.entries(error.failed))
      return new Map(devices.map(({ name }) => [name, String(error)]))
    }
  }

  #portSpec({ name, portId, mac, mtu }: DeviceSpec) {
    return {
      bridge: this.#bridge,
      name,
      type: 'internal',
      externalIds: { 'iface-id': portId, 'iface-status': 'active', 'attached-mac': mac },
      dead: true,
      // vswitchd reads the MTU of a device only before it is moved; it takes frames of up to 1500 without being told
      ...(mtu > ORDINARY_MTU ? { mtu } : {}),
    }
  }

  /** Deletes the ports among `names` that are not wanted elsewhere. */
  async #deletePorts(names: readonly string[]): Promise<number> {
    const ports = names.filter((name) => this.#vswitch.interface(name) && !this.#wanted.has(name))
    return ports.length > 0 ? this.#vswitch.deletePorts(ports) : 0
  }

  /** Devices of ours that no longer belong in a namespace: routers' interfaces that were detached, other DHCP ports. */
  async #dropStrayDevices(tasks: readonly Task[]): Promise<void> {
    const stray = tasks.flatMap(({ spec, cell, outcome }) => {
      const wanted = new Set([...spec.devices, ...spec.veths].map(({ name }) => name))
      const names = [...cell.leftLinks()].filter((name) => OWN_DEVICE.test(name) && !wanted.has(name))
      return names.length > 0 ? [{ cell, outcome, names }] : []
    })
    if (stray.length === 0) return
    await this.#deletePorts(stray.flatMap(({ names }) => names))
    await inParallel(stray, AT_ONCE, async ({ cell, outcome, names }) => {
      outcome.writes++
      await cell.deleteLinks(names).catch((error: unknown) => void outcome.problems.push(String(error)))
    })
  }
}

/** Without devices that could not be placed: the rest of the namespace is brought about all the same. */
function onlyArrived(spec: NamespaceSpec, cell: NamespaceCell): NamespaceSpec {
  const gone = new Set([...spec.devices, ...spec.veths].map(({ name }) => name).filter((name) => !cell.links.has(name)))
  if (gone.size === 0) return spec
  const stays = ({ device }: { device: string }) => !gone.has(device)
  return {
    ...spec,
    devices: spec.devices.filter(({ name }) => !gone.has(name)),
    veths: spec.veths.filter(({ name }) => !gone.has(name)),
    sysctls: Object.fromEntries(
      Object.entries(spec.sysctls).filter(([key]) => ![...gone].some((name) => key.includes(`.${name}.`))),
    ),
    routes: spec.routes.filter(stays),
    neighbours: spec.neighbours.filter(stays),
    rules: spec.rules.filter(({ iif }) => !iif || !gone.has(iif)),
  }
}

function ends(namespace: string, { name, mac, peer }: VethSpec) {
  const pair = [{ namespace, name, mac }, peer] as const
  return name < peer.name ? pair : ([pair[1], pair[0]] as const)
}
