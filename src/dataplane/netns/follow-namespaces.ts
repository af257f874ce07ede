import { type FSWatcher, mkdirSync, statSync, watch } from 'node:fs'
import type { Host } from '../command/host.js'

/** A namespace has its name a moment before it is there, and its first devices and rules a moment later. */
const SOON_MS = 50

/** Calls `changed` soon after network namespaces came or went, until the returned function is called. */
export function followNamespaces({ paths }: Host, changed: () => void): () => void {
  mkdirSync(paths.netns, { recursive: true })
  let soon: NodeJS.Timeout | null = null
  const watcher: FSWatcher = watch(paths.netns, () => {
    soon ??= setTimeout(() => {
      soon = null
      changed()
    }, SOON_MS)
  })
  // whoever follows looks now and then anyway
  watcher.on('error', () => watcher.close())
  return () => {
    if (soon) clearTimeout(soon)
    watcher.close()
  }
}

/**
 * What tells a namespace from an earlier one of its name, as long as it has it; null when there is none. The kernel gives
 * the number of a deleted one to the next: the time at which it was named belongs to it.
 */
export function namespaceIdentity({ paths }: Host, name: string): string | null {
  const found = statSync(`${paths.netns}/${name}`, { throwIfNoEntry: false })
  return found ? `${found.ino}.${found.ctimeMs}` : null
}
