import { defaultSecurityGroups, securityGroupRules, securityGroups } from '../../store/security-groups.js'
import { remembered } from '../../store/session.js'
import { newStandard } from '../../store/standard-attributes.js'
import type { Transaction } from '../../store/transaction.js'
import { meaningOf, type RuleWords } from './rule-meaning.js'

/**
 * The project's default group, made when the project first needs it. Its members may reach each other and everybody
 * outside; nobody else may reach them.
 */
export async function defaultGroup(tx: Transaction, projectId: string): Promise<string> {
  return tx.once(`default-security-group/${projectId}`, async () => {
    const known = await remembered(tx.db, ['default_security_groups'], `default group ${projectId}`, () =>
      defaultSecurityGroups.findOne(tx.db, { projectId }),
    )
    if (known) return known.securityGroupId
    const group = newStandard(tx.now, { projectId, description: 'Default security group' })
    await securityGroups.insert(tx.db, { ...group, name: 'default', stateful: true })
    await defaultSecurityGroups.insert(tx.db, { projectId, securityGroupId: group.id })
    await insertRules(tx, projectId, group.id, [
      rule('ingress', 'IPv4', group.id),
      rule('egress', 'IPv4'),
      rule('ingress', 'IPv6', group.id),
      rule('egress', 'IPv6'),
    ])
    tx.touch('security_group', group.id)
    return group.id
  })
}

/** Rules of an ordinary new group. */
export const EGRESS_RULES = 2

/** What an ordinary new group lets pass: everything from its members. */
export async function insertEgressRules(tx: Transaction, projectId: string, groupId: string): Promise<void> {
  await insertRules(tx, projectId, groupId, [rule('egress', 'IPv4'), rule('egress', 'IPv6')])
}

function rule(
  direction: 'ingress' | 'egress',
  ethertype: 'IPv4' | 'IPv6',
  remoteGroupId: string | null = null,
): RuleWords {
  return {
    direction,
    ethertype,
    protocol: null,
    portRangeMin: null,
    portRangeMax: null,
    remoteIpPrefix: null,
    remoteGroupId,
    remoteAddressGroupId: null,
  }
}

async function insertRules(
  tx: Transaction,
  projectId: string,
  securityGroupId: string,
  rules: readonly RuleWords[],
): Promise<void> {
  await securityGroupRules.insert(
    tx.db,
    ...rules.map((words) => ({
      ...newStandard(tx.now, { projectId }, 0),
      ...words,
      securityGroupId,
      meaning: meaningOf(words),
    })),
  )
}
