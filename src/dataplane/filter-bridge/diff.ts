import { qbrName, qvbName, qvoName, tapName } from '../../model/device-names.js'
import { filterBridgeLines, filterBridgeUp } from './lines.js'
import type { DeviceState, FilterBridgeSpec } from './types.js'

type Devices = ReadonlyMap<string, DeviceState>

export interface FilterBridgeDiff {
  /** lines for `ip -batch` that make devices */
  readonly made: readonly string[]
  /** names of devices that are new, whoever had opened one of the name before */
  readonly fresh: readonly string[]
  /** lines that bring devices up, to their size and into their bridge */
  readonly settled: readonly string[]
}

export function diffFilterBridge(actual: Devices, spec: FilterBridgeSpec): FilterBridgeDiff {
  const { portId, mtu, outer } = spec
  const exists = (device: string) => actual.has(device)
  const names = devicesOf(spec)
  const fresh = names.filter((name) => !exists(name))
  const tap = exists(tapName(portId))
    ? []
    : [`link add ${tapName(portId)} mtu ${mtu} type veth peer name ${outer} mtu ${mtu}`]
  const resized = names.filter((name) => exists(name) && actual.get(name)!.mtu !== mtu)
  const isSettled = fresh.length === 0 && names.every((name) => isInPlace(actual.get(name)!, masterOf(spec, name)))
  return {
    made: [...filterBridgeLines(portId, mtu, exists), ...tap],
    fresh,
    settled: [
      ...resized.map((name) => `link set ${name} mtu ${mtu}`),
      ...(isSettled ? [] : [...filterBridgeUp(portId), ...tapUp(spec)]),
    ],
  }
}

/** All devices of a filter bridge; its own ends of veths first. */
export function devicesOf({ portId, outer }: FilterBridgeSpec): string[] {
  return [qbrName(portId), qvbName(portId), qvoName(portId), tapName(portId), outer]
}

function tapUp({ portId, outer }: FilterBridgeSpec): string[] {
  return [`link set ${outer} promisc on up`, `link set ${tapName(portId)} master ${qbrName(portId)} promisc on up`]
}

function masterOf({ portId }: FilterBridgeSpec, device: string): string | null {
  return device === qvbName(portId) || device === tapName(portId) ? qbrName(portId) : null
}

/** Ends that Open vSwitch has may be ports of a bridge of its own in the kernel. */
function isInPlace({ up, master }: DeviceState, wanted: string | null): boolean {
  return up && (wanted === null || master === wanted)
}

/** Lines that remove the filter bridge of a port; a veth goes with either of its ends. */
export function removalLines(suffix: string): string[] {
  return ['tap', 'qvb', 'qbr'].map((prefix) => `link del ${prefix}${suffix}`)
}
