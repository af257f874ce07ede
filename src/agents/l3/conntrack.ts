import type { Host } from '../../dataplane/command/host.js'
import type { Translation } from './desired/types.js'

/** Translations that came and went in one namespace. */
export interface TranslationChange {
  readonly added: readonly Translation[]
  readonly removed: readonly Translation[]
}

const key = ({ floatingIp, fixedIp }: Translation) => `${floatingIp} ${fixedIp}`

export function changedTranslations(before: readonly Translation[], after: readonly Translation[]): TranslationChange {
  const [old, now] = [new Set(before.map(key)), new Set(after.map(key))]
  return { added: after.filter((each) => !old.has(key(each))), removed: before.filter((each) => !now.has(key(each))) }
}

/**
 * Forgets connections that were set up under another translation; a connection keeps the one of its first packet.
 * Removed: everything to the floating IP, and everything from inside that was sent out under it. Added: what the fixed
 * address had going on without one, which would leave untranslated from now on.
 */
export async function forgetConnections(host: Host, netns: string, change: TranslationChange): Promise<void> {
  const filters = [
    ...change.removed.flatMap(({ floatingIp }) => [
      ['-d', floatingIp],
      ['-q', floatingIp],
    ]),
    ...change.added.map(({ fixedIp }) => ['-s', fixedIp]),
  ]
  // ends with 1 when there was no such connection
  const drop = (filter: string[]) => host.run(['conntrack', '-D', '-f', 'ipv4', ...filter], { netns, okCodes: [0, 1] })
  await Promise.all(filters.map(drop))
}
