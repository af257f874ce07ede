import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 2
const END_TIMEOUT_MS = 5_000

/** Start time of a live process (field 22 of /proc/PID/stat); null when it is gone or a zombie. */
export function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the command name may contain blanks and parentheses: count from the last one
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** The process is alive and still the one that had this pid then. */
export function isAlive(process: { pid: number; start: string } | null): boolean {
  return process !== null && startTime(process.pid) === process.start
}

/**
 * Kills a process and waits until it is gone; does nothing when it is gone already. An instance's init is not a child of
 * a restarted nova-compute, so its end has to be looked at instead of waited for.
 */
export async function end(target: { pid: number; start: string } | null): Promise<void> {
  if (!isAlive(target)) return
  process.kill(target!.pid, 'SIGKILL')
  const deadline = Date.now() + END_TIMEOUT_MS
  while (isAlive(target)) {
    if (Date.now() > deadline) throw new Error(`process ${target!.pid} does not end`)
    await delay(POLL_MS)
  }
}
