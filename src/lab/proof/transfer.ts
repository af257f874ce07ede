import type { Cloud } from './cloud.js'
import type { Instance } from './objects.js'
import { probe, serve } from './places.js'

const PORT = '7001'

/** Sends random bytes from instance to instance over TCP; throws unless they arrive with the same SHA-256. */
export async function transfer(cloud: Cloud, from: Instance, to: Instance, bytes: number): Promise<void> {
  const stop = await serve(cloud, { instance: to.id }, 'receive', PORT)
  try {
    await probe(cloud, { instance: from.id }, 'send', to.ip, PORT, String(bytes))
  } finally {
    stop()
  }
}
