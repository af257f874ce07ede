import { intToIp } from '../../model/ip.js'
import type { ActualClass, ActualQueue, Queue } from './address-limits.js'

interface JsonQdisc {
  readonly kind: string
  readonly handle?: string
  readonly dev?: string
  readonly parent?: string
  readonly options?: { readonly limit?: number }
}

interface JsonFilter {
  readonly kind: string
  readonly options?: {
    readonly fh?: string
    readonly flowid?: string
    readonly match?: { readonly value?: string; readonly off?: number }
    readonly actions?: readonly { readonly kind: string; readonly to_dev?: string }[]
  }
}

/** What `tc -j -batch` printed of a namespace: an array for each dump, but lines of text for classes. */
export interface TcDump {
  readonly qdiscs: readonly JsonQdisc[]
  readonly filters: readonly JsonFilter[]
  /** by class id, as printed */
  readonly rates: ReadonlyMap<string, string>
}

export function parseTcDump(text: string): TcDump {
  const arrays = text
    .split('\n')
    .filter((line) => line.startsWith('['))
    .map((line) => JSON.parse(line.trim()) as readonly (JsonQdisc & JsonFilter)[])
  const rates = [...text.matchAll(/^class htb (\S+) .*? rate (\S+) /gm)].map(([, id, rate]) => [id!, rate!] as const)
  const isQdisc = (object: JsonQdisc) => object.handle !== undefined && object.dev !== undefined
  const all = arrays.flat()
  return { qdiscs: all.filter(isQdisc), filters: all.filter((object) => !isQdisc(object)), rates: new Map(rates) }
}

/** Devices that have an ingress of any kind. */
export function ingressDevices({ qdiscs }: TcDump): string[] {
  return qdiscs.flatMap(({ kind, dev }) => (kind === 'ingress' && dev ? [dev] : []))
}

/** Whether some ingress leads to the device. */
export function leadsTo({ filters }: TcDump, device: string): boolean {
  return filters.some(({ options }) => options?.actions?.some(({ to_dev }) => to_dev === device) ?? false)
}

/** Devices with a queueing discipline of ours. */
export function ourDevices({ qdiscs }: TcDump, major: Queue['major']): string[] {
  return qdiscs.flatMap(({ kind, handle, dev }) => (kind === 'htb' && handle === `${major}:` && dev ? [dev] : []))
}

export function queueOf(dump: TcDump, { device, major }: Queue): ActualQueue {
  if (!ourDevices(dump, major).includes(device)) return null
  const addresses = new Map(
    dump.filters.flatMap(({ options }) => {
      const { flowid, match } = options ?? {}
      return flowid?.startsWith(`${major}:`) && match?.value
        ? [[flowid, intToIp(BigInt(`0x${match.value}`), 4)] as const]
        : []
    }),
  )
  const limits = new Map(
    dump.qdiscs.map(({ kind, parent, options }) => [parent, kind === 'bfifo' ? options?.limit : null]),
  )
  return [...dump.rates]
    .filter(([id]) => id.startsWith(`${major}:`))
    .map(([id, rate]): ActualClass => {
      const minor = Number.parseInt(id.slice(major.length + 1), 16)
      return { minor, address: addresses.get(id) ?? null, rate, limit: limits.get(id) ?? null }
    })
}
