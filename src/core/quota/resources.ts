import { networks } from '../../store/networks.js'
import { ports } from '../../store/ports.js'
import { rbacPolicies } from '../../store/rbac-policies.js'
import { securityGroupRules, securityGroups } from '../../store/security-groups.js'
import { subnetpools } from '../../store/subnetpools.js'
import { subnets } from '../../store/subnets.js'
import type { Db } from '../../store/table.js'

/** Something that is limited per project. */
export interface QuotaResource {
  readonly name: string
  /** how many the project has */
  readonly used: (db: Db, projectId: string) => Promise<number>
}

/** The resources of this part of core; l3 adds its own. */
export const BASE_RESOURCES: readonly QuotaResource[] = [
  { name: 'network', used: (db, projectId) => networks.count(db, { projectId }) },
  { name: 'subnet', used: (db, projectId) => subnets.count(db, { projectId }) },
  { name: 'port', used: (db, projectId) => ports.count(db, { projectId }) },
  { name: 'security_group', used: (db, projectId) => securityGroups.count(db, { projectId }) },
  { name: 'security_group_rule', used: (db, projectId) => securityGroupRules.count(db, { projectId }) },
  { name: 'rbac_policy', used: (db, projectId) => rbacPolicies.count(db, { projectId }) },
  { name: 'subnetpool', used: (db, projectId) => subnetpools.count(db, { projectId }) },
]

/** Resources that have a limit before (or without) the part that serves them. */
const NONE = async () => 0
export const OTHER_RESOURCES: readonly QuotaResource[] = ['router', 'floatingip'].map((name) => ({ name, used: NONE }))
