import { startLab, type TestLab } from '../test/lib/lab.js'
import { makePaths, plugIdle, unplugIdle } from './datapath/cloud.js'
import { type Figures, measure, medians, type Path } from './datapath/measure.js'
import { compileLoad } from './datapath/place.js'
import { rawVeth } from './datapath/raw-veth.js'

/** `npm run bench datapath -- ROUNDS` */
const ROUNDS = Number(process.argv[3] ?? 3)
const IDLE = 100
const PROFILES = ['plain', 'fast'] as const
type Profile = (typeof PROFILES)[number]

/** One line of the result: a path in a profile, alone or beside idle instances. */
interface Line {
  readonly path: string
  readonly profile: Profile | 'none'
  readonly idle_instances: number
  readonly figures: Figures[]
}

/**
 * What the datapaths do, over every kind of way: both profiles run side by side as labs, and take turns in every round,
 * so that what else happens on the machine happens to both.
 */
export async function run(): Promise<unknown> {
  const load = compileLoad()
  const raw = await rawVeth()
  const labs: Partial<Record<Profile, TestLab>> = {}
  try {
    const paths: Partial<Record<Profile, Path[]>> = {}
    for (const [index, profile] of PROFILES.entries()) {
      const lab = await startLab(`bench-${profile}`, 23_000 + index * 1_000, 2, 1, { datapath: profile })
      labs[profile] = lab
      paths[profile] = await makePaths(lab)
    }
    const lines = new Map<string, Line>()
    for (const idle of [0, IDLE]) {
      for (const lab of Object.values(labs)) if (idle > 0) await plugIdle(lab, idle)
      for (let round = 1; round <= ROUNDS; round++) {
        await oneRound({ load: load.path, raw: raw.path, paths, idle, round }, lines)
      }
      for (const lab of Object.values(labs)) if (idle > 0) await unplugIdle(lab, idle)
    }
    return report([...lines.values()])
  } finally {
    for (const lab of Object.values(labs)) await lab.down()
    await raw.remove()
    load.remove()
  }
}

interface Round {
  readonly load: string
  readonly raw: Path
  readonly paths: Partial<Record<Profile, Path[]>>
  readonly idle: number
  readonly round: number
}

async function oneRound({ load, raw, paths, idle, round }: Round, lines: Map<string, Line>): Promise<void> {
  const note = async (path: Path, profile: Profile | 'none') => {
    const key = `${path.name} ${profile} ${idle}`
    const line = lines.get(key) ?? { path: path.name, profile, idle_instances: idle, figures: [] }
    lines.set(key, line)
    const figures = await measure(load, path)
    line.figures.push(figures)
    const said = `${figures.tcp_mbit} Mbit/s, ${figures.udp_pps} packets/s, ${figures.rtt_p50} us`
    process.stderr.write(`round ${round}, ${idle} idle, ${profile}, ${path.name}: ${said}\n`)
  }
  await note(raw, 'none')
  for (const [index] of paths.plain!.entries()) {
    for (const profile of PROFILES) await note(paths[profile]![index]!, profile)
  }
}

/** Medians, and what they are in relation: only ratios can be carried from machine to machine. */
function report(lines: readonly Line[]): unknown {
  const found = lines.map(({ figures, ...line }) => ({ ...line, ...medians(figures) }))
  const raw = found.find(({ profile }) => profile === 'none')
  const ratio = (a: number, b: number | undefined) => (b ? Math.round((100 * a) / b) / 100 : null)
  const results = found.map((line) => {
    const plain = found.find(
      ({ path, profile, idle_instances }) =>
        path === line.path && profile === 'plain' && idle_instances === line.idle_instances,
    )
    return {
      ...line,
      tcp_to_raw: ratio(line.tcp_mbit, raw?.tcp_mbit),
      tcp_to_plain: line.profile === 'fast' ? ratio(line.tcp_mbit, plain?.tcp_mbit) : null,
      pps_to_plain: line.profile === 'fast' ? ratio(line.udp_pps, plain?.udp_pps) : null,
      rtt_to_plain: line.profile === 'fast' ? ratio(line.rtt_p50, plain?.rtt_p50) : null,
    }
  })
  return { rounds: ROUNDS, unit: { tcp_mbit: 'Mbit/s', udp_pps: '64-byte packets/s', rtt: 'us' }, results }
}
