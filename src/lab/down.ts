import { setTimeout as delay } from 'node:timers/promises'
import { isRunning, labDir, type ProcessMark, readState, removeLabDir } from './state.js'
import type { Progress } from './up.js'

const LONGEST_MS = 20_000

/**
 * Ends a lab. Ending a node's first process ends every process of the node (they share its pid namespace), and with
 * the last process go its network namespaces, devices and mounts. Then the lab's directory is removed.
 */
export async function down(name: string, progress: Progress): Promise<boolean> {
  const state = readState(name)
  if (state) {
    const marks = Object.values(state.inits)
    for (const mark of marks) end(mark)
    await gone(marks)
    progress(`ended ${marks.length - 1} nodes`)
  }
  removeLabDir(name)
  progress(`removed ${labDir(name)}`)
  return state !== null
}

function end(mark: ProcessMark): void {
  if (!isRunning(mark)) return
  try {
    process.kill(mark.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The kernel takes its time to undo a namespace with many processes; there is no event to wait for from outside. */
async function gone(marks: readonly ProcessMark[]): Promise<void> {
  const deadline = Date.now() + LONGEST_MS
  while (marks.some(isRunning)) {
    if (Date.now() > deadline) throw new Error(`process ${marks.find(isRunning)!.pid} does not end`)
    await delay(5)
  }
}
