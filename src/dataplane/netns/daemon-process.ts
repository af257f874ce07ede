import { readFileSync, statSync } from 'node:fs'

/** A process that detached itself and is known by its pid file alone. */
export interface DaemonProcess {
  readonly pid: number
  readonly argv: readonly string[]
}

/**
 * The process a pid file names, if it runs and `isOurs` recognises its command line: numbers are used again, and a
 * pid file survives a reboot.
 */
export function findDaemon(pidFile: string, isOurs: (argv: readonly string[]) => boolean): DaemonProcess | null {
  const pid = Number.parseInt(readText(pidFile), 10)
  if (!(pid > 1)) return null
  // a zombie has an empty command line
  const argv = readText(`/proc/${pid}/cmdline`).split('\0').slice(0, -1)
  return argv.length > 0 && isOurs(argv) ? { pid, argv } : null
}

/** Whether a process is in the namespace that now has this file; it may have been made anew under the same name. */
export function isInNamespace(pid: number, netnsFile: string): boolean {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino === statSync(netnsFile).ino
  } catch {
    return false
  }
}

/** Ends a process and resolves when it is gone; after a second it is killed. */
export async function endDaemon(pid: number): Promise<void> {
  if (!signal(pid, 'SIGTERM')) return
  for (let waited = 0; isAlive(pid); waited += STEP_MS) {
    if (waited === KILL_AFTER_MS) signal(pid, 'SIGKILL')
    if (waited > 2 * KILL_AFTER_MS) throw new Error(`process ${pid} does not end`)
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

const STEP_MS = 2
const KILL_AFTER_MS = 1_000

/**
 * @param name 0 only asks
 * @returns false when there is no such process
 */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Running; one that has ended and waits for its parent counts as gone. */
function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(readText(`/proc/${pid}/status`))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
