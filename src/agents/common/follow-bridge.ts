import type { Namespaces } from '../../dataplane/netns/namespaces.js'
import type { Vswitch } from '../../dataplane/ovsdb/types.js'
import type { ApplyReason } from './agent.js'

/**
 * Asks for a resync whenever what an agent plugged may be gone or could not be plugged before: the bridge came up, the
 * connection to Open vSwitch is back, devices are outside of their namespaces again.
 */
export function followBridge(
  vswitch: Vswitch,
  bridge: string,
  namespaces: Namespaces,
  kick: (reason: ApplyReason) => void,
): void {
  // the Open vSwitch agent makes the bridge; whoever comes first waits for the other
  let hasBridge = vswitch.bridge(bridge) !== undefined
  vswitch.on('change', () => {
    const has = vswitch.bridge(bridge) !== undefined
    if (has && !hasBridge) kick('resync')
    hasBridge = has
  })
  vswitch.on('connected', () => kick('resync'))
  namespaces.watch(() => kick('resync'))
}
