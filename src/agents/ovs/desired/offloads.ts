import { qvbName } from '../../../model/device-names.js'
import type { OvsSettings } from '../settings.js'
import { isKernelCarried } from './devices.js'
import { type Carrier, type Facts, FILTER_BRIDGE_END } from './facts.js'

export interface Offload {
  readonly on: boolean
  /** OpenFlow port of the other end: another number is another device */
  readonly ofport: number
}

/**
 * Transmit offload of the ends (qvb) that send an instance's frames to Open vSwitch, whatever the instance itself does.
 * The kernel's datapath takes frames as they come.
 */
export function desiredOffloads({ ports, settings }: Facts): Map<string, Offload> {
  if (settings.profile.name === 'system') return new Map()
  const guarded = ports.filter(({ device }) => device.startsWith(FILTER_BRIDGE_END))
  return new Map(
    guarded.map(({ port, ofport, on }) => [qvbName(port.id), { on: mayOffload(on.carrier, settings), ofport }]),
  )
}

/** Open vSwitch's own tunnels drop frames with unfinished checksums. */
function mayOffload(carrier: Carrier, settings: OvsSettings): boolean {
  const { offload } = settings.profile
  if (offload === 'none' || (offload === 'tunnels' && carrier.kind !== 'tunnel')) return false
  return carrier.kind !== 'tunnel' || isKernelCarried(carrier, settings)
}
