import type { PortRecord } from '../../store/ports.js'
import type { Db } from '../../store/table.js'
import { Fault } from '../faults.js'
import { visiblePort } from '../port/collection.js'
import type { RequestContext } from '../service.js'
import { addressNotFound, addressNotNamed, noAddress, portNotThere } from './faults.js'

/** The port that a request names; BadRequest when the caller sees none. */
export async function namedPort(
  db: Db,
  ctx: RequestContext,
  resource: Parameters<typeof portNotThere>[0],
  id: string,
): Promise<PortRecord> {
  try {
    return await visiblePort(db, ctx, id)
  } catch (error) {
    throw error instanceof Fault && error.type === 'PortNotFound' ? portNotThere(resource, id) : error
  }
}

/** The IPv4 address of the port that is asked for, or its only one: what is translated is IPv4. */
export function chooseAddress({ id, fixedIps }: PortRecord, asked: string | null): string {
  const own = fixedIps.map(({ ip }) => ip).filter((ip) => !ip.includes(':'))
  if (own.length === 0) throw noAddress(id)
  if (asked !== null) {
    if (!own.includes(asked)) throw addressNotFound(id, asked)
    return asked
  }
  if (own.length > 1) throw addressNotNamed(id)
  return own[0]!
}
