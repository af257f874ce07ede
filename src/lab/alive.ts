import { setTimeout as delay } from 'node:timers/promises'
import { createSession, type Session } from '../client/session.js'
import { openrcVariables } from './files.js'
import { daemonsOf } from './spec.js'
import type { LabState } from './state.js'

const LONGEST_MS = 60_000
/** a busy machine starts more nodes in more time */
const LONGEST_MS_PER_NODE = 5_000
const SHORTEST_PAUSE_MS = 20
/** the first question waits for the services to start: that says nothing of what a question costs */
const LONGEST_PAUSE_MS = 100

/** A client of the lab's API, over the machine's loopback, as admin or demo. */
export function labSession(state: LabState, user: 'admin' | 'demo', project: 'admin' | 'demo' = user): Session {
  const password = user === 'admin' ? state.secrets.adminPassword : state.secrets.demoPassword
  const env = openrcVariables(state.spec, user, password)
  return createSession({
    authUrl: env.OS_AUTH_URL,
    username: env.OS_USERNAME,
    password,
    projectName: project,
    userDomainName: env.OS_USER_DOMAIN_NAME,
    projectDomainName: env.OS_PROJECT_DOMAIN_NAME,
  })
}

/** Waits until every agent of the spec reports alive and every compute service is up. */
export async function waitUntilAlive(state: LabState): Promise<void> {
  const session = labSession(state, 'admin')
  const longest = LONGEST_MS + LONGEST_MS_PER_NODE * state.spec.nodes.length
  const deadline = Date.now() + longest
  let missing = 'nothing answered yet'
  try {
    while (Date.now() < deadline) {
      const asked = performance.now()
      missing = await whatIsMissing(state, session).catch((error: Error) => error.message)
      if (missing === '') return
      // asking must not take the time from those that are starting
      await delay(Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, performance.now() - asked)))
    }
  } finally {
    session.close()
  }
  throw new Error(`not everything came alive within ${longest / 1000} s: ${missing}. Logs: the nodes' /var/log/*.log`)
}

/** '' when everything is alive, otherwise what is not, for a person. */
export async function whatIsMissing(state: LabState, session: Session): Promise<string> {
  const { agents } = await session.network.get<{ agents: { host: string; binary: string; alive: boolean }[] }>(
    '/v2.0/agents',
  )
  const alive = new Set(agents.filter((agent) => agent.alive).map(({ host, binary }) => `${binary} on ${host}`))
  const { services } = await session.compute.get<{ services: { host: string; binary: string; state: string }[] }>(
    '/os-services',
  )
  for (const { host, binary, state: is } of services) if (is === 'up') alive.add(`${binary} on ${host}`)
  return state.spec.nodes
    .filter(({ role }) => role === 'network' || role === 'compute')
    .flatMap((node) => daemonsOf(node).map((daemon) => `${daemon} on ${node.name}`))
    .filter((wanted) => !alive.has(wanted))
    .join(', ')
}
