import type { MeterSample } from '../../bus/contracts/messages.js'
import type { Counters } from '../../dataplane/iptables/counters.js'
import type { Family } from '../../dataplane/iptables/types.js'

/** What one label counted at one router. Times in seconds since 1970. */
export interface Meter extends Counters {
  readonly labelId: string
  readonly projectId: string
  readonly routerId: string
  /** seconds that `pkts` and `bytes` (since the last report) cover */
  readonly time: number
  readonly firstUpdate: number
  readonly lastUpdate: number
  readonly totalPkts: number
  readonly totalBytes: number
}

/** Where the kernel's counter of a label stands. */
export interface Reading extends Counters {
  /** the network namespace that it is in: another one when it was made anew, whatever its name */
  readonly namespace: string
  readonly family: Family
  readonly labelId: string
  readonly projectId: string
  readonly routerId: string
}

/** Everything that has to outlive the agent's process. */
export interface MeterState {
  /** the last ones */
  readonly readings: readonly Reading[]
  readonly meters: readonly Meter[]
}

export const NO_METER_STATE: MeterState = { readings: [], meters: [] }

const ZERO: Counters = { pkts: 0, bytes: 0 }

/**
 * Adds what was counted since the readings before. A counter that is not among `readings` is gone, unless its namespace
 * could not be read (`unread`); one that went back was made anew.
 */
export function measured(
  state: MeterState,
  readings: readonly Reading[],
  now: number,
  unread: ReadonlySet<string> = new Set(),
): MeterState {
  const last = new Map(state.readings.map((reading) => [counterOf(reading), reading]))
  const meters = new Map(state.meters.map((meter) => [keyOf(meter), meter]))
  const before = new Map(meters)
  for (const reading of readings) {
    const key = keyOf(reading)
    const was = before.get(key)
    const meter = meters.get(key) ?? newMeter(reading, now)
    const { pkts, bytes } = since(last.get(counterOf(reading)) ?? ZERO, reading)
    meters.set(key, {
      ...meter,
      pkts: meter.pkts + pkts,
      bytes: meter.bytes + bytes,
      totalPkts: meter.totalPkts + pkts,
      totalBytes: meter.totalBytes + bytes,
      // a label may have several counters at a router
      time: (was?.time ?? 0) + (now - (was?.lastUpdate ?? now)),
      lastUpdate: now,
    })
  }
  return {
    readings: [...state.readings.filter(({ namespace }) => unread.has(namespace)), ...readings],
    meters: [...meters.values()],
  }
}

/** After a report: counts begin anew, and what was not counted any more is forgotten. */
export function reported(state: MeterState, counting: ReadonlySet<string>): MeterState {
  const meters = state.meters.filter((meter) => counting.has(keyOf(meter)))
  return { ...state, meters: meters.map((meter) => ({ ...meter, ...ZERO, time: 0 })) }
}

/** One sample per label, or (`granular`) per label and router. */
export function samplesOf({ meters }: MeterState, granular: boolean): MeterSample[] {
  const samples = new Map<string, MeterSample>()
  for (const meter of [...meters].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    const key = granular ? keyOf(meter) : meter.labelId
    const sample = sampleOf(meter, granular)
    const other = samples.get(key)
    samples.set(key, other ? together(other, sample) : sample)
  }
  return [...samples.values()]
}

export function keyOf({ labelId, routerId }: { readonly labelId: string; readonly routerId: string }): string {
  return `${labelId}/${routerId}`
}

function counterOf({ namespace, family, labelId }: Reading): string {
  return `${namespace} ${family} ${labelId}`
}

function newMeter({ labelId, projectId, routerId }: Reading, now: number): Meter {
  const times = { time: 0, firstUpdate: now, lastUpdate: now }
  return { labelId, projectId, routerId, ...ZERO, ...times, totalPkts: 0, totalBytes: 0 }
}

function since(before: Counters, now: Counters): Counters {
  if (now.pkts < before.pkts || now.bytes < before.bytes) return now
  return { pkts: now.pkts - before.pkts, bytes: now.bytes - before.bytes }
}

function sampleOf(meter: Meter, granular: boolean): MeterSample {
  return {
    label_id: meter.labelId,
    project_id: meter.projectId,
    ...(granular && { router_id: meter.routerId }),
    pkts: meter.pkts,
    bytes: meter.bytes,
    time: meter.time,
    first_update: meter.firstUpdate,
    last_update: meter.lastUpdate,
    total_pkts: meter.totalPkts,
    total_bytes: meter.totalBytes,
  }
}

function together(a: MeterSample, b: MeterSample): MeterSample {
  return {
    ...a,
    pkts: a.pkts + b.pkts,
    bytes: a.bytes + b.bytes,
    time: Math.max(a.time, b.time),
    first_update: Math.min(a.first_update, b.first_update),
    last_update: Math.max(a.last_update, b.last_update),
    total_pkts: a.total_pkts + b.total_pkts,
    total_bytes: a.total_bytes + b.total_bytes,
  }
}
