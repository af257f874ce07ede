import type { Resource } from '../service.js'
import { admin, type TestCloud } from '../testing/cloud.js'

/** An instance's port on compute1, and compute2 to move it to. */
export async function movableInstance(cloud: TestCloud): Promise<{ network: Resource; port: Resource }> {
  await cloud.ovsHost('compute1')
  await cloud.ovsHost('compute2', '10.0.1.32')
  const { network } = await cloud.network()
  const attributes = {
    device_owner: 'compute:nova',
    device_id: 'vm',
    'binding:host_id': 'compute1',
    project_id: 'demo',
  }
  return { network, port: await cloud.port(network.id, attributes, admin) }
}
