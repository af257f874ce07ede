import { type Cloud, refuseOthers, withCloud } from '../proof/cloud.js'
import { type Dumps, dumpAll, expectAsBefore } from '../proof/left-behind.js'
import { type Inventory, removeNew, takeInventory } from '../proof/remove-new.js'
import { expectNoWrites } from '../proof/writes.js'
import { settled } from '../settled.js'
import { racksOf } from '../spec.js'
import type { LabState } from '../state.js'
import { type Case, type CaseRun, DEFAULT_COMPUTES, DEFAULT_NETWORKS } from './case.js'

export interface StepReport {
  readonly title: string
  readonly ms: number
  /** null: passed */
  readonly reason: string | null
}

export interface CaseReport {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  readonly steps: readonly StepReport[]
  readonly measured: Readonly<Record<string, number>>
}

/** Called when a step of a case is done. */
export type StepListener = (name: string, step: StepReport) => void

export const RESYNC = 'another apply writes nothing'
export const DELETION = 'deletion leaves nothing'

/** Carries out cases one after the other on a running lab that has no networks of others. */
export function runCases(state: LabState, cases: readonly Case[], listener: StepListener): Promise<CaseReport[]> {
  return withCloud(state, async (cloud) => {
    await refuseOthers(cloud)
    const reports: CaseReport[] = []
    for (const one of cases) reports.push(await runOne(cloud, one, listener))
    return reports
  })
}

async function runOne(cloud: Cloud, one: Case, listener: StepListener): Promise<CaseReport> {
  const steps: StepReport[] = []
  const measured: Record<string, number> = {}
  const timed = async <T>(title: string, action: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const done = (reason: string | null) => {
      steps.push({ title, ms: Math.round(performance.now() - started), reason })
      listener(one.name, steps.at(-1)!)
    }
    try {
      const result = await action()
      done(null)
      return result
    } catch (error) {
      done((error as Error).message)
      throw new StepFailed(title, error)
    }
  }
  const note = (name: string, value: number) => {
    measured[name] = value
  }
  const run: CaseRun = { ...cloud, step: timed, measured: note }
  const before = { inventory: await takeInventory(cloud), dumps: await dumpAll(cloud.state) }
  const outcome = await attempt(async () => {
    missing(one, cloud.state)
    await one.run(run)
    await timed(RESYNC, async () => {
      await settled(cloud.admin)
      await expectNoWrites(cloud.state)
    })
  })
  // a failure outside of any step is one too
  if (outcome && !(outcome instanceof StepFailed)) await attempt(() => timed(one.title, () => Promise.reject(outcome)))
  await attempt(() => timed(DELETION, () => deleteAll(cloud, before)))
  const ok = steps.every(({ reason }) => reason === null)
  return { name: one.name, ok, ms: steps.reduce((sum, { ms }) => sum + ms, 0), steps, measured }
}

class StepFailed extends Error {
  constructor(title: string, cause: unknown) {
    super(title, { cause })
  }
}

async function attempt(action: () => Promise<void>): Promise<Error | null> {
  try {
    await action()
    return null
  } catch (error) {
    return error as Error
  }
}

async function deleteAll(cloud: Cloud, before: { inventory: Inventory; dumps: Dumps }): Promise<void> {
  await removeNew(cloud, before.inventory)
  await expectAsBefore(cloud.state, before.dumps)
}

/** Throws a line for the user when the lab lacks what a case needs. */
function missing({ name, needs }: Case, { spec }: LabState): void {
  const wanted = { compute: needs?.computes ?? DEFAULT_COMPUTES, network: needs?.networks ?? DEFAULT_NETWORKS }
  const racks = racksOf(spec).length
  if (racks < (needs?.racks ?? 0))
    throw new Error(`case '${name}' needs a lab with --racks ${needs?.racks}, this one has ${racks}`)
  for (const role of ['compute', 'network'] as const) {
    const has = spec.nodes.filter((node) => node.role === role).length
    if (has < wanted[role])
      throw new Error(`case '${name}' needs a lab with --${role}s ${wanted[role]}, this one has ${has}`)
  }
}
