import { deviceKindOf } from '../../dataplane/netns/device-kind.js'
import type { Namespaces } from '../../dataplane/netns/namespaces.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { ApplyReason } from './agent.js'

/**
 * Asks for a resync whenever what an agent plugged may be gone or could not be plugged before: the bridge came up, the
 * connection to Open vSwitch is back, devices are outside of their namespaces again, or have to be of another kind.
 */
export function followBridge(
  vswitch: Vswitch,
  bridge: string,
  namespaces: Namespaces,
  kick: (reason: ApplyReason) => void,
): void {
  // the Open vSwitch agent makes the bridge; whoever comes first waits for the other
  const look = () => {
    const found = vswitch.bridge(bridge)
    return found === undefined ? null : JSON.stringify(deviceKindOf(found))
  }
  let before = look()
  vswitch.on('change', () => {
    const now = look()
    if (now !== null && now !== before) kick('resync')
    before = now
  })
  vswitch.on('connected', () => kick('resync'))
  namespaces.watch(() => kick('resync'))
}
