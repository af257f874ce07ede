import type { Host } from '../../dataplane/command/host.js'
import type { Translation } from './desired/types.js'

/** Translations that came and went in one namespace. */
export interface TranslationChange {
  readonly added: readonly Translation[]
  readonly removed: readonly Translation[]
}

const key = ({ floatingIp, fixedIp, ports }: Translation) => JSON.stringify([floatingIp, fixedIp, ports])

export function changedTranslations(before: readonly Translation[], after: readonly Translation[]): TranslationChange {
  const [old, now] = [new Set(before.map(key)), new Set(after.map(key))]
  return { added: after.filter((each) => !old.has(key(each))), removed: before.filter((each) => !now.has(key(each))) }
}

/**
 * Forgets connections that were set up under another translation; a connection keeps the one of its first packet.
 * Removed: everything to the floating IP (to its forwarded ports, if it is those), and everything from inside that was
 * sent out under it. Added: what the fixed address had going on without one, which would leave untranslated from now on;
 * forwarded ports change nothing of what it sends.
 */
export async function forgetConnections(host: Host, netns: string, change: TranslationChange): Promise<void> {
  const forwarded = await Promise.all(change.removed.map((each) => forwardedConnections(host, netns, each)))
  const filters = [
    ...change.removed.flatMap(({ floatingIp, ports }) =>
      ports
        ? []
        : [
            ['-d', floatingIp],
            ['-q', floatingIp],
          ],
    ),
    ...forwarded.flat(),
    ...change.added.filter(({ ports }) => !ports).map(({ fixedIp }) => ['-s', fixedIp]),
  ]
  // ends with 1 when there was no such connection
  const drop = (filter: string[]) => host.run(['conntrack', '-D', '-f', 'ipv4', ...filter], { netns, okCodes: [0, 1] })
  await Promise.all(filters.map(drop))
}

/** Filters for connections to forwarded ports: of a range only those that are in use, there is no filter for ranges. */
async function forwardedConnections(
  host: Host,
  netns: string,
  { floatingIp, ports }: Translation,
): Promise<string[][]> {
  if (!ports) return []
  const { protocol, first, last } = ports
  const to = ['-p', protocol, '-d', floatingIp]
  const filter = (port: number) => [...to, '--dport', String(port)]
  if (first === last) return [filter(first)]
  const { stdout } = await host.run(['conntrack', '-L', '-f', 'ipv4', ...to], { netns, okCodes: [0, 1] })
  const inUse = [...stdout.matchAll(/^[^\n]*? dport=(\d+)/gm)].map(([, port]) => Number(port))
  return [...new Set(inUse)].filter((port) => port >= first && port <= last).map(filter)
}
