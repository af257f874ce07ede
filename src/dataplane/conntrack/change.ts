import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from '../command/host.js'
import type { Connection } from './connection.js'

const TCP = 6
/** Protocols of which the kernel takes any packet for the first of a connection. */
const PICKED_UP: ReadonlyMap<number, number> = new Map([
  // seconds: as long as an idle connection is remembered
  [TCP, 432_000],
  [17, 180],
  [136, 180],
])

/**
 * Lines for `conntrack -R` that forget connections, so that the next packet is judged as the first of a new one.
 */
export function forgetLines(connections: readonly Connection[]): string[] {
  return connections.map((connection) => `-D ${tuple(connection)}`)
}

/**
 * The same, but what follows is not taken for a new connection: an entry with `mark` stands in its place. Without it
 * the next segment that an end sends the other way would bring the connection back.
 */
export function endLines(connections: readonly Connection[], mark: number): string[] {
  return connections.flatMap((connection) => {
    const timeout = PICKED_UP.get(connection.protocol)
    const forget = `-D ${tuple(connection)}`
    if (timeout === undefined) return [forget]
    const state = connection.protocol === TCP ? ' --state ESTABLISHED' : ''
    return [forget, `-A ${tuple(connection)}${state} -t ${timeout} -m ${mark}`]
  })
}

/** The same for everything in a zone. */
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
