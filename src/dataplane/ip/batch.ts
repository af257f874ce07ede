import { CommandError } from '../command/command-error.js'
import type { Host } from '../command/host.js'

/** A line of a batch that failed, with what `ip` said about it. */
export interface BatchFault {
  readonly line: string
  readonly message: string
}

export interface BatchOptions {
  /** namespace name; null: the host's own */
  readonly netns?: string | null
  /** 6: rules and routes without an address in them are IPv6 ones */
  readonly family?: 4 | 6
  /** other programs of iproute2 take batches in the same way */
  readonly tool?: 'ip' | 'bridge' | 'tc'
}

/**
 * Runs all lines in one `ip -batch -`. A line that fails does not stop the ones behind it; what was already
 * so (adding what is there, deleting what is gone) is no fault.
 */
export async function ipBatch(host: Host, lines: readonly string[], options: BatchOptions = {}): Promise<BatchFault[]> {
  if (lines.length === 0) return []
  const argv = [
    options.tool ?? 'ip',
    ...(options.family === 6 ? ['-6'] : []),
    ...(options.netns ? ['-n', options.netns] : []),
  ]
  const command = [...argv, '-force', '-batch', '-']
  const result = await host.run(command, { input: `${lines.join('\n')}\n`, okCodes: [0, 1] })
  if (result.code === 0) return []
  const faults = batchFaults(lines, result.stderr)
  if (faults === null) throw new CommandError(command, result.code, result.stderr)
  return faults.filter(({ line, message }) => !isAlreadySo(line, message))
}

/** Assigns what `ip` said to the lines it said it about; null when it says nothing about lines. */
export function batchFaults(lines: readonly string[], stderr: string): BatchFault[] | null {
  const faults: BatchFault[] = []
  let said: string[] = []
  for (const text of stderr.split('\n')) {
    const failed = text.match(/^Command failed -:(\d+)/)
    if (failed) {
      faults.push({ line: lines[Number(failed[1]) - 1] ?? '', message: said.join(' ').trim() || text })
      said = []
    } else said.push(text)
  }
  return faults.length > 0 ? faults : null
}

function isAlreadySo(line: string, message: string): boolean {
  if (/^\S+ add /.test(line)) return /File exists|already assigned/.test(message)
  if (/^\S+ del /.test(line)) return /No such|Cannot find|Cannot assign|does not exist/.test(message)
  return false
}
