import type { PortQosView } from '../../../bus/contracts/host-view.js'
import type { ObjectError } from '../../../bus/contracts/messages.js'
import type { PacketLimit } from '../../../dataplane/nft/packet-limits.js'
import type { PortChange } from '../../../dataplane/ovsdb/types.js'
import type { Shape } from '../../../dataplane/tc/shaper.js'
import { qvbName, tapName } from '../../../model/device-names.js'
import { type Facts, hasFilterBridge, type LocalPort } from './facts.js'

/** How fast instances may send and be sent to. */
export interface Limits {
  /** to the instance: a queue of the Open vSwitch port */
  readonly queues: Readonly<Record<string, PortChange>>
  /** from the instance: what the bridge end of its veth may send to Open vSwitch, by device */
  readonly shapes: ReadonlyMap<string, Shape>
  /** how many packets come from and to the instance: at the entrances of its bridge, by device */
  readonly packets: ReadonlyMap<string, PacketLimit>
  readonly errors: readonly ObjectError[]
}

/**
 * Both limits act where packets leave a device of the kernel. Policing at the entrance of an Open vSwitch port would
 * not hold on the userspace datapath: it takes packets before the kernel's traffic control sees them.
 */
export function desiredLimits({ ports, view }: Facts): Limits {
  const qos = new Map(view.all('port_qos').map((each) => [each.id, each]))
  const limited = ports.flatMap((port) => {
    const own = qos.get(port.port.id)
    return own ? [{ ...port, own }] : []
  })
  return {
    queues: Object.fromEntries(ports.map(({ port, wire }) => [wire.name, { rate: rateTo(qos.get(port.id)) }])),
    shapes: new Map(limited.flatMap(shapeFrom)),
    packets: new Map(limited.flatMap(packetLimits)),
    errors: limited.flatMap(errorOf),
  }
}

function rateTo(qos: PortQosView | undefined): PortChange['rate'] {
  if (!qos?.ingress) return null
  return { bitsPerSecond: qos.ingress.kbps * 1000, burstBits: qos.ingress.burstKb * 1000 }
}

type Limited = LocalPort & { readonly own: PortQosView }

/**
 * `qvb…`: the far end of the veth whose near end is in Open vSwitch. All that the instance of a trunk's parent sends,
 * tagged or not, goes through the parent's.
 */
function shapeFrom(limited: Limited): [string, Shape][] {
  const { port, wire, own } = limited
  if (!own.egress || !hasFilterBridge(limited)) return []
  return [[qvbName(port.id), { ...own.egress, generation: wire.ofport }]]
}

/** What comes in by the `tap…` the instance has sent, what comes in by the `qvb…` is for it. */
function packetLimits(limited: Limited): [string, PacketLimit][] {
  const { port, wire, own } = limited
  if (!own.packets || !hasFilterBridge(limited)) return []
  const { egress, ingress } = own.packets
  const generation = wire.ofport
  return [
    ...(egress ? [[tapName(port.id), { ...egress, generation }] as [string, PacketLimit]] : []),
    ...(ingress ? [[qvbName(port.id), { ...ingress, generation }] as [string, PacketLimit]] : []),
  ]
}

function errorOf(limited: Limited): ObjectError[] {
  const { port, wire, own } = limited
  if (!(own.egress || own.packets) || hasFilterBridge(limited)) return []
  const message = `${wire.name} is plugged without a filter bridge: ${own.packets ? 'packets' : 'what it sends'} cannot be limited`
  return [{ kind: 'port', id: port.id, message }]
}
