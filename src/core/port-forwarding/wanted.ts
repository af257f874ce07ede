import type { PortForwardingRecord } from '../../store/port-forwardings.js'
import { textOf } from '../attributes.js'
import type { Attributes } from '../service.js'
import { portNotTwice, portRequired, rangesDiffer } from './faults.js'

/** What a request asks of a forwarding, with what `before` had where it asks for nothing. */
export type Wanted = Pick<
  PortForwardingRecord,
  'protocol' | 'externalFirst' | 'externalLast' | 'internalFirst' | 'internalLast' | 'internalPortId' | 'description'
> & { readonly internalIp: string | null }

export function wantedOf(attributes: Attributes, before: PortForwardingRecord | null): Wanted {
  const external = rangeOf(attributes, 'external', before && [before.externalFirst, before.externalLast])
  const internal = rangeOf(attributes, 'internal', before && [before.internalFirst, before.internalLast])
  const [wide, narrow] = [external[1] - external[0], internal[1] - internal[0]]
  if (narrow !== 0 && narrow !== wide) throw rangesDiffer()
  const internalPortId = textOf(attributes, 'internal_port_id', before?.internalPortId)
  const moved = before !== null && internalPortId !== before.internalPortId
  return {
    protocol: textOf(attributes, 'protocol', before?.protocol) === 'udp' ? 'udp' : 'tcp',
    externalFirst: external[0],
    externalLast: external[1],
    internalFirst: internal[0],
    internalLast: internal[1],
    internalPortId,
    // the address of another port is asked for, or that port's own
    internalIp: textOf(attributes, 'internal_ip_address', moved ? '' : before?.internalIp) || null,
    description: textOf(attributes, 'description', before?.description),
  }
}

function rangeOf(
  attributes: Attributes,
  side: 'external' | 'internal',
  before: readonly [number, number] | null,
): readonly [number, number] {
  const [port, range] = [textOf(attributes, `${side}_port`), textOf(attributes, `${side}_port_range`)]
  if (port && range) throw portNotTwice(side)
  if (!port && !range) {
    if (before) return before
    throw portRequired(side)
  }
  const [first, last] = (range || port).split(':').map(Number)
  return [first!, last ?? first!]
}
