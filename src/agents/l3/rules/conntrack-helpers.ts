import type { RouterView } from '../../../bus/contracts/host-view.js'
import type { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'
import type { CloudConntrackHelper } from '../../../model/cloud.js'
import type { L3Settings } from '../settings.js'

const CHAIN = 'cth'
/** with the agent's name in front, a chain's name has room for this much */
const OWN_CHAIN_LENGTH = 11

interface BothRules {
  readonly ipv4: WrappedRules
  readonly ipv6: WrappedRules
}

/** A router's helpers, those of them that the kernel has, in a namespace that translates for it. */
export function addHelpersOf(rules: BothRules, { conntrackHelpers = [] }: RouterView, { hasHelper }: L3Settings): void {
  for (const family of ['ipv4', 'ipv6'] as const) {
    const present = conntrackHelpers.filter((each) => hasHelper?.(family, each) ?? true)
    addConntrackHelpers(rules[family], present)
  }
}

/**
 * Connections to these ports are followed by the kernel's helpers from their first packet on, before they are translated: a chain for all,
 * and one for each.
 */
function addConntrackHelpers(rules: WrappedRules, helpers: readonly CloudConntrackHelper[]): void {
  if (helpers.length === 0) return
  rules.add('raw', 'PREROUTING', `-j {${CHAIN}}`)
  for (const { id, protocol, port, helper } of helpers) {
    const own = `${CHAIN}-${id}`.slice(0, OWN_CHAIN_LENGTH)
    rules
      .add('raw', CHAIN, `-j {${own}}`)
      .add('raw', own, `-p ${protocol} -m ${protocol} --dport ${port} -j CT --helper ${helper}`)
  }
}
