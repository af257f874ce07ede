import { MAX_ID } from '../../drivers/type/tunnel.js'
import { MAX_VLAN } from '../../drivers/type/vlan.js'
import { type IdRange, rangesOfType } from '../../store/segment-ranges.js'
import type { Db } from '../../store/table.js'
import { rangeOverlaps, tunnelRangeError, vlanRangeError } from './faults.js'

/** Refuses ids that the type does not have, and a range that ends before it begins. */
export function checkIds({ networkType, minimum, maximum }: IdRange): void {
  const vlan = networkType === 'vlan'
  const max = vlan ? MAX_VLAN : MAX_ID[networkType as keyof typeof MAX_ID]
  const range = `${minimum}:${maximum}`
  const refused = (error: string) => (vlan ? vlanRangeError : tunnelRangeError)(range, error)
  for (const id of [minimum, maximum]) {
    if (id < 1 || id > max) throw refused(`${id} is not a valid ${vlan ? 'VLAN tag' : `${networkType} identifier`}`)
  }
  if (maximum < minimum)
    throw refused(`End of ${vlan ? 'VLAN' : 'tunnel'} range is less than start of ${vlan ? 'VLAN' : 'tunnel'} range`)
}

/** Ranges that operators make do not overlap one another; a configured one may be divided by them. */
export async function checkOverlap(db: Db, range: IdRange, ownId: string | null): Promise<void> {
  const met = (await rangesOfType(db, range.networkType)).filter(
    (other) =>
      other.id !== ownId &&
      other.physicalNetwork === range.physicalNetwork &&
      other.minimum <= range.maximum &&
      other.maximum >= range.minimum,
  )
  if (met.length > 0) throw rangeOverlaps(met.map(({ id }) => id))
}
