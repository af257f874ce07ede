import type { Cloud } from './cloud.js'
import { run } from './places.js'

/** Everything that other nodes say to the controller. */
const CUT = ['INPUT', '-i', 'eth0', '-j', 'DROP']

/** Runs `action` while no agent can reach the server, nor hear of it. */
export async function withoutServer<T>(cloud: Cloud, action: () => Promise<T>): Promise<T> {
  const controllers = cloud.state.spec.nodes.filter(({ role }) => role === 'controller')
  const each = (what: '-I' | '-D') =>
    Promise.all(controllers.map(({ name }) => run(cloud, { node: name }, ['iptables', '-w', what, ...CUT])))
  await each('-I')
  try {
    return await action()
  } finally {
    await each('-D')
  }
}
