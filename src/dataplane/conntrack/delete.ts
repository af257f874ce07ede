import type { Host } from '../command/host.js'

/** Connections to be forgotten. Absent fields match everything. */
export interface ConnectionFilter {
  readonly family: 'ipv4' | 'ipv6'
  readonly zone: number
  /** name or number */
  readonly protocol?: string
  /** source and destination of the first packet */
  readonly source?: string
  readonly destination?: string
}

/** Exit code 1: no connection matched. */
const OK_CODES = [0, 1]
const AT_ONCE = 4

/** Runs `conntrack -D` for each filter; returns the number of runs that removed something. */
export async function deleteConnections(host: Host, filters: readonly ConnectionFilter[]): Promise<number> {
  let removed = 0
  for (let i = 0; i < filters.length; i += AT_ONCE) {
    const runs = filters.slice(i, i + AT_ONCE).map((filter) => host.run(deleteCommand(filter), { okCodes: OK_CODES }))
    removed += (await Promise.all(runs)).filter(({ code }) => code === 0).length
  }
  return removed
}

export function deleteCommand({ family, zone, protocol, source, destination }: ConnectionFilter): string[] {
  return [
    'conntrack',
    '-D',
    '-f',
    family,
    '-w',
    String(zone),
    ...(protocol === undefined ? [] : ['-p', protocol]),
    ...(source === undefined ? [] : ['-s', source]),
    ...(destination === undefined ? [] : ['-d', destination]),
  ]
}
