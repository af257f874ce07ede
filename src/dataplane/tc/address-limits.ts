import type { RateLimit } from '../../model/cloud.js'
import { bytesOf } from './shaper.js'

/** How fast an IPv4 address of a router may send to the outside (`egress`) and be sent to. */
export interface AddressLimit {
  readonly address: string
  readonly egress: RateLimit | null
  readonly ingress: RateLimit | null
}

/** A device that leads outside, with its limited addresses. */
export interface LimitedDevice {
  readonly device: string
  readonly addresses: readonly AddressLimit[]
}

/** A device whose sending is divided: one class for each limited address, which a filter finds by that address. */
export interface Queue {
  readonly device: string
  /** number of our queueing discipline on it: nobody else's `htb` has it */
  readonly major: '7e0c' | '7e0d'
  /** where in its packets the address stands */
  readonly side: 'src' | 'dst'
}

interface ClassSpec {
  readonly bytesPerSecond: number
  readonly burst: number
}

/** A class as it is, with the address that leads to it (null: none does). */
export interface ActualClass {
  readonly minor: number
  readonly address: string | null
  readonly rate: string
  /** bytes that may wait; null: it is no queue of ours */
  readonly limit: number | null
}

/** Null: our queueing discipline is not there. */
export type ActualQueue = readonly ActualClass[] | null

/** Filters have as many numbers. */
const MOST_ADDRESSES = 0xfff
const WAIT_SECONDS = 0.05
const QUANTUM = 3028

/**
 * The kernel shapes what a device sends, not what it gets. What comes in by `device` is therefore led through a device of
 * its own (an ifb), which "sends" it into the namespace.
 */
export const ifbName = (device: string) => `ifb-${device.replace(/^[a-z]+-/, '')}`.slice(0, 14)

export const outgoing = (device: string): Queue => ({ device, major: '7e0c', side: 'src' })
export const incoming = (device: string): Queue => ({ device: ifbName(device), major: '7e0d', side: 'dst' })

/** Lines for `tc -batch` that turn a queue into one with these limits by address; none: it goes. */
export function queueLines(
  { device, major, side }: Queue,
  actual: ActualQueue,
  desired: ReadonlyMap<string, RateLimit>,
): string[] {
  if (desired.size > MOST_ADDRESSES) throw new RangeError(`${device}: more than ${MOST_ADDRESSES} limited addresses`)
  if (desired.size === 0) return actual === null ? [] : [`qdisc del dev ${device} root`]
  const classes = actual ?? []
  const kept = new Map(
    classes.flatMap((one) => (one.address !== null && desired.has(one.address) ? [[one.address, one]] : [])),
  )
  const stale = classes.filter((one) => one.address === null || kept.get(one.address) !== one)
  const free = freeMinors(classes)
  return [
    ...(actual === null ? [`qdisc replace dev ${device} root handle ${major}: htb default 0 direct_qlen 1000`] : []),
    ...[...desired].flatMap(([address, limit]) => {
      const found = kept.get(address)
      const minor = found?.minor ?? free.next().value!
      const spec = bytesOf(limit)
      const id = `${major}:${minor.toString(16)}`
      const filter = `filter add dev ${device} parent ${major}: protocol ip prio 1 handle 800::${minor.toString(16)} u32 match ip ${side} ${address}/32 flowid ${id}`
      return [...(isAs(found, spec) ? [] : classLines(device, major, id, spec)), ...(found ? [] : [filter])]
    }),
    ...stale.flatMap(({ minor, address }) => [
      ...(address === null
        ? []
        : [`filter del dev ${device} parent ${major}: protocol ip prio 1 handle 800::${minor.toString(16)} u32`]),
      `class del dev ${device} classid ${major}:${minor.toString(16)}`,
    ]),
  ]
}

function classLines(device: string, major: string, id: string, spec: ClassSpec): string[] {
  const rate = `${spec.bytesPerSecond * 8}bit`
  return [
    `class replace dev ${device} parent ${major}: classid ${id} htb rate ${rate} ceil ${rate} burst ${spec.burst} cburst ${spec.burst} quantum ${QUANTUM}`,
    `qdisc replace dev ${device} parent ${id} bfifo limit ${waiting(spec)}`,
  ]
}

function isAs(actual: ActualClass | undefined, spec: ClassSpec): boolean {
  return actual?.rate === rateText(spec.bytesPerSecond * 8) && actual.limit === waiting(spec)
}

/** What may wait: as much as leaves at once, and what leaves in a twentieth of a second. Tells the burst apart, which the kernel rounds. */
function waiting({ bytesPerSecond, burst }: ClassSpec): number {
  return Math.ceil(bytesPerSecond * WAIT_SECONDS) + burst
}

function* freeMinors(classes: readonly ActualClass[]): Generator<number, never> {
  const taken = new Set(classes.map(({ minor }) => minor))
  for (let minor = 1; ; minor++) if (!taken.has(minor)) yield minor
}

const UNITS = ['bit', 'Kbit', 'Mbit', 'Gbit', 'Tbit'] as const

/** A rate as tc prints it: in the largest unit that it is a whole number of, or of which it has a thousand. */
export function rateText(bitsPerSecond: number): string {
  let [rate, unit] = [bitsPerSecond, 0]
  while (unit < UNITS.length - 1 && rate >= 1000 && (rate % 1000 === 0 || rate >= 1_000_000)) {
    rate = Math.floor(rate / 1000)
    unit += 1
  }
  return `${rate}${UNITS[unit]}`
}
