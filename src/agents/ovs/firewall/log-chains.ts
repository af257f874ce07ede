import type { PortView } from '../../../bus/contracts/host-view.js'
import type { CloudSecurityGroupRule } from '../../../model/cloud.js'
import { type LogLimit, logRule } from '../logging/port-logging.js'
import { acceptedChain, droppedChain, FALLBACK, loggedEgressChain, loggedIngressChain } from './text.js'

/** What of a port's packets is logged. */
export interface LoggedPackets {
  readonly drops: boolean
  /** rules whose packets are logged when they are let through; null: none are */
  readonly accepts: readonly CloudSecurityGroupRule[] | null
  readonly limit: LogLimit
}

/** Rules of a port's groups in iptables words, for one direction. */
export type Translate = (
  rules: readonly CloudSecurityGroupRule[],
  direction: CloudSecurityGroupRule['direction'],
) => readonly string[]

/** The chains that only a port with logs has, in one family. Nothing of them is passed by packets of other ports. */
export function logChains(
  { id }: PortView,
  { drops, accepts, limit }: LoggedPackets,
  translate: Translate,
): Record<string, readonly string[]> {
  // a packet that several rules match is logged once: where it goes to, it does not come back here
  const matching = (direction: CloudSecurityGroupRule['direction']) =>
    translate(accepts ?? [], direction).map((line) => line.replace(/-j RETURN$/, `-g ${acceptedChain(id)}`))
  return {
    ...(drops ? { [droppedChain(id)]: [logRule('DROP', id, limit), `-j ${FALLBACK}`] } : {}),
    ...(accepts
      ? {
          [acceptedChain(id)]: [logRule('ACCEPT', id, limit)],
          [loggedIngressChain(id)]: matching('ingress'),
          [loggedEgressChain(id)]: matching('egress'),
        }
      : {}),
  }
}

/** Before the group rules: sessions that are known have passed already, so that only their first packet comes here. */
export function toLog(chain: string, logged: LoggedPackets | null, tracked: boolean): string[] {
  if (!logged?.accepts) return []
  return [tracked ? `-m state --state NEW -j ${chain}` : `-j ${chain}`]
}
