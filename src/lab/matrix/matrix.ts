import { type Cloud, refuseOthers, withCloud } from '../proof/cloud.js'
import { type Dumps, dumpAll, expectAsBefore } from '../proof/left-behind.js'
import { withWhoami } from '../proof/outside.js'
import { cleanUp } from '../scenario/clean-up.js'
import { settled } from '../settled.js'
import type { LabState } from '../state.js'
import { CHECKS, type Context } from './checks.js'
import { makeObjects } from './cloud.js'
import { type Combination, titleOf } from './combination.js'

export interface Cell {
  readonly name: string
  readonly ms: number
  /** null: passed */
  readonly reason: string | null
}

/** One combination's checks, in their order. A check that could not be tried is not there. */
export interface Row {
  readonly title: string
  readonly ok: boolean
  readonly ms: number
  readonly cells: readonly Cell[]
}

export const SET_UP = 'set up'
export const DELETION = 'deletion'
/** Names of all cells of a row. */
export const COLUMNS: readonly string[] = [SET_UP, ...CHECKS.map(({ name }) => name), DELETION]

const NAMES = {
  networks: ['matrix-ext', 'matrix-net1', 'matrix-net2'],
  routers: ['matrix-router'],
  instances: ['matrix-a', 'matrix-b', 'matrix-c'],
}

/** Carries out each combination on a running lab that has no objects of others; `progress` is called after each check. */
export async function runMatrix(
  state: LabState,
  combinations: readonly Combination[],
  progress: (title: string, cell: Cell) => void,
): Promise<Row[]> {
  return withCloud(state, async (cloud) => {
    await cleanUp(cloud.admin, NAMES)
    await refuseOthers(cloud)
    return withWhoami(cloud, async () => {
      const before = await dumpAll(state)
      const rows: Row[] = []
      for (const combination of combinations) rows.push(await runOne(cloud, combination, before, progress))
      return rows
    })
  })
}

async function runOne(
  cloud: Cloud,
  combination: Combination,
  before: Dumps,
  progress: (title: string, cell: Cell) => void,
): Promise<Row> {
  const title = titleOf(combination)
  const cells: Cell[] = []
  const attempt = async (name: string, action: () => Promise<void>): Promise<boolean> => {
    const cell = await timed(name, action)
    cells.push(cell)
    progress(title, cell)
    return cell.reason === null
  }
  let context: Context | null = null
  await attempt(SET_UP, async () => {
    context = { cloud, combination, objects: await makeObjects(cloud, combination), floatingIp: '' }
  })
  if (context) for (const check of CHECKS) await attempt(check.name, () => check.run(context!))
  await attempt(DELETION, () => deleteAll(cloud, before))
  const ok = cells.every(({ reason }) => reason === null)
  return { title, ok, ms: cells.reduce((sum, { ms }) => sum + ms, 0), cells }
}

async function timed(name: string, action: () => Promise<void>): Promise<Cell> {
  const started = performance.now()
  let reason: string | null = null
  try {
    await action()
  } catch (error) {
    reason = (error as Error).message
  }
  return { name, ms: Math.round(performance.now() - started), reason }
}

/** Deletes the combination's objects; every node is to be as it was before, and no port is to be left. */
async function deleteAll(cloud: Cloud, before: Dumps): Promise<void> {
  await cleanUp(cloud.admin, NAMES)
  await settled(cloud.admin)
  const { ports } = await cloud.admin.network.get<{ ports: { id: string; device_owner: string }[] }>('/v2.0/ports')
  if (ports.length > 0) throw new Error(`ports are left: ${ports.map((port) => port.device_owner).join(', ')}`)
  await expectAsBefore(cloud.state, before)
}
