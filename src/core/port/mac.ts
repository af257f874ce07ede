import { canonicalMac, randomMac } from '../../model/mac.js'
import { ports } from '../../store/ports.js'
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
  const { base_mac, mac_generation_retries } = core.config.DEFAULT
  for (let i = 0; i < mac_generation_retries; i++) {
    const mac = randomMac(base_mac)
    if (!(await ports.findOne(db, { networkId, mac }))) return mac
  }
  throw macGenerationFailure(networkId)
}
