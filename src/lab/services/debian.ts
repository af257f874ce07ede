import { createSession } from '../../client/session.js'
import { type Handover, startScript } from '../daemons.js'
import { openrcVariables } from '../files.js'
import { identitySeed } from '../identity-seed.js'
import type { LabState } from '../state.js'
import { DebianKeystone, keystoneIsInstalled } from './keystone.js'
import { nodePlace } from './node-place.js'
import { Cluster, postgresqlBinaries } from './postgresql.js'
import { DebianRabbitmq, rabbitmqIsInstalled } from './rabbitmq.js'
import { seedIdentity } from './seed-identity.js'

/** Throws with what to install. */
export function needDebianServices(): void {
  const missing = [
    ...(postgresqlBinaries() ? [] : ['postgresql']),
    ...(rabbitmqIsInstalled() ? [] : ['rabbitmq-server']),
    ...(keystoneIsInstalled() ? [] : ['python3-keystone']),
  ]
  if (missing.length > 0) throw new Error(`Debian packages are missing: apt-get install ${missing.join(' ')}`)
}

/**
 * Starts Debian's PostgreSQL, RabbitMQ and Keystone on the controller, and makes in Keystone what the lab needs.
 * `identity`: the identity API's socket on the machine.
 */
export async function startDebianServices(state: LabState, identity: Handover): Promise<void> {
  const place = nodePlace(state, 'controller')
  await Promise.all([
    Cluster.start(place),
    DebianRabbitmq.start(place, state.secrets.busSecret),
    startKeystone(state, identity),
  ])
}

async function startKeystone(state: LabState, identity: Handover): Promise<void> {
  const { spec, secrets } = state
  const { endpoints } = identitySeed(spec, secrets).services.find(({ type }) => type === 'identity')!
  const place = nodePlace(state, 'controller')
  const controller = spec.nodes.find(({ name }) => name === 'controller')!
  const port = spec.ports.identity
  const relay = { name: 'relay', path: 'lab/services/relay.js', args: [place.address, String(port)] }
  startScript(spec.name, controller, state.inits.controller!, relay, identity)
  // or this process would accept, and not answer, a part of its own questions
  identity.server.close()
  await DebianKeystone.start(place, port, { password: secrets.adminPassword, endpoints })
  const env = openrcVariables(spec, 'admin', secrets.adminPassword)
  const session = createSession({
    authUrl: env.OS_AUTH_URL,
    username: 'admin',
    password: secrets.adminPassword,
    projectName: 'admin',
    userDomainName: 'Default',
    projectDomainName: 'Default',
  })
  try {
    await seedIdentity(session.identity, identitySeed(spec, secrets))
  } finally {
    session.close()
  }
}
