/** The declared rules as policy.yaml words them: what an operator's file starts from. */
import type { Policy } from './policy.js'
import { BASE_RULES } from './rulebook.js'
import type { Alternative, Rule } from './rules.js'

const TEXTS: Readonly<Record<Alternative, string>> = {
  admin: 'rule:admin_only',
  service: 'rule:service_api',
  // whose objects a reader sees is not for rules to say
  reader: 'role:reader or rule:service_api',
  owner: 'role:member and rule:owner',
  manager: 'role:manager and rule:owner',
  'project-reader': 'role:reader and rule:owner',
  'same-project': 'rule:owner',
  'network-owner': 'role:member and rule:network_owner',
  'network-shared': 'role:member and rule:shared',
  'not-network-device': 'not rule:network_device',
  'not-everybody': 'rule:restrict_wildcard',
}

/** A declared rule in oslo.policy's language. Throws for an operator's own, of which only he knows the words. */
export function ruleText(rule: Rule): string {
  const texts = rule.map((one) => {
    if (typeof one !== 'string') throw new Error('not a declared rule')
    return TEXTS[one]
  })
  const parts = new Set(['rule:admin_only', ...texts])
  return [...parts].map((text) => (text.includes(' and ') ? `(${text})` : text)).join(' or ')
}

/** Names with texts: those that others refer to, then those that are asked. */
export function sampleRules(policy: Policy): readonly (readonly [string, string])[] {
  const declared = [...policy.declared()].map(([name, rule]) => [name, ruleText(rule)] as const)
  return [...Object.entries(BASE_RULES), ...declared.sort(([a], [b]) => (a < b ? -1 : 1))]
}

/** A file of which every rule is commented out, as oslo.policy's generator writes it. */
export function samplePolicyFile(policy: Policy): string {
  return sampleRules(policy)
    .map(([name, text]) => `#"${name}": "${text}"\n`)
    .join('\n')
}
