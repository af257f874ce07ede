import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { startLab } from '../test/lib/lab.js'

const SECONDS = 20
const TICKS_PER_SECOND = 100

interface Usage {
  ticks: number
  kib: number
}

/** Processor time and memory of every process of a lab that has nothing to do, by program and in all. */
export async function run(): Promise<unknown> {
  const lab = await startLab('bench-idle', 20_000)
  try {
    // what starting up left to do (compilation, first collections) is not idling
    await delay(5_000)
    const before = usage(lab.state.inits)
    await delay(SECONDS * 1000)
    const after = usage(lab.state.inits)
    const programs = [...after].map(([program, { ticks, kib }]) => {
      const used = ticks - (before.get(program)?.ticks ?? 0)
      return {
        program,
        core_percent: round((100 * used) / TICKS_PER_SECOND / SECONDS),
        resident_mib: Math.round(kib / 1024),
      }
    })
    return {
      seconds: SECONDS,
      core_percent: round(programs.reduce((sum, { core_percent }) => sum + core_percent, 0)),
      resident_mib: programs.reduce((sum, { resident_mib }) => sum + resident_mib, 0),
      programs: programs.sort((a, b) => b.core_percent - a.core_percent),
    }
  } finally {
    await lab.down()
  }
}

const round = (value: number) => Math.round(value * 100) / 100

function usage(inits: Readonly<Record<string, { pid: number }>>): Map<string, Usage> {
  const namespaces = new Set(Object.values(inits).map(({ pid }) => readlinkSync(`/proc/${pid}/ns/pid`)))
  const result = new Map<string, Usage>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!namespaces.has(readlinkSync(`/proc/${pid}/ns/pid`))) continue
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      const program = (argv[1]?.endsWith('.js') ? argv[1] : argv[0])!.split('/').pop()!
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const kib = Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1] ?? 0)
      const sum = result.get(program) ?? { ticks: 0, kib: 0 }
      result.set(program, { ticks: sum.ticks + Number(fields[11]) + Number(fields[12]), kib: sum.kib + kib })
    } catch {
      // ended meanwhile
    }
  }
  return result
}
