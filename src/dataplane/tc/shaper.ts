import { CommandError } from '../command/command-error.js'
import type { Host } from '../command/host.js'
import { type BatchFault, batchFaults } from '../ip/batch.js'

/** How fast a device may send, in kbit/s, and how many kbit at once. */
export interface Shape {
  readonly kbps: number
  readonly burstKb: number
  /** changes when the device is another one of the same name */
  readonly generation: number
}

export interface ShapedDevice {
  readonly bytesPerSecond: number
  readonly burst: number
}

/** By it we know our queueing disciplines: nobody else's `tbf` has this handle. */
export const HANDLE = '7e0b:'
/** less than a large frame would never be let through */
const SMALLEST_BURST = 10_000
/** the kernel's clock cannot release less than what a tick lets through */
const TICKS_PER_SECOND = 100
const LATENCY = '50ms'

export function bytesOf({ kbps, burstKb }: Pick<Shape, 'kbps' | 'burstKb'>): ShapedDevice {
  const bytesPerSecond = kbps * 125
  return {
    bytesPerSecond,
    burst: Math.max(burstKb * 125, SMALLEST_BURST, Math.ceil(bytesPerSecond / TICKS_PER_SECOND)),
  }
}

interface JsonQdisc {
  readonly kind: string
  readonly handle?: string
  readonly dev?: string
  readonly options?: { readonly rate?: number; readonly burst?: number }
}

/** Our shapes in the output of `tc -j qdisc show`, by device. */
export function parseShapes(text: string): Map<string, ShapedDevice> {
  const found = text.trim() === '' ? [] : (JSON.parse(text) as JsonQdisc[])
  return new Map(
    found.flatMap(({ kind, handle, dev, options }) =>
      kind === 'tbf' && handle === HANDLE && dev !== undefined
        ? [[dev, { bytesPerSecond: options?.rate ?? 0, burst: options?.burst ?? 0 }] as const]
        : [],
    ),
  )
}

/** Lines for `tc -batch -` that turn `actual` into `desired`. */
export function shapeLines(
  actual: ReadonlyMap<string, ShapedDevice>,
  desired: ReadonlyMap<string, ShapedDevice>,
): string[] {
  const stale = [...actual.keys()].filter((device) => !desired.has(device))
  const wrong = [...desired].filter(([device, shape]) => !isAbout(actual.get(device), shape))
  return [
    ...wrong.map(
      ([device, { bytesPerSecond, burst }]) =>
        `qdisc replace dev ${device} root handle ${HANDLE} tbf rate ${bytesPerSecond * 8}bit burst ${burst} latency ${LATENCY}`,
    ),
    ...stale.map((device) => `qdisc del dev ${device} root`),
  ]
}

/** The kernel keeps a burst as a time, so it reads back a little different. */
function isAbout(actual: ShapedDevice | undefined, { bytesPerSecond, burst }: ShapedDevice): boolean {
  return actual?.bytesPerSecond === bytesPerSecond && Math.abs(actual.burst - burst) <= burst / 50
}

/** Keeps the rates at which the kernel's own devices of a host may send. */
export class Shaper {
  readonly #host: Host
  /** what was brought about last, as text; null: look first */
  #last: string | null = null

  constructor(host: Host) {
    this.#host = host
  }

  /** Returns the number of changes, and the devices that could not be brought about. */
  async apply(
    desired: ReadonlyMap<string, Shape>,
    audit: boolean,
  ): Promise<{ readonly writes: number; readonly faults: readonly BatchFault[] }> {
    const text = JSON.stringify([...desired])
    if (!audit && text === this.#last) return { writes: 0, faults: [] }
    this.#last = null
    const { stdout } = await this.#host.run(['tc', '-j', 'qdisc', 'show'])
    const wanted = new Map([...desired].map(([device, shape]) => [device, bytesOf(shape)]))
    const lines = shapeLines(parseShapes(stdout), wanted)
    const faults = await this.#write(lines)
    if (faults.length === 0) this.#last = text
    return { writes: lines.length, faults }
  }

  async #write(lines: readonly string[]): Promise<readonly BatchFault[]> {
    if (lines.length === 0) return []
    const command = ['tc', '-force', '-batch', '-']
    const { code, stderr } = await this.#host.run(command, { input: `${lines.join('\n')}\n`, okCodes: [0, 1, 2] })
    if (code === 0) return []
    const faults = batchFaults(lines, stderr)
    if (faults === null) throw new CommandError(command, code, stderr)
    return faults.filter(({ line }) => !line.startsWith('qdisc del'))
  }
}
