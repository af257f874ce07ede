import { agents } from '../../store/agents.js'
import type { Core } from '../core.js'
import type { CorePart } from '../part.js'
import { resourcesOf } from './providers.js'
import { PlacementReporter } from './reporter.js'

const RETRY_MS = 15_000

export interface PlacementOptions {
  /** milliseconds between attempts to tell what Placement does not know */
  readonly retry?: number
}

/** Service plug-in `placement`: what agents say of their resources is told to Placement, again whenever they start. */
export function registerPlacement(core: Core, { retry = RETRY_MS }: PlacementOptions = {}): CorePart {
  const { placement } = core
  if (!placement) {
    core.log.warn({}, '[placement] has no auth_url or username: Placement is told nothing')
    return {}
  }
  const reporter = new PlacementReporter(core.store, placement.providers, core.log, () => placement.lookAgain())
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
      await reporter.close()
    },
  }
}
