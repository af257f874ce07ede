import { loadNetworks, networks } from '../../store/networks.js'
import { ports } from '../../store/ports.js'
import { qosRules } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import { ruleNotForNetwork } from './faults.js'

/** Refuses a policy that guarantees bandwidth on networks of which nobody could: those that are on no physical one. */
export async function checkPolicyFits(
  db: Db,
  policyId: string | null | undefined,
  ...networkIds: readonly string[]
): Promise<void> {
  if (!policyId || networkIds.length === 0) return
  if (!(await qosRules.findOne(db, { policyId, type: 'minimum_bandwidth' }))) return
  await checkPhysical(db, networkIds)
}

/** Refuses a guarantee for a policy that networks, or ports on them, already have. */
export async function checkGuaranteeFits(db: Db, policyId: string): Promise<void> {
  const own = (await networks.find(db, { qosPolicyId: policyId })).map(({ id }) => id)
  const ofPorts = (await ports.find(db, { qosPolicyId: policyId })).map(({ networkId }) => networkId)
  await checkPhysical(db, [...new Set([...own, ...ofPorts])])
}

async function checkPhysical(db: Db, ids: readonly string[]): Promise<void> {
  const wrong = (await loadNetworks(db, ids)).find(({ segments }) => !segments[0]?.physicalNetwork)
  if (wrong) throw ruleNotForNetwork('minimum_bandwidth', wrong.id)
}
