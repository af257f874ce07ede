import { canonicalMac, randomMac } from '../../model/mac.js'
import { macsInUse, ports } from '../../store/ports.js'
import { remembered } from '../../store/session.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import { macAddressInUse, macGenerationFailure } from '../fault-messages.js'

/** The MAC asked for, when it is free on the network, or a generated one. */
export async function chooseMac(core: Core, db: Db, networkId: string, asked: string | null): Promise<string> {
  if (asked !== null) {
    const mac = canonicalMac(asked) ?? asked
    if (await ports.findOne(db, { networkId, mac })) throw macAddressInUse(networkId, mac)
    return mac
  }
  const free = await freeMacs(core, db, networkId)
  const mac = free.pop()
  if (mac === undefined) throw macGenerationFailure(networkId)
  return mac
}

/**
 * Generated addresses that no port of the network has, as long as nobody asks for one of them; the database would refuse
 * it then, and the next attempt finds others.
 */
async function freeMacs(core: Core, db: Db, networkId: string): Promise<string[]> {
  const key = `free MACs of ${networkId}`
  const known = await remembered(db, [], key, async (): Promise<{ macs: string[] }> => ({ macs: [] }))
  if (known.macs.length > 0) return known.macs
  const { base_mac, mac_generation_retries } = core.config.DEFAULT
  const drawn = new Set(Array.from({ length: mac_generation_retries }, () => randomMac(base_mac)))
  for (const mac of await macsInUse(db, networkId, [...drawn])) drawn.delete(mac)
  known.macs.push(...drawn)
  return known.macs
}
