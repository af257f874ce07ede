import { qvbName, sptName, tapName } from '../../../model/device-names.js'
import type { OvsSettings } from '../settings.js'
import { isKernelCarried } from './devices.js'
import { type Carrier, type Facts, hasFilterBridge } from './facts.js'

export interface Offload {
  readonly on: boolean
  /** OpenFlow port of the other end: another number is another device */
  readonly ofport: number
}

/**
 * Transmit offload of the ends (qvb) that send an instance's frames to Open vSwitch, whatever the instance itself does.
 * The kernel's datapath takes frames as they come. Tagged frames, and those that are to be tagged, are complete: a parent
 * cannot tell to which networks its instance sends.
 */
export function desiredOffloads(facts: Facts): Map<string, Offload> {
  const { ports, settings, trunks } = facts
  if (settings.profile.name === 'system') return new Map()
  const parents = new Set(trunks.map(({ parent }) => parent.portId))
  const behind = new Set(trunks.flatMap(({ subports }) => subports.map(({ portId }) => portId)))
  return new Map(
    ports.filter(hasFilterBridge).flatMap(({ port, wire: { ofport }, on }) => {
      const allowed = !parents.has(port.id) && mayOffload(on.carrier, settings)
      const toInstance = facts.ofports.get(sptName(port.id))
      return [
        [qvbName(port.id), { on: allowed, ofport }] as const,
        ...(behind.has(port.id) ? [[tapName(port.id), { on: false, ofport: toInstance ?? ofport }] as const] : []),
      ]
    }),
  )
}

/** Open vSwitch's own tunnels drop frames with unfinished checksums. */
function mayOffload(carrier: Carrier, settings: OvsSettings): boolean {
  const { offload } = settings.profile
  if (offload === 'none' || (offload === 'tunnels' && carrier.kind !== 'tunnel')) return false
  return carrier.kind !== 'tunnel' || isKernelCarried(carrier, settings)
}
