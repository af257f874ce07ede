import type { HostObject } from '../../../bus/contracts/host-view.js'
import { HostView } from '../../../bus/contracts/view.js'
import { flowTable } from '../../../dataplane/openflow/flow.js'
import { type DesiredHost, desiredHost } from '../desired/desired.js'
import type { LocalState } from '../local.js'
import { ID, SETTINGS } from './example.fake.js'

/** compute1 with everything plugged in, under the port numbers of the constructed example. */
export function exampleLocal(extra: Partial<LocalState> = {}): LocalState {
  const device = (name: string, portId: string, ofport: number) => ({ name, portId, ofport, otherConfig: {} })
  return {
    devices: [
      device('qvo05a1b2c3-d4', ID.instance1, 7),
      device('qr-b1a894fd-ae', ID.qr, 5),
      device('fg-55f69591-06', ID.fg, 6),
    ],
    trunkDevices: [],
    ofports: new Map([
      ['patch-tun', 1],
      ['int-br-vlan', 2],
      ['int-br-ex', 3],
      ['patch-int', 1],
      ['vxlan-0a000115', 2],
      ['vxlan-0a000120', 3],
      ['phy-br-vlan', 2],
      ['phy-br-ex', 2],
    ]),
    bridges: new Set(['br-int', 'br-tun', 'br-vlan', 'br-ex']),
    vlans: new Map([
      [ID.demoNet, 1],
      [ID.extNet, 2],
    ]),
    zones: new Map(),
    filterFault: null,
    ...extra,
  }
}

export function desired(objects: readonly HostObject[], local: LocalState, settings = SETTINGS): DesiredHost {
  return desiredHost(HostView.of(objects), local, settings)
}

/** A bridge's flows as sorted text without cookies: `table=0,priority=2,in_port=3 actions=drop`. */
export function flowLines(want: DesiredHost, bridge: string): string[] {
  return [...flowTable(want.flows.get(bridge) ?? []).values()]
    .map(({ key, actions }) => `${key} actions=${actions}`)
    .sort()
}

/** Lines of a text, sorted, without blank ones. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .sort()
}
