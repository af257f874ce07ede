import type { Cloud } from '../proof/cloud.js'

/** What the lab must have for a case; a lab that has more will do. */
export interface Needs {
  /** number of compute nodes; 2 unless said otherwise */
  readonly computes?: number
  /** number of network nodes; 1 unless said otherwise */
  readonly networks?: number
  /** number of racks; none unless said otherwise */
  readonly racks?: number
}

/** What a case works with: the cloud, and words for its report. */
export interface CaseRun extends Cloud {
  /** Carries out a part of the case. What it throws names the step in the report. */
  step<T>(title: string, action: () => Promise<T>): Promise<T>
  /** Puts a measured value (milliseconds, counts) into the report. */
  measured(name: string, value: number): void
}

/**
 * A named proof on the lab: makes what it needs through the API, sends real packets, throws when something is not as
 * it should be. What it made is removed after it, by the runner, which then expects every node to be as before.
 */
export interface Case {
  /** as given to `eastwest scenario --case` */
  readonly name: string
  /** what it proves, in a line */
  readonly title: string
  readonly needs?: Needs
  run(run: CaseRun): Promise<void>
}

export const DEFAULT_COMPUTES = 2
export const DEFAULT_NETWORKS = 1
