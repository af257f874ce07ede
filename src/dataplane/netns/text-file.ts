import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Content of a file; null when there is none. */
export function readTextFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * Makes the file say `text`, at once or not at all (a new file takes the old one's place), making its directory too.
 * @returns whether it said something else before
 */
export function replaceTextFile(path: string, text: string, mode = 0o644): boolean {
  if (readTextFile(path) === text) return false
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const next = `${path}.new`
  writeFileSync(next, text, { mode })
  renameSync(next, path)
  return true
}
