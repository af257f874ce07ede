import type { Host } from '../command/host.js'
import { setOffload } from '../ethtool/offloads.js'
import { ipBatch } from '../ip/batch.js'
import type { HostLink } from '../ip/read.js'
import { disableIpv6 } from '../ip/silence.js'
import type { DevicePorts } from './device-ports.js'
import { inParallel } from './parallel.js'
import { Placement } from './placement.js'
import type { DeviceSpec } from './spec.js'
import type { Task } from './task.js'

const AT_ONCE = 8

/**
 * Devices as veth pairs: the far end is in the namespace, the near end, of the same name, is the bridge's port. The host
 * itself says nothing on near ends.
 */
export class DevicePairs {
  readonly #host: Host
  readonly #ports: DevicePorts

  constructor(host: Host, ports: DevicePorts) {
    this.#host = host
    this.#ports = ports
  }

  /** Makes the pairs that are missing and corrects near ends. @param hostLinks the host's links, when they were read */
  async make(tasks: readonly Task[], hostLinks: ReadonlyMap<string, HostLink>): Promise<void> {
    const known = tasks.filter(({ cell }) => cell.known)
    const pairs = (wanted: (task: Task, device: DeviceSpec) => boolean) =>
      known.flatMap((task) =>
        task.spec.devices.filter((each) => wanted(task, each)).map((device) => ({ task, device })),
      )
    const missing = pairs(({ cell }, { name }) => !cell.links.has(name))
    const wrong = pairs(({ cell }, device) => isWrong(cell.links.get(device.name)?.mtu, device, hostLinks))
    await this.#add(missing)
    const arrived = missing.filter(({ task, device }) => task.cell.links.has(device.name))
    for (const { device } of arrived) disableIpv6(device.name)
    const lines = [
      ...arrived.map(({ device }) => `link set ${device.name} arp off up`),
      ...wrong.map(({ device }) => `link set ${device.name} mtu ${device.mtu} arp off up`),
    ]
    const faults = await ipBatch(this.#host, lines)
    for (const { task, device } of [...arrived, ...wrong]) {
      const own = faults.find(({ line }) => line.startsWith(`link set ${device.name} `))
      if (own) task.outcome.problems.push(`ip ${own.line}: ${own.message}`)
    }
    for (const task of new Set(wrong.map((each) => each.task))) task.outcome.writes++
    await this.#finishFrames(arrived)
  }

  async #add(missing: readonly { readonly task: Task; readonly device: DeviceSpec }[]): Promise<void> {
    const placement = new Placement(this.#host)
    for (const { task, device } of missing) placement.addDevicePair(device, task)
    await placement.carryOut()
  }

  /** The kernel finishes checksums and cuts segments where the frames cannot be left to later. */
  async #finishFrames(pairs: readonly { readonly task: Task; readonly device: DeviceSpec }[]): Promise<void> {
    const { complete } = this.#ports.kind
    const concerned = pairs.filter(({ device }) => complete.includes(device.networkType ?? ''))
    await inParallel(concerned, AT_ONCE, async ({ task, device }) => {
      await setOffload(this.#host, device.name, false, task.spec.name).catch((error: unknown) => {
        task.outcome.problems.push(String(error))
      })
    })
  }
}

/** Of a pair that is there: the near end is down, or smaller than it should be. */
function isWrong(
  farMtu: number | undefined,
  { name, mtu }: DeviceSpec,
  hostLinks: ReadonlyMap<string, HostLink>,
): boolean {
  if (farMtu === undefined) return false
  const near = hostLinks.get(name)
  return near ? !near.up || near.mtu !== mtu : farMtu !== mtu
}
