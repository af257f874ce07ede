import type { NamespaceCell } from './cell.js'
import type { NamespaceSpec } from './spec.js'

export interface NamespaceOutcome {
  /** commands and transactions that changed something */
  writes: number
  /** it was there before this pass */
  existed: boolean
  /** what could not be done, in words; empty: the namespace is as specified */
  readonly problems: string[]
  /** devices that were not in the namespace before */
  readonly arrived: string[]
}

/** One namespace in one pass. */
export interface Task {
  readonly spec: NamespaceSpec
  cell: NamespaceCell
  readonly outcome: NamespaceOutcome
}

/** Without devices that could not be placed: the rest of the namespace is brought about all the same. */
export function onlyArrived(spec: NamespaceSpec, cell: NamespaceCell): NamespaceSpec {
  const gone = new Set([...spec.devices, ...spec.veths].map(({ name }) => name).filter((name) => !cell.links.has(name)))
  if (gone.size === 0) return spec
  const stays = ({ device }: { device: string }) => !gone.has(device)
  const limits = spec.limits && stays(spec.limits) ? spec.limits : undefined
  return {
    ...spec,
    limits,
    devices: spec.devices.filter(({ name }) => !gone.has(name)),
    veths: spec.veths.filter(({ name }) => !gone.has(name)),
    sysctls: Object.fromEntries(
      Object.entries(spec.sysctls).filter(([key]) => ![...gone].some((name) => key.includes(`.${name}.`))),
    ),
    routes: spec.routes.filter(stays),
    neighbours: spec.neighbours.filter(stays),
    proxies: spec.proxies?.filter(stays),
    rules: spec.rules.filter(({ iif }) => !iif || !gone.has(iif)),
  }
}
