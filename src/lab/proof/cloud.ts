import type { Session } from '../../client/session.js'
import { labSession } from '../alive.js'
import type { LabState } from '../state.js'

/** A lab with sessions of its users. */
export interface Cloud {
  readonly state: LabState
  readonly admin: Session
  readonly demo: Session
  /** the administrator at work in the project demo: for what is demo's, but only an administrator may ask for */
  readonly adminInDemo: Session
}

/** Runs `action` with a lab's cloud; its connections are closed afterwards. */
export async function withCloud<T>(state: LabState, action: (cloud: Cloud) => Promise<T>): Promise<T> {
  const admin = labSession(state, 'admin')
  const demo = labSession(state, 'demo')
  const adminInDemo = labSession(state, 'admin', 'demo')
  try {
    return await action({ state, admin, demo, adminInDemo })
  } finally {
    for (const session of [admin, demo, adminInDemo]) session.close()
  }
}

/** Networks that a proof did not make would take the external network, addresses and VLANs that it expects: throws. */
export async function refuseOthers({ admin, state }: Cloud): Promise<void> {
  const { networks } = await admin.network.get<{ networks: { name: string }[] }>('/v2.0/networks')
  if (networks.length === 0) return
  const names = networks.map(({ name }) => name).join(', ')
  throw new Error(`lab '${state.spec.name}' has networks (${names}): delete them, or use a lab of its own (--name)`)
}
