import type { Host } from '../command/host.js'
import { ipBatch } from '../ip/batch.js'
import type { NamespaceCell } from './cell.js'
import type { DeviceSpec, VethSpec } from './spec.js'
import type { Task } from './task.js'

/** Lines for one `ip -batch` of the host itself: namespaces, and devices on their way into them. */
export class Placement {
  readonly #host: Host
  readonly #lines = new Map<string, { readonly task: Task; readonly succeeded: (cell: NamespaceCell) => void }[]>()

  constructor(host: Host) {
    this.#host = host
  }

  createNamespace(task: Task, isBroken: boolean): void {
    const { name } = task.spec
    if (isBroken) this.#add(`netns del ${name}`, task)
    this.#add(`netns add ${name}`, task, (cell) => cell.created())
  }

  moveDevice(name: string, task: Task): void {
    this.#add(`link set ${name} netns ${task.spec.name}`, task, (cell) => cell.arrived(name))
  }

  /** A veth pair whose near end has the device's name too, outside. */
  addDevicePair({ name, mac, mtu }: DeviceSpec, task: Task): void {
    const outer = `link add ${name} mtu ${mtu} type veth`
    const inner = `peer name ${name} netns ${task.spec.name} address ${mac} mtu ${mtu}`
    this.#add(`${outer} ${inner}`, task, (cell) => cell.arrived(name, { mac, mtu }))
  }

  /** Both ends ask for the pair, with the same words. */
  addVeth(veth: VethSpec, task: Task): void {
    const [a, b] = ends(task.spec.name, veth)
    const line =
      `link add ${a.name} netns ${a.namespace} address ${a.mac} mtu ${veth.mtu} type veth ` +
      `peer name ${b.name} netns ${b.namespace} address ${b.mac} mtu ${veth.mtu}`
    this.#add(line, task, (cell) => cell.arrived(veth.name, { mac: veth.mac, mtu: veth.mtu }))
  }

  /** Runs all lines; what fails is a problem of those it was for. */
  async carryOut(): Promise<void> {
    if (this.#lines.size === 0) return
    const faults = await ipBatch(this.#host, [...this.#lines.keys()])
    const messages = new Map(faults.map(({ line, message }) => [line, message]))
    for (const [line, parts] of this.#lines) {
      const message = messages.get(line)
      for (const { task, succeeded } of parts) {
        if (message === undefined) succeeded(task.cell)
        else task.outcome.problems.push(`ip ${line}: ${message}`)
      }
    }
    for (const task of new Set([...this.#lines.values()].flat().map(({ task }) => task))) task.outcome.writes++
  }

  #add(line: string, task: Task, succeeded: (cell: NamespaceCell) => void = () => {}): void {
    this.#lines.set(line, [...(this.#lines.get(line) ?? []), { task, succeeded }])
  }
}

function ends(namespace: string, { name, mac, peer }: VethSpec) {
  const pair = [{ namespace, name, mac }, peer] as const
  return name < peer.name ? pair : ([pair[1], pair[0]] as const)
}
