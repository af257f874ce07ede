import { tapName } from '../../model/device-names.js'
import type { LabState } from '../state.js'
import { capture, type Tap } from './capture.js'
import { echoes, type Seen, senders } from './echoes.js'
import { expect } from './expect.js'
import type { Instance } from './objects.js'

/** What places saw of a ping's packets of one source and destination address. */
export interface Watched {
  seenAt(tap: Tap, ip: string): Seen[]
  sendersAt(tap: Tap): ReadonlySet<string>
}

/** A node's NIC. */
export function nicTap(node: string, device: string): Tap {
  return { name: `${node}:${device}`, node, device }
}

/** The end of an instance's wire. */
export function instanceTap({ host, portId, name }: Instance): Tap {
  return { name, node: host, device: tapName(portId) }
}

/** A device of a router's namespace. */
export function namespaceTap(node: string, netns: string, device: string): Tap {
  return { name: `${device}@${node}`, node, netns, device }
}

/** Watches ping packets at some places while `action` sends them. */
export async function watch(state: LabState, taps: readonly Tap[], action: () => Promise<unknown>): Promise<Watched> {
  const frames = await capture(state, taps, '', action)
  const at = ({ name }: Tap) => frames.get(name) ?? []
  return {
    seenAt: (tap, ip) => [...echoes(at(tap), 'request'), ...echoes(at(tap), 'reply')].filter((seen) => seen.ip === ip),
    sendersAt: (tap) => senders(at(tap)),
  }
}

/** At least one packet passed, and all in this form. */
export function expectSeen(where: Tap, seen: readonly Seen[], wanted: Seen): void {
  const shown = JSON.stringify(wanted)
  const found = [...new Set(seen.map((one) => JSON.stringify(one)))].join(' and ')
  expect(found === shown, `${where.name} saw ${found || 'nothing'}, expected ${shown}`)
}
