/** Faults of QoS policies, with Neutron's messages. */
import { Fault } from '../faults.js'

export const policyNotFound = (id: string) =>
  new Fault('QosPolicyNotFound', 404, `QoS policy ${id} could not be found.`)

export const ruleNotFound = (id: string) => new Fault('QosRuleNotFound', 404, `QoS rule ${id} could not be found.`)

export const defaultExists = (projectId: string) =>
  new Fault('QoSPolicyDefaultAlreadyExists', 409, `A default QoS policy exists for project ${projectId}.`)

export const policyInUse = (id: string, objectType: string, objectId: string) =>
  new Fault('QosPolicyInUse', 409, `QoS Policy ${id} is used by ${objectType} ${objectId}.`)

export const rulesConflict = (type: string, ruleId: string, policyId: string) =>
  new Fault(
    'QoSRulesConflict',
    409,
    `Rule ${type} conflicts with rule ${ruleId} which already exists in QoS Policy ${policyId}.`,
  )

export const policyRemoveUnauthorized = (policyId: string) =>
  new Fault(
    'PolicyRemoveAuthorizationError',
    403,
    `Failed to remove provided policy ${policyId} because you are not authorized.`,
  )

export const rateConflict = (
  value: number | string,
  policyId: string,
  existingType: string,
  existingValue: number | string,
) =>
  new Fault(
    'QoSRuleParameterConflict',
    409,
    `Unable to add the rule with value ${value} to the policy ${policyId} as the existing rule of type ${existingType} has value ${existingValue}.`,
  )

export const trackedInPlacement = () =>
  new Fault('NotImplementedError', 501, 'Cannot update QoS policies/rules backed by resources tracked in Placement')

export const mixedDirections = () =>
  new Fault(
    'NotImplementedError',
    501,
    'Changing from direction-less QoS minimum packet rate rule to a direction-oriented minimum packet rate rule, or vice versa, is not supported.',
  )

export const ruleNotForNetwork = (type: string, networkId: string) =>
  new Fault('QosRuleNotSupportedByNetwork', 409, `Rule ${type} is not supported by network ${networkId}`)

export const ruleNotForPort = (type: string, portId: string) =>
  new Fault('QosRuleNotSupported', 409, `Rule ${type} is not supported by port ${portId}`)
