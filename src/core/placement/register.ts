import { ServiceSession } from '../../client/service-session.js'
import { agents } from '../../store/agents.js'
import type { Core } from '../core.js'
import type { CorePart } from '../part.js'
import { PlacementClient } from './client.js'
import { resourcesOf } from './providers.js'
import { PlacementReporter } from './reporter.js'

const TIMEOUT_MS = 10_000
const RETRY_MS = 15_000

export interface PlacementOptions {
  /** milliseconds between attempts to tell what Placement does not know */
  readonly retry?: number
}
/** a catalog that lacks the interface which was asked for is no reason to tell nobody */
const ANY_INTERFACE = ['public', 'internal', 'admin'] as const

/** Service plug-in `placement`: what agents say of their resources is told to Placement, again whenever they start. */
export function registerPlacement(core: Core, { retry = RETRY_MS }: PlacementOptions = {}): CorePart {
  const user = core.config.placement
  if (!user.auth_url || !user.username) {
    core.log.warn({}, '[placement] has no auth_url or username: Placement is told nothing')
    return {}
  }
  const session = new ServiceSession(user, { timeout: TIMEOUT_MS })
  const service = session.service({
    type: 'placement',
    endpoint: user.endpoint_override,
    interfaces: [user.endpoint_type, ...ANY_INTERFACE],
  })
  const reporter = new PlacementReporter(core.store, new PlacementClient(service), core.log, () => session.forget())
  core.hooks.on('host.reported', async ({ tx, agent }) => {
    if (agent.agentType !== 'Open vSwitch agent') return
    const resourcesSynced = resourcesOf(agent) ? 0 : null
    await agents.update(tx.db, { id: agent.id }, { resourcesSynced })
    if (resourcesSynced === 0) tx.afterCommit(() => void reporter.run())
  })
  const timer = setInterval(() => void reporter.run(), retry)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      session.close()
      await reporter.close()
    },
  }
}
