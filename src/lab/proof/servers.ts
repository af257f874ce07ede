import type { Cloud } from './cloud.js'
import { expect } from './expect.js'
import type { Json } from './objects.js'
import { until } from './until.js'

interface Server {
  readonly status: string
  readonly host: string | null
}

export async function serverOf({ admin }: Cloud, id: string): Promise<Server> {
  const { server } = await admin.compute.get<{ server: Json }>(`/servers/${id}`)
  return { status: String(server.status), host: server['OS-EXT-SRV-ATTR:host'] as string | null }
}

/** Waits until an instance has a status, and is on `host`. */
export async function serverStatus(cloud: Cloud, id: string, status: string, host?: string): Promise<void> {
  await until(`instance ${id} to be ${status}${host ? ` on ${host}` : ''}`, async () => {
    const now = await serverOf(cloud, id)
    expect(now.status !== 'ERROR', `instance ${id} is in ERROR`)
    return now.status === status && (host === undefined || now.host === host)
  })
}
