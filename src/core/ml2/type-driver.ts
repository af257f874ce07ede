import type { NetworkType, Segment } from '../../model/cloud.js'
import type { IdRange } from '../../store/segment-ranges.js'
import type { Db } from '../../store/table.js'

/** What was asked for in provider attributes; absent parts are chosen by the driver. */
export interface RequestedSegment {
  readonly physicalNetwork: string | null
  readonly segmentationId: number | null
}

/**
 * One kind of network. The segment it returns is recorded by the caller in the same transaction; a unique constraint
 * (`segmentAllocation`) is the arbiter, and the record's removal frees the segment.
 */
export interface TypeDriver {
  readonly type: NetworkType
  /** a segment with what an administrator asked for; throws InvalidInput, VlanIdInUse, TunnelIdInUse, FlatNetworkInUse … */
  reserve(db: Db, projectId: string, asked: RequestedSegment): Promise<Segment>
  /** the lowest free segment of the ranges that are open to the project, null when there is none */
  allocate(db: Db, projectId: string): Promise<Segment | null>
  /** those of the configuration; null: this type has no ids to choose from */
  readonly ranges: readonly IdRange[] | null
  /** largest MTU that instances may use on the segment */
  mtu(physicalNetwork: string | null): number
}
