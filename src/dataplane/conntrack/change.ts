import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from '../command/host.js'
import type { Connection } from './connection.js'

const TCP = 6
const ICMP = [1, 58]
/** Protocols of which the kernel takes any packet for the first of a connection, with seconds that an idle one is kept. */
const PICKED_UP: ReadonlyMap<number, number> = new Map([
  [TCP, 432_000],
  [17, 180],
  [136, 180],
])
const SHORT = 30

/** What is to become of the connections of a zone. */
export interface ZoneChange {
  /** the next packet is judged as the first of a new connection */
  readonly forget: readonly Connection[]
  /**
   * The same, but what follows is not taken for a new connection: an entry with `mark` stands in its place. Without it
   * the next segment that an end sends the other way would bring the connection back.
   */
  readonly end: readonly Connection[]
  readonly mark: number
  /** the others */
  readonly keep: readonly Connection[]
}

/** So many are searched for one by one, so that the others are not touched. */
const FEW = 8
/** How many entries can be written in the time that it takes to find one. */
const WRITES_PER_SEARCH = 200

/**
 * Lines for `conntrack -R`. Each `-D` searches the whole table, which takes tens of milliseconds; so many connections
 * of a zone are removed with all of it, and those to be kept are entered anew.
 */
export function zoneLines(zone: number, { forget, end, mark, keep }: ZoneChange): string[] {
  const gone = [...forget, ...end]
  const graves = end.filter(({ protocol }) => PICKED_UP.has(protocol)).map((each) => entry(each, mark))
  if (gone.length <= FEW + keep.length / WRITES_PER_SEARCH)
    return [...gone.map((each) => `-D ${tuple(each)}`), ...graves]
  const again = keep.filter(({ protocol }) => PICKED_UP.has(protocol) || ICMP.includes(protocol))
  return [...forgetZoneLines([zone]), ...again.map((each) => entry(each, each.mark)), ...graves]
}

/** Enters a connection as an established one; what is there already stays as it is. */
function entry(connection: Connection, mark: number): string {
  const state = connection.protocol === TCP ? ' --state ESTABLISHED -u SEEN_REPLY,ASSURED' : ''
  return `-A ${tuple(connection)}${state} -t ${PICKED_UP.get(connection.protocol) ?? SHORT} -m ${mark}`
}

/** Lines that forget everything in these zones. */
export function forgetZoneLines(zones: readonly number[]): string[] {
  return zones.map((zone) => `-D -w ${zone}`)
}

/** Carries out such lines in one run. Returns the number of runs (0 or 1). */
export async function changeConnections(host: Host, lines: readonly string[]): Promise<number> {
  if (lines.length === 0) return 0
  // it opens /dev/stdin by name, which does not work on the socket that standard input is
  const directory = await mkdtemp(join(tmpdir(), 'conntrack-'))
  try {
    const file = join(directory, 'changes')
    await writeFile(file, `${lines.join('\n')}\n`)
    await host.run(['conntrack', '-R', file])
  } finally {
    await rm(directory, { recursive: true })
  }
  return 1
}

function tuple({ family, zone, protocol, source, destination, ports, icmp }: Connection): string {
  const name = family === 'ipv4' ? 'icmp' : 'icmpv6'
  return [
    `-w ${zone} -p ${protocol} -s ${source} -d ${destination}`,
    ...(ports ? [`--sport ${ports.source} --dport ${ports.destination}`] : []),
    ...(icmp ? [`--${name}-type ${icmp.type} --${name}-code ${icmp.code} --${name}-id ${icmp.id}`] : []),
  ].join(' ')
}
