import type { Host } from '../command/host.js'
import type { Family } from './types.js'

/** What a rule has seen. */
export interface Counters {
  readonly pkts: number
  readonly bytes: number
}

const PROGRAMS: Record<Family, string> = { ipv4: 'iptables-save', ipv6: 'ip6tables-save' }

/** Counters of the first rule of every chain of table filter in a network namespace. They are left as they are. */
export async function readCounters(host: Host, netns: string, family: Family): Promise<ReadonlyMap<string, Counters>> {
  const { stdout } = await host.run([PROGRAMS[family], '--counters', '--table', 'filter'], { netns })
  return parseCounters(stdout)
}

/** `[packets:bytes] -A chain …` of the text of `iptables-save --counters`: the first of each chain. */
export function parseCounters(text: string): ReadonlyMap<string, Counters> {
  const found = new Map<string, Counters>()
  for (const [, pkts, bytes, chain] of text.matchAll(/^\[(\d+):(\d+)\] -A (\S+)/gm)) {
    if (!found.has(chain!)) found.set(chain!, { pkts: Number(pkts), bytes: Number(bytes) })
  }
  return found
}
