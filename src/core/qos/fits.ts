import { loadNetworks, networks } from '../../store/networks.js'
import { ports } from '../../store/ports.js'
import { qosRules } from '../../store/qos.js'
import type { Db } from '../../store/table.js'
import { ruleNotForNetwork, ruleNotForPort } from './faults.js'

const GUARANTEE = 'minimum_bandwidth'

/** What has a policy: a network, or a port on it. */
interface User {
  readonly networkId: string
  readonly portId?: string
}

/** Refuses a policy that guarantees bandwidth on a network of which nobody could: one that is on no physical one. */
export async function checkPolicyFits(db: Db, policyId: string | null | undefined, user: User): Promise<void> {
  if (!policyId || !(await qosRules.findOne(db, { policyId, type: GUARANTEE }))) return
  await checkPhysical(db, [user])
}

/** Refuses a guarantee for a policy that networks, or ports on them, already have. */
export async function checkGuaranteeFits(db: Db, policyId: string): Promise<void> {
  const ofNetworks = (await networks.find(db, { qosPolicyId: policyId })).map(({ id }) => ({ networkId: id }))
  const ofPorts = (await ports.find(db, { qosPolicyId: policyId })).map(({ id, networkId }) => ({
    networkId,
    portId: id,
  }))
  await checkPhysical(db, [...ofNetworks, ...ofPorts])
}

async function checkPhysical(db: Db, users: readonly User[]): Promise<void> {
  const known = await loadNetworks(db, [...new Set(users.map(({ networkId }) => networkId))])
  const wrong = new Set(known.filter(({ segments }) => !segments[0]?.physicalNetwork).map(({ id }) => id))
  const user = users.find(({ networkId }) => wrong.has(networkId))
  if (user) throw user.portId ? ruleNotForPort(GUARANTEE, user.portId) : ruleNotForNetwork(GUARANTEE, user.networkId)
}
