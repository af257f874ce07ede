import type { Action } from '../../../dataplane/openflow/action.js'
import { cookieOf } from '../../../dataplane/openflow/cookie.js'
import type { Flow } from '../../../dataplane/openflow/flow.js'
import type { Match } from '../../../dataplane/openflow/match.js'
import { FEATURES, type Feature } from './features.js'

/** A bridge's tables, in the order in which packets meet them. Purposes are for people (docs/pipeline). */
export type Tables = readonly (readonly [name: string, number: number, purpose: string])[]

export type TableName<T extends Tables> = T[number][0]

/** Tables behind `Name`: the only ones that a flow of `Name` can send packets to. */
type After<T extends Tables, Name> = T extends readonly [
  infer Head extends Tables[number],
  ...infer Rest extends Tables,
]
  ? Head[0] extends Name
    ? Rest[number][0]
    : After<Rest, Name>
  : never

export interface FlowSpec<T extends Tables, Name extends TableName<T>> {
  readonly table: Name
  readonly priority: number
  readonly match?: Match
  /** none: drop */
  readonly actions?: readonly Action<After<T, Name>>[]
  readonly feature: Feature
  readonly why: string
}

export interface Pipeline<T extends Tables> {
  readonly tables: T
  flow<Name extends TableName<T>>(spec: FlowSpec<T, Name>): Flow
}

/** Names a bridge's tables once. A goto that does not lead forward does not compile. */
export function pipeline<const T extends Tables>(tables: T): Pipeline<T> {
  const numbers = new Map<string, number>(tables.map(([name, number]) => [name, number]))
  const numbered = (action: Action<string>): Action =>
    'table' in action ? { ...action, table: numbers.get(action.table)! } : action
  return {
    tables,
    flow: ({ table, priority, match = {}, actions = [], feature, why }) => ({
      table: numbers.get(table)!,
      priority,
      match,
      actions: actions.map((action) => numbered(action as Action<string>)),
      cookie: cookieOf(FEATURES[feature]),
      why,
    }),
  }
}
