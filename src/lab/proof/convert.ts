import { settled } from '../settled.js'
import type { Cloud } from './cloud.js'
import { until } from './until.js'

/** Switches a router off or on and waits until its hosts have followed. */
export async function switchRouter(cloud: Cloud, id: string, admin_state_up: boolean): Promise<void> {
  await cloud.demo.network.put(`/v2.0/routers/${id}`, { router: { admin_state_up } })
  await settled(cloud.admin)
}

/** Makes a router distributed or legacy: off, converted, on again; until its floating IPs answer. */
export async function convertRouter(cloud: Cloud, id: string, distributed: boolean): Promise<void> {
  await switchRouter(cloud, id, false)
  await cloud.admin.network.put(`/v2.0/routers/${id}`, { router: { distributed } })
  await switchRouter(cloud, id, true)
  await until('the floating IPs to be ACTIVE again', async () => {
    const query = { router_id: id }
    const { floatingips } = await cloud.admin.network.get<{ floatingips: { status: string }[] }>(
      '/v2.0/floatingips',
      query,
    )
    return floatingips.every(({ status }) => status === 'ACTIVE')
  })
}
