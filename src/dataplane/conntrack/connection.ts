import type { Host } from '../command/host.js'

/** A tracked connection, by its first packet. */
export interface Connection {
  readonly family: 'ipv4' | 'ipv6'
  readonly zone: number
  /** IP protocol number */
  readonly protocol: number
  readonly source: string
  readonly destination: string
  /** null where the protocol has none */
  readonly ports: { readonly source: number; readonly destination: number } | null
  readonly icmp: { readonly type: number; readonly code: number; readonly id: number } | null
  readonly mark: number
}

/** Connections in these zones. One zone is picked by the tool, several from one listing of all. */
export async function listConnections(
  host: Host,
  family: Connection['family'],
  zones: ReadonlySet<number>,
): Promise<Connection[]> {
  if (zones.size === 0) return []
  const only = zones.size === 1 ? ['-w', String([...zones][0])] : []
  const { stdout } = await host.run(['conntrack', '-L', '-f', family, ...only])
  return parseConnections(stdout, family).filter(({ zone }) => zones.has(zone))
}

/** Reads `conntrack -L`: `tcp 6 299 ESTABLISHED src=… dst=… sport=… dport=… src=… … mark=0 zone=4097 use=1`. */
export function parseConnections(text: string, family: Connection['family']): Connection[] {
  return text.split('\n').flatMap((line) => {
    const head = line.match(/^\S+\s+(\d+)\s/)
    // the reply's fields come second and have the same names
    const first = new Map<string, string>()
    for (const [, key = '', value = ''] of line.matchAll(/(\w+)=(\S+)/g)) if (!first.has(key)) first.set(key, value)
    const [source, destination] = [first.get('src'), first.get('dst')]
    if (!head || !source || !destination) return []
    const number = (key: string) => Number(first.get(key) ?? 0)
    return [
      {
        family,
        zone: number('zone'),
        protocol: Number(head[1]),
        source,
        destination,
        // all zero: a protocol that this kernel does not look into
        ports:
          Number(first.get('sport') ?? 0) + Number(first.get('dport') ?? 0) > 0
            ? { source: number('sport'), destination: number('dport') }
            : null,
        icmp: first.has('type') ? { type: number('type'), code: number('code'), id: number('id') } : null,
        mark: number('mark'),
      },
    ]
  })
}
