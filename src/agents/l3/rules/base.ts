import { WrappedRules } from '../../../dataplane/netns/wrapped-rules.js'
import { NO_SCOPE, SCOPE_MARK, SCOPE_MASK } from './marks.js'

const WRAP = 'neutron-l3-agent'
const MANGLE = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']
const RAW = ['PREROUTING', 'OUTPUT']

/** The chains of every IPv4 namespace of the L3 agent. */
export function plainRules(): WrappedRules {
  return new WrappedRules(WRAP)
    .table('mangle', MANGLE, ['mark'])
    .table('raw', RAW)
    .filterTable()
    .natTable()
    .add('mangle', 'PREROUTING', '-j {mark}')
}

export function plainRules6(): WrappedRules {
  return new WrappedRules(WRAP).table('mangle', MANGLE).table('raw', RAW).filterTable().table('nat', ['PREROUTING'])
}

/** Devices that packets may cross only with the mark of their address scope. */
export interface ScopeDevices {
  readonly internal: readonly string[]
  readonly external: string | null
  /** also drop what leaves by the external device without the mark (where nothing translates it) */
  readonly guardExternal: boolean
}

/** Chains of a namespace that routes for a router: address scopes and the marks that connections carry along. */
export function routerRules(devices: ScopeDevices): WrappedRules {
  const rules = plainRules()
    .table('mangle', [], ['float-snat', 'floatingip', 'scope'])
    .table('filter', [], ['scope'])
    .add('mangle', 'PREROUTING', '-j {scope}')
    .add('mangle', 'PREROUTING', RESTORE_SCOPE)
    .add('mangle', 'PREROUTING', '-j {floatingip}')
    .add('mangle', 'float-snat', `-m connmark --mark ${NO_SCOPE} -j CONNMARK --save-mark ${SCOPE_MASK}`)
    .add('filter', 'FORWARD', '-j {scope}')
  return addScopes(rules, devices)
}

export function routerRules6(devices: ScopeDevices): WrappedRules {
  const rules = plainRules6()
    .table('mangle', [], ['scope'])
    .table('filter', [], ['scope'])
    .add('mangle', 'PREROUTING', '-j {scope}')
    .add('mangle', 'PREROUTING', RESTORE_SCOPE)
    .add('filter', 'FORWARD', '-j {scope}')
  return addScopes(rules, devices)
}

/**
 * A host that waits has a highly available router's devices without addresses: what the kernel sends from none (its
 * multicast groups) would tell the network that the router's MAC is there.
 */
export function addSilence(rules6: WrappedRules): void {
  rules6.add('filter', 'OUTPUT', '-s ::/128 -j DROP')
}

const RESTORE_SCOPE = `-m connmark ! --mark ${NO_SCOPE} -j CONNMARK --restore-mark ${SCOPE_MASK}`

function addScopes(rules: WrappedRules, { internal, external, guardExternal }: ScopeDevices): WrappedRules {
  const outer = external === null ? [] : [external]
  for (const device of [...internal, ...outer])
    rules.add('mangle', 'scope', `-i ${device} -j MARK --set-xmark ${SCOPE_MARK}`)
  for (const device of [...internal, ...(guardExternal ? outer : [])]) {
    rules.add('filter', 'scope', `-o ${device} -m mark ! --mark ${SCOPE_MARK} -j DROP`)
  }
  return rules
}
