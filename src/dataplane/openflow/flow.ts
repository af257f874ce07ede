import { type Action, renderActions } from './action.js'
import type { Cookie } from './cookie.js'
import { type Match, renderMatch } from './match.js'

export interface Flow {
  readonly table: number
  readonly priority: number
  readonly match: Match
  readonly actions: readonly Action[]
  readonly cookie: Cookie
  /** the packet's case, for people who read a dump */
  readonly why: string
}

/** A flow as text, split into what identifies it and what it does. */
export interface FlowText {
  /** `table=0,priority=10,arp,in_port=7` */
  readonly key: string
  readonly actions: string
  readonly cookie: Cookie
}

/** Flows by key: a switch holds at most one per table, priority and match. */
export type FlowTable = ReadonlyMap<string, FlowText>

export function flowText(flow: Flow): FlowText {
  const match = renderMatch(flow.match)
  const key = `table=${flow.table},priority=${flow.priority}${match === '' ? '' : `,${match}`}`
  return { key, actions: renderActions(flow.actions), cookie: flow.cookie }
}

/** Later flows with the key of an earlier one are left out: the caller puts the preferred one first. */
export function flowTable(flows: readonly Flow[]): FlowTable {
  const table = new Map<string, FlowText>()
  for (const flow of flows) {
    const text = flowText(flow)
    if (!table.has(text.key)) table.set(text.key, text)
  }
  return table
}
