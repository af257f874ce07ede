import { type Place, talk } from './place.js'

/** From whom to whom, and under which address the second is reached. */
export interface Path {
  readonly name: string
  readonly from: Place
  readonly to: Place
  readonly address: string
}

export interface Figures {
  /** megabits per second of one TCP connection */
  readonly tcp_mbit: number
  /** received packets per second, 64 bytes each on the wire */
  readonly udp_pps: number
  /** microseconds */
  readonly rtt_p50: number
  readonly rtt_p99: number
}

const TCP_MS = 1000
const UDP_MS = 500
const ROUND_TRIPS = 150
const PORT = { tcp: '5201', udp: '5202', echo: '5203' }

/** One measurement of each kind, one after the other. */
export async function measure(load: string, { from, to, address }: Path): Promise<Figures> {
  const both = (server: readonly string[], client: readonly string[]) =>
    talk({ at: to, argv: [load, ...server] }, { at: from, argv: [load, ...client] })
  const tcp = await both(['tcp-sink', PORT.tcp], ['tcp-send', address, PORT.tcp, String(TCP_MS)])
  const udp = await both(['udp-sink', PORT.udp], ['udp-send', address, PORT.udp, String(UDP_MS)])
  const rtt = await both(['udp-echo', PORT.echo], ['udp-rtt', address, PORT.echo, String(ROUND_TRIPS)])
  const [p50 = 0, p99 = 0] = rtt.client.split(' ').map(Number)
  return { tcp_mbit: Number(tcp.server), udp_pps: Number(udp.server), rtt_p50: p50, rtt_p99: p99 }
}

export function medians(all: readonly Figures[]): Figures {
  const of = (key: keyof Figures) => {
    const values = all.map((each) => each[key]).sort((a, b) => a - b)
    return values[Math.floor(values.length / 2)] ?? 0
  }
  return { tcp_mbit: of('tcp_mbit'), udp_pps: of('udp_pps'), rtt_p50: of('rtt_p50'), rtt_p99: of('rtt_p99') }
}
