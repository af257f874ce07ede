import { ServiceSession } from '../../client/service-session.js'
import type { ServerConfig } from '../../config/server.js'
import { Allocations } from './allocations.js'
import { PlacementClient } from './client.js'

const TIMEOUT_MS = 10_000
/** a catalog that lacks the interface which was asked for is no reason to tell nobody */
const ANY_INTERFACE = ['public', 'internal', 'admin'] as const

/** Placement, as the user of `[placement]`. Asked over HTTP: never wait for it inside a transaction. */
export interface Placement {
  readonly providers: PlacementClient
  readonly allocations: Allocations
  /** signs in again with the next request: Placement may have moved */
  lookAgain(): void
  close(): void
}

/** Null when `[placement]` says neither where it is nor who asks. Connects when it is first needed. */
export function placementOf({ placement: user }: ServerConfig): Placement | null {
  if (!user.auth_url || !user.username) return null
  const session = new ServiceSession(user, { timeout: TIMEOUT_MS })
  const service = session.service({
    type: 'placement',
    endpoint: user.endpoint_override,
    interfaces: [user.endpoint_type, ...ANY_INTERFACE],
  })
  const lookAgain = () => session.forget()
  return {
    providers: new PlacementClient(service),
    allocations: new Allocations(service, lookAgain),
    lookAgain,
    close: () => session.close(),
  }
}
