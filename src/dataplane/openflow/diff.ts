import { type Cookie, formatCookie, isOurs } from './cookie.js'
import type { FlowTable, FlowText } from './flow.js'

/** Lines for `ovs-ofctl add-flows`, additions before removals so that no packet falls into a gap. */
export interface FlowDiff {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/**
 * What turns `actual` into `desired`. Flows of strangers (other cookies) stay; flows that the switch learned by our
 * order carry the cookie `learned` and come and go by themselves.
 */
export function diffFlows(actual: FlowTable, desired: FlowTable, learned: Cookie | null): FlowDiff {
  const add = [...desired.values()].filter((flow) => !same(actual.get(flow.key), flow)).map(addLine)
  const remove = [...actual.values()]
    .filter((flow) => isOurs(flow.cookie) && flow.cookie !== learned && !desired.has(flow.key))
    .map(removeLine)
  return { add, remove }
}

function same(actual: FlowText | undefined, desired: FlowText): boolean {
  return actual !== undefined && actual.actions === desired.actions && actual.cookie === desired.cookie
}

function addLine({ key, actions, cookie }: FlowText): string {
  return `add cookie=${formatCookie(cookie)},${key},actions=${actions}`
}

/** Strict, and only with our cookie: a stranger may have put its own flow in this place meanwhile. */
export function removeLine({ key, cookie }: FlowText): string {
  return `delete_strict cookie=${formatCookie(cookie)}/-1,${key}`
}
