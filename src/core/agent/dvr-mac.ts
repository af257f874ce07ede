import { randomMac } from '../../model/mac.js'
import { hosts } from '../../store/agents.js'
import type { Db } from '../../store/table.js'
import type { Core } from '../core.js'
import { macGenerationFailure } from '../fault-messages.js'

/**
 * The source MAC under which a host's routed frames travel; given once to each host with distributed routing and
 * kept for its life (reference: OpenFlow, DVR MACs).
 */
export async function ensureDvrMac(core: Core, db: Db, host: string): Promise<void> {
  const known = await hosts.findOne(db, { host })
  if (known?.dvrMac) return
  await hosts.update(db, { host }, { dvrMac: await freeMac(core, db, host) })
}

async function freeMac(core: Core, db: Db, host: string): Promise<string> {
  const { dvr_base_mac, mac_generation_retries } = core.config.DEFAULT
  for (let i = 0; i < mac_generation_retries; i++) {
    const dvrMac = randomMac(dvr_base_mac)
    if (!(await hosts.findOne(db, { dvrMac }))) return dvrMac
  }
  throw macGenerationFailure(host)
}
