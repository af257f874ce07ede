import { openrcVariables } from './files.js'
import type { LabState } from './state.js'

/** Environment of a user of the lab, as `source admin-openrc` gives it. */
export function userEnvironment(state: LabState, user: 'admin' | 'demo'): Record<string, string> {
  const password = user === 'admin' ? state.secrets.adminPassword : state.secrets.demoPassword
  return openrcVariables(state.spec, user, password)
}
