/** Faults of metering labels, with Neutron's messages. */
import { invalidInput } from '../fault-messages.js'
import { Fault } from '../faults.js'

export const labelNotFound = (id: string) =>
  new Fault('MeteringLabelNotFound', 404, `Metering label '${id}' does not exist.`)

export const labelRuleNotFound = (id: string) =>
  new Fault('MeteringLabelRuleNotFound', 404, `Metering label rule '${id}' does not exist.`)

export const duplicateRule = () => new Fault('DuplicateMeteringRuleInPost', 409, 'Duplicate Metering Rule in POST.')

export const ruleOverlaps = (prefix: string) =>
  new Fault('MeteringLabelRuleOverlaps', 409, `Metering label rule with remote_ip_prefix '${prefix}' overlaps another.`)

export const remotePrefixAlone = () =>
  invalidInput("Cannot use 'remote-ip-prefix' in conjunction with 'source-ip-prefix' or 'destination-ip-prefix'")

export const prefixRequired = () =>
  invalidInput(
    "You must define at least one of the following parameters 'remote_ip_prefix', or 'source_ip_prefix' or 'destination_ip_prefix'",
  )

export const versionsDiffer = () =>
  invalidInput("'source_ip_prefix' and 'destination_ip_prefix' are of different IP versions")
