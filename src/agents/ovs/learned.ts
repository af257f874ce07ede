import type { FlowText } from '../../dataplane/openflow/flow.js'
import type { LocalNetwork } from './desired/facts.js'

/** Which tunnel network each local VLAN stands for. */
export function tunnelVlans(networks: readonly LocalNetwork[]): ReadonlyMap<number, number> {
  return new Map(
    networks.flatMap(({ vlan, carrier }) => (carrier.kind === 'tunnel' ? [[vlan, carrier.vni] as const] : [])),
  )
}

/** Which network each local VLAN stands for, when it is a tunnel network. */
export function tunnelOwners(networks: readonly LocalNetwork[]): ReadonlyMap<number, string> {
  return new Map(
    networks.flatMap(({ network, vlan, carrier }) =>
      carrier.kind === 'tunnel' ? [[vlan, `${network.id} ${carrier.vni}`] as const] : [],
    ),
  )
}

/** Whether a learned flow still says something true: its VLAN stands for its VNI, its tunnel port exists. */
export function isValidLearned(
  flow: FlowText,
  vlans: ReadonlyMap<number, number>,
  ofports: ReadonlySet<number>,
): boolean {
  const vlan = flow.key.match(/vlan_tci=(0x[0-9a-f]+)\/0x0?fff/)?.[1]
  const vni = flow.actions.match(/load:(0x[0-9a-f]+|\d+)->NXM_NX_TUN_ID/)?.[1]
  const output = flow.actions.match(/output:(\d+)/)?.[1]
  if (vlan === undefined || vni === undefined || output === undefined) return false
  return vlans.get(Number(vlan)) === Number(vni) && ofports.has(Number(output))
}

/**
 * Matches of learned flows that a change made wrong: a local VLAN that ended or stands for another network now
 * (a new network may get both numbers of an old one at once), and tunnel ports that go. Owners are as of `tunnelOwners`.
 */
export function forgottenMatches(
  before: ReadonlyMap<number, string>,
  after: ReadonlyMap<number, string>,
  goneOfports: readonly number[],
): string[] {
  const ended = [...before].filter(([vlan, owner]) => after.get(vlan) !== owner)
  return [
    ...ended.map(([vlan]) => `table=20,vlan_tci=0x${vlan.toString(16).padStart(4, '0')}/0x0fff`),
    ...goneOfports.map((ofport) => `table=20,out_port=${ofport}`),
  ]
}
