import type { DatapathChoice } from './datapath.js'
import { down } from './down.js'
import { labSpec, type ProjectType, portsFrom, type Services } from './spec.js'
import { isRunning, type LabState, readState } from './state.js'
import { up } from './up.js'

/** The lab to work on, and what it must be like when it has to be started. */
export interface LabWish {
  readonly name: string
  readonly portOffset: number
  readonly computes?: number
  readonly networks?: number
  readonly racks?: number
  readonly datapath?: DatapathChoice
  readonly services?: Services
  readonly projectTypes?: readonly ProjectType[]
  /** told of a lab that was started, and the seconds that took */
  readonly started: (state: LabState, seconds: string) => void
}

/** Throws a line for the user when the process may not make network namespaces. */
export function needRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('the lab makes network namespaces and needs root: run it with sudo')
}

/** The lab of this name when all of its nodes run, otherwise null. */
export function runningState(name: string): LabState | null {
  const state = readState(name)
  return state && Object.values(state.inits).every(isRunning) ? state : null
}

/** Runs `action` on the lab of this name if one runs, otherwise on one that is started for it and ended again. */
export async function borrowLab<T>(wish: LabWish, action: (state: LabState) => Promise<T>): Promise<T> {
  const running = runningState(wish.name)
  if (running && wish.services && running.spec.services !== wish.services)
    throw new Error(`lab '${wish.name}' has ${running.spec.services} services: end it first, or name another`)
  if (running && wish.projectTypes) expectFirstType(running, wish.projectTypes[0]!)
  if (running) return action(running)
  const state = await start(wish)
  try {
    return await action(state)
  } finally {
    await down(wish.name, () => {})
  }
}

function expectFirstType({ spec }: LabState, type: ProjectType): void {
  const [has] = spec.projectTypes
  if (has !== type)
    throw new Error(`projects of lab '${spec.name}' get ${has} networks, ${type} is needed: end it, or name another`)
}

async function start(wish: LabWish): Promise<LabState> {
  const { name, portOffset, computes = 2, networks, racks, datapath, services, projectTypes, started } = wish
  const spec = labSpec(name, computes, portsFrom(portOffset), { networks, racks, services, projectTypes })
  const { state, aliveMs } = await up(spec, () => {}, datapath)
  started(state, (aliveMs / 1000).toFixed(1))
  return state
}
